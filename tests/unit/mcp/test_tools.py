"""The tools: what they give, and what they refuse."""

from typing import Any

import jsonschema
import msgspec
import pytest

from optafly.errors import InputError
from optafly.mcp.ports import Kept, Shown
from optafly.mcp.tools import Done, Tools, schema_of
from optafly.protocol import Buffer, Diagnostic, Hunk, Position, Range, Selection
from tests.unit.mcp.played import ASKED, REFINED, SECRET, PlayedEngine, unheard

HERE = "/home/me/shop"
ARGUMENTS: dict[str, dict[str, Any]] = {
    "refine_prompt": {"request": ASKED},
    "prompt_context": {},
    "cache_lookup": {"request": ASKED},
    "prompt_stats": {},
}


async def use(engine: PlayedEngine, name: str, **arguments: Any) -> Done:
    return await Tools(engine).call(name, arguments, (HERE,), unheard)


def data_of(done: Done) -> Any:
    """As it is written."""
    return msgspec.json.decode(msgspec.json.encode(done.data))


@pytest.mark.parametrize("name", ARGUMENTS)
async def test_what_it_gives_fits_its_schema(engine: PlayedEngine, name: str) -> None:
    tool = Tools(engine).all[name]
    jsonschema.validate(ARGUMENTS[name], schema_of(tool.takes))
    done = await use(engine, name, **ARGUMENTS[name])
    jsonschema.validate(data_of(done), schema_of(tool.gives))
    assert 0 < len(done.text) < 1000


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("refine_prompt", {}),
        ("refine_prompt", {"request": 1}),
        ("refine_prompt", {"request": ""}),
        ("refine_prompt", {"request": ASKED, "approve": True}),
        ("prompt_stats", {"days": 0}),
        ("prompt_stats", {"days": "7"}),
        ("prompt_context", {"workspace": "/etc"}),
        ("rm", {}),
    ],
)
async def test_wrong_arguments_are_said(engine: PlayedEngine, name: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        await use(engine, name, **arguments)
    assert not engine.asked


async def test_a_refinement_comes_with_its_changes_and_is_not_what_the_person_asked(engine: PlayedEngine) -> None:
    done = await use(engine, "refine_prompt", request=ASKED)
    data = data_of(done)
    assert data["refined"] == REFINED
    assert data["changes"] == ["place named in the task (app.py:1, about 7 tokens)"]
    assert done.text.startswith(REFINED)
    assert engine.by_agent == [True]
    assert not engine.notes


async def test_a_clear_request_comes_back_without_its_secrets(engine: PlayedEngine) -> None:
    asked = engine.refined = f"Explain {SECRET}."
    done = await use(engine, "refine_prompt", request=asked)
    assert SECRET not in done.text + str(done.data)


async def test_what_the_editor_shows_is_told_in_a_few_lines(engine: PlayedEngine) -> None:
    at = Range(Position(3, 0), Position(3, 1))
    engine.editors[HERE] = Shown(
        HERE, "app.py", Selection(4, 1, 4, 9), (Diagnostic("app.py", at, "unused\nname"),),
        (Buffer("notes.md", "unsaved words"),), (Hunk("app.py", 1, 1, (1,), "@@"), Hunk("app.py", 9, 9, (9,), "@@")),
    )  # fmt: skip
    done = await use(engine, "prompt_context")
    assert done.text.splitlines() == [
        f"Workspace {HERE}",
        "Active file: app.py",
        "Selection: 4:1 to 4:9",
        "Diagnostics: 1",
        "- app.py:4: unused name",
        "Unsaved files: notes.md",
        "Edited lately: app.py",
    ]
    assert "<context>" in (await use(engine, "prompt_context", request=ASKED)).text


async def test_a_kept_answer_is_given_with_its_reason(engine: PlayedEngine) -> None:
    engine.kept = Kept("semantic", "asks for the same", "Use sorted().", "claude", 0.93)
    done = await use(engine, "cache_lookup", request=f"sort {SECRET}")
    assert done.text == "asks for the same\n\nUse sorted()."
    assert data_of(done)["hit"] is True
    assert engine.looked_up == [("sort [secret]", HERE, None)]
