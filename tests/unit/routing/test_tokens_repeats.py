"""Pasted errors: repetitions are counted, frames of libraries listed."""

import pytest

from optafly.routing.tokens import optimise
from tests.unit.routing.made_prompts import code, pasted, prompt

LIBRARY = "/srv/app/.venv/lib/python3.12/site-packages"


def shown(error: str, *pieces: object) -> str:
    """The pasted error as it is quoted after the optimisation."""
    text = optimise(prompt([pasted(error)], "Why does this happen?")).text
    return text.partition("```\n")[2].partition("\n```")[0]


def frame(path: str, line: int, function: str) -> str:
    return f'  File "{path}", line {line}, in {function}\n    return await self.{function}(scope, receive, send_{line})'


def traceback(*frames: str, message: str = "KeyError: 'coffee'") -> str:
    return "\n".join(("Traceback (most recent call last):", *frames, message))


def test_frames_of_libraries_are_listed_in_one_line() -> None:
    error = traceback(
        frame("/srv/app/web.py", 3, "serve"),
        frame(f"{LIBRARY}/starlette/routing.py", 62, "app"),
        frame(f"{LIBRARY}/starlette/routing.py", 289, "handle"),
        frame("/usr/lib/python3.12/asyncio/runners.py", 190, "run"),
        frame("/srv/app/orders.py", 9, "price_of"),
    )
    assert shown(error).split("\n") == [
        "Traceback (most recent call last):",
        *frame("/srv/app/web.py", 3, "serve").split("\n"),
        "  … 3 library frames: starlette/routing.py:62 app, :289 handle, asyncio/runners.py:190 run",
        *frame("/srv/app/orders.py", 9, "price_of").split("\n"),
        "KeyError: 'coffee'",
    ]


def test_the_frame_that_raised_stays() -> None:
    last = frame(f"{LIBRARY}/httpx/_client.py", 5, "send")
    error = traceback(*(frame(f"{LIBRARY}/httpx/_client.py", line, "get") for line in (1, 2, 3)), last)
    assert last in shown(error)
    assert "… 3 library frames: httpx/_client.py:1 get, :2 get, :3 get\n" in shown(error)


def test_a_frame_that_holds_a_name_stays() -> None:
    named = frame(f"{LIBRARY}/starlette/routing.py", 62, "handle_it")
    around = [frame(f"{LIBRARY}/starlette/routing.py", line, "app") for line in (1, 2)]
    error = traceback(*around, named, *around, frame("/srv/app/orders.py", 9, "price_of"))
    made = prompt([pasted(error)], "Why is `handle_it` called?")
    assert named in optimise(made).text


def test_frames_in_quoted_files_stay() -> None:
    frames = [frame(f"{LIBRARY}/shop/bill.py", line, "app") for line in (1, 2, 3)]
    error = traceback(*frames, frame("/srv/app/orders.py", 9, "price_of"))
    made = prompt([pasted(error), code("shop/bill.py", "one = 1\ntwo = 2\n")], "Why does this happen?")
    assert optimise(made).text == made


def test_frames_of_node_are_listed_too() -> None:
    error = (
        "TypeError: x is undefined\n"
        "    at Layer.handle (/srv/app/node_modules/express/lib/router/layer.js:95:5)\n"
        "    at next (/srv/app/node_modules/express/lib/router/route.js:149:13)\n"
        "    at Route.dispatch (/srv/app/node_modules/express/lib/router/route.js:119:3)\n"
        "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n"
        "    at main (/srv/app/src/main.js:3:1)"
    )
    assert shown(error).split("\n") == [
        "TypeError: x is undefined",
        "    at Layer.handle (/srv/app/node_modules/express/lib/router/layer.js:95:5)",
        "    … 3 library frames: express/lib/router/route.js:149:13 next, :119:3 Route.dispatch, "
        "node:internal/process/task_queues:95:5 process.processTicksAndRejections",
        "    at main (/srv/app/src/main.js:3:1)",
    ]


def test_frames_of_the_project_stay() -> None:
    error = traceback(*(frame(f"/srv/app/part{line}.py", line, "app") for line in range(20)))
    assert shown(error) == error


def test_a_line_that_is_repeated_is_counted() -> None:
    error = "\n".join([*["WARN retrying the connection to db-1"] * 41, traceback(frame("/srv/a.py", 3, "go"))])
    assert shown(error).split("\n")[:3] == [
        "WARN retrying the connection to db-1",
        "… the line above, 41 times in all",
        "Traceback (most recent call last):",
    ]


def test_lines_that_are_repeated_together_are_counted() -> None:
    two = [frame("/srv/a.py", 3, "go"), frame("/srv/a.py", 7, "back")]
    error = traceback(*two * 12, message="RecursionError: maximum recursion depth exceeded")
    assert shown(error).split("\n") == [
        "Traceback (most recent call last):",
        *"\n".join(two).split("\n"),
        "… the 4 lines above, 12 times in all",
        "RecursionError: maximum recursion depth exceeded",
    ]


@pytest.mark.parametrize("other", ["retry {} of the connection to db-1", "2026-11-22 10:00:{} retrying db-1"])
def test_lines_that_differ_in_a_number_stay(other: str) -> None:
    error = traceback(*(other.format(number) for number in range(10, 40)))
    assert shown(error) == error


def test_lines_that_are_repeated_in_code_stay() -> None:
    made = prompt([code("bill.py", "\n".join(["    step_of_the_bill(1, 2, 3)"] * 40))], "Explain bill.py.")
    assert optimise(made).text == made


def test_what_is_repeated_in_the_request_stays() -> None:
    log = "\n".join(["WARN retrying the connection to db-1"] * 41)
    made = prompt([code("bill.py", "one = 1")], f"Why does it retry?\n{log}")
    assert optimise(made).text == made
