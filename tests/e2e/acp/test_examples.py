"""The SDK's own example agents behind OptaFly, asked by the SDK's own client."""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.e2e.acp.panel import PLAIN, Panel, environment, panel
from tests.e2e.acp.test_asking import CLEAR, PROMPT, properties

EXAMPLES = Path(__file__).parent / "examples" / version("agent-client-protocol")


def agent(name: str) -> tuple[str, ...]:
    file = EXAMPLES / name
    assert file.is_file(), "the SDK's examples are missing: run `make agents`"
    return sys.executable, str(file)


@pytest.mark.parametrize("name", ["agent.py", "echo_agent.py"])
async def test_an_example_gets_what_was_approved(home: Path, folder: Path, name: str) -> None:
    async with panel(environment(home), *agent(name)) as shown:
        session = await shown.begin(folder)
        assert await shown.ask(session, PROMPT) == "end_turn"
        refined = prompt_of(shown)
        assert "def split_evenly" in refined
        # It says what it was asked; before that, OptaFly showed the refined prompt itself.
        assert shown.said().rstrip().endswith(refined.rstrip())

        shown.submit = lambda _: "decline"
        assert await shown.ask(session, "/refine " + PROMPT) == "end_turn"
        assert shown.said().endswith(PROMPT)

        asked, before = len(shown.forms), len(shown.said())
        assert await shown.ask(session, CLEAR) == "end_turn"
        assert shown.said()[before:].endswith(CLEAR)
        assert len(shown.forms) == asked


async def test_an_example_is_asked_by_a_panel_without_forms(home: Path, folder: Path) -> None:
    async with panel(environment(home), *agent("agent.py"), capabilities=PLAIN) as shown:
        session = await shown.begin(folder)
        shown.choose = "Use Original"
        assert await shown.ask(session, PROMPT) == "end_turn"
        assert shown.permissions == [["Accept & Send", "Use Original", "Cancel"]]
        assert shown.said().endswith(f"Client sent:{PROMPT}")
        shown.choose = "Cancel"
        before = shown.said().count("Client sent:")
        assert await shown.ask(session, "/refine " + PROMPT) == "cancelled"
        assert shown.said().count("Client sent:") == before


def prompt_of(shown: Panel) -> str:
    """What the form offered to send."""
    default = properties(shown)["prompt"].default
    assert default is not None
    return default
