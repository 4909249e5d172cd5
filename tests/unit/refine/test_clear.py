"""Which drafts are left alone."""

import msgspec
import pytest

from optafly.refine.clear import is_clear, needs_names
from optafly.refine.draft import read_draft
from tests.unit.refine.fakes import TRACEBACK


class Facts(msgspec.Struct, frozen=True):
    """What the workspace and the editor have for a draft."""

    paths: int = 0
    symbols: int = 0
    tied: bool = False
    selected: bool = False


NOTHING = Facts()
PATH = Facts(paths=1)
PATH_AND_NAME = Facts(paths=1, symbols=1)
NAME = Facts(symbols=1)
SELECTED = Facts(selected=True)

CLEAR: list[tuple[str, Facts]] = [
    (
        "In `parse_duration` (src/time.rs) accept `1h30m` as well as `90m`; keep the error type; add cases to "
        "tests/time.rs.",
        Facts(paths=2, symbols=1),
    ),
    (
        "Rename `Cart.total` to `Cart.gross_total` in shop/cart.py and update its three callers; behaviour stays the "
        "same, pytest passes.",
        PATH_AND_NAME,
    ),
    (
        "In src/api/client.ts make `fetchUser` retry twice on a 503, with 200 ms between attempts, and reject with the "
        "last error.",
        PATH_AND_NAME,
    ),
    (
        "Add an optional `timeout` argument (seconds, default 30) to `Client.get` in http/client.py and pass it to the "
        "socket. Add a test.",
        PATH_AND_NAME,
    ),
    (
        "In cmd/serve/main.go read the port from the PORT environment variable, fall back to 8080 when it is empty, "
        "and exit with status 2 when it is not a number.",
        PATH,
    ),
    (
        "`slugify` in utils/text.py should return an empty string for None instead of raising; add a case to "
        "tests/test_text.py.",
        Facts(paths=2, symbols=1),
    ),
    (
        "Change `Ledger.settle` so that it returns the number of entries it closed instead of nothing, and cover it "
        "with a test in the ledger module.",
        NAME,
    ),
    (
        "In lib/queue.c free the node in `queue_pop` before returning, so that valgrind reports no leak; no change to "
        "the header.",
        PATH_AND_NAME,
    ),
    (
        "Move `format_date` from app/views.py to app/dates.py, keep a re-export in app/views.py, and leave all imports "
        "elsewhere unchanged.",
        Facts(paths=2, symbols=1),
    ),
    (
        "Docs only: describe in README.md how to run the tests with `make test` and which Python versions must be "
        "installed.",
        PATH,
    ),
    (
        "src/components/Button.tsx: `onClick` must not fire while `disabled` is true; add a test in "
        "src/components/Button.test.tsx.",
        Facts(paths=2, symbols=1),
    ),
    (
        "In `OrderService.cancel` (src/main/java/shop/OrderService.java) throw IllegalStateException when the order is "
        "already shipped, and keep the log line.",
        PATH_AND_NAME,
    ),
    (
        "Make config/settings.py read DATABASE_URL from the environment and raise a clear error when it is missing; "
        "tests must stay green.",
        PATH,
    ),
    (
        "In src/retry.ts, `backoff(attempt)` should cap the delay at 30 seconds instead of growing without end; add a "
        "test for attempt 20.",
        Facts(paths=1, symbols=1, selected=True),
    ),
    ("What is the difference between a mutex and a semaphore?", NOTHING),
    ("How do I reverse a linked list in C without extra memory?", NOTHING),
    ("Which HTTP status code fits a request that failed validation?", NOTHING),
    ("Why does Python use reference counting and a cycle collector together?", NOTHING),
    ("What does the `async` keyword do in Rust?", NOTHING),
    ("Is a hash map or a sorted vector better for 20 entries?", NOTHING),
    ("When should one prefer composition over inheritance?", NOTHING),
    ("Why does the JVM need so much memory at start?", NOTHING),
    ("Wie funktioniert der Garbage Collector von Go?", NOTHING),
    ("¿Cuál es la diferencia entre una lista y una tupla en Python?", NOTHING),
    ("Comment fonctionne le ramasse-miettes de Java ?", NOTHING),
    ("What is the difference between a mutex and a semaphore?", SELECTED),
    ("Write a bash one-liner that prints the ten largest files below the current directory.", NOTHING),
    ("Write a Python function that merges two sorted lists into one sorted list without using sorted().", NOTHING),
    ("Give me a regular expression that matches an ISO date like 2024-02-29 and nothing longer.", NOTHING),
    ("Generate a SQL query that returns the three most recent orders per customer in PostgreSQL.", NOTHING),
    ("thanks", NOTHING),
    ("ok thank you", NOTHING),
    ("yes please", SELECTED),
    ("looks good", NOTHING),
    ("go ahead", NOTHING),
    ("<context>\na.py:1-2\n</context>\n<task>Fix the KeyError in `f` (a.py:1).</task>", NOTHING),
    ("<task>Write tests for `parse_date` (dates.py:4).</task>", Facts(paths=1, symbols=1, selected=True)),
    (f"<context>\nPasted with the request:\n```\n{TRACEBACK}\n```\n</context>\n<task>Fix it.</task>", PATH),
    (
        "## Goal\nThe importer must skip rows whose id was imported before, and count them.\n\n## Limits\nNo new "
        "dependency; the file format stays as it is.\n\n## Done when\nA second run over the same file imports nothing, "
        "reports the number of skipped rows and exits with 0.",
        NOTHING,
    ),
    (
        "Context:\nWe run nightly imports with a cron job and mail the log to the team.\n\nTask:\nMake the importer "
        "write one line per hour with the number of rows read so far, to standard error, and nothing else.\n\nDone:\n"
        "A run over an hour prints at least one such line.",
        NOTHING,
    ),
]

NOT_CLEAR: list[tuple[str, Facts]] = [
    ("fix this", SELECTED),
    ("fix this", NOTHING),
    ("Fix this bug", SELECTED),
    ("make it faster", NOTHING),
    ("tests pls", NOTHING),
    ("why is this slow?", SELECTED),
    ("what does this do?", SELECTED),
    ("what does this function do and why is it here?", SELECTED),
    ("explain parse_duration", NAME),
    ("explain `parse_duration` to me please", NAME),
    ("parse_duration is broken", NAME),
    ("what calls `close_invoice`?", NAME),
    ("do the thing in `Foo.bar`", NAME),
    ("refactor src/app.py", PATH),
    ("clean up src/app.py please, it is a mess", PATH),
    ("add tests for src/app.py", PATH),
    ("can you look at utils.py and tell me what's wrong", PATH),
    ("make the parser in src/parse.py a bit nicer please, thanks a lot, you are the best", PATH),
    ("src/app.py", PATH),
    ("`src/app.py`", PATH),
    ("the retry test is flaky, make it stable", NOTHING),
    ("the login page crashes when the password is empty, please fix", NOTHING),
    ("users complain that the export takes forever, can you speed it up", NOTHING),
    ("add caching to the user lookup so that we don't hit the database each time", NOTHING),
    ("our billing is off by a cent sometimes, find out why", NOTHING),
    ("why does our importer skip the last line?", NOTHING),
    ("why does the importer skip rows with umlauts?", NOTHING),
    ("where is the retry limit set?", NOTHING),
    ("when does the session expire?", NOTHING),
    ("how does the cache in this project get invalidated?", NOTHING),
    ("where in the code do we load the config", NOTHING),
    ("is the code that parses dates tested anywhere in this repo?", NOTHING),
    ("how do i run the tests?", NOTHING),
    ("rename this to something better", SELECTED),
    ("make this async", SELECTED),
    ("handle the error case here", SELECTED),
    ("it doesn't work", NOTHING),
    ("still broken", NOTHING),
    ("same problem again", NOTHING),
    ("undo the last change", NOTHING),
    ("my last change broke the build", NOTHING),
    ("review my changes", NOTHING),
    ("TypeError: cannot read properties of undefined", NOTHING),
    (TRACEBACK, PATH),
    (
        f"Fix:\n{TRACEBACK}\nIt should return an empty list instead of raising, and tests must pass, keep the "
        "signature as it is please.",
        PATH_AND_NAME,
    ),
    (
        "In `get` make the lookup case-insensitive, return None when nothing is found, and add a test for it that "
        "passes.",
        Facts(symbols=1, tied=True),
    ),
    (
        "In src/time.rs make this accept `1h30m` as well as `90m` and keep the error type; add a test.",
        Facts(paths=1, symbols=1, selected=True),
    ),
    ("これを直して", SELECTED),
    ("このコードを説明して", NOTHING),
    ("修复这个bug", NOTHING),
    ("arregla esto por favor", NOTHING),
    ("corrige ce bug", NOTHING),
    ("behebe den Fehler hier", SELECTED),
    ("add a button", NOTHING),
    ("write tests for the parser", NOTHING),
    ("write a test for the invoice total with a negative amount", NOTHING),
    ("write a function that loads the users and caches them for an hour", NOTHING),
    ("create a new endpoint", NOTHING),
    ("why does <task> not get closed in the template, fix it", NOTHING),
    ("the parser chokes on <task>x</task> in the middle of a line", NOTHING),
    ("?", NOTHING),
    ("hmm", NOTHING),
]


def clear(draft: str, facts: Facts) -> bool:
    return is_clear(
        read_draft(draft),
        named_paths=facts.paths,
        named_symbols=facts.symbols,
        tied=facts.tied,
        selected=facts.selected,
    )


@pytest.mark.parametrize(("draft", "facts"), CLEAR, ids=[draft[:60] for draft, _ in CLEAR])
def test_clear(draft: str, facts: Facts) -> None:
    assert clear(draft, facts)


@pytest.mark.parametrize(("draft", "facts"), NOT_CLEAR, ids=[draft[:60] for draft, _ in NOT_CLEAR])
def test_not_clear(draft: str, facts: Facts) -> None:
    assert not clear(draft, facts)


@pytest.mark.parametrize(
    ("draft", "facts"),
    [(draft, facts) for draft, facts in CLEAR if facts.paths or facts.symbols],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_names_nothing_that_exists_is_not_clear_for_its_names(draft: str, facts: Facts) -> None:
    assert not clear(draft, NOTHING) or draft.startswith("<")


@pytest.mark.parametrize(("draft", "facts"), [*CLEAR, *NOT_CLEAR], ids=lambda value: str(value)[:40])
def test_names_are_looked_up_only_where_they_decide(draft: str, facts: Facts) -> None:
    read = read_draft(draft)
    if not needs_names(read, selected=facts.selected) and not read.mentions.names and not read.mentions.paths:
        return
    if not needs_names(read, selected=facts.selected):
        assert clear(draft, facts) == clear(draft, msgspec.structs.replace(facts, paths=0, symbols=0))


def test_short_drafts_are_judged_without_looking_names_up() -> None:
    assert not needs_names(read_draft("explain `parse_duration`"), selected=False)
    assert not needs_names(read_draft("fix src/app.py"), selected=False)
    assert needs_names(read_draft(CLEAR[0][0]), selected=False)
