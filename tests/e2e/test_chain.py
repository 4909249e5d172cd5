"""The whole chain in each front-end: refined, accepted, sent, answered; given again, and not where it must not be."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import anthropic
import pexpect
import pytest

from tests.e2e.chain import BOUND_S, Chain, Count, running_chain
from tests.e2e.conftest import COMMAND
from tests.e2e.core.conftest import status_of, until
from tests.e2e.lsp.conftest import NO_MODEL, core_is_there, write_project
from tests.e2e.lsp.played import PlayedEditor

# Each pair is taken for the same by the router, the guard and the verifier as they are.
IN_TERMINAL = ("Explain this function", "Explain what this function does")
IN_EDITOR = ("explain split_evenly", "explain what split_evenly does")
TO_PROXY = ("Explain the function split_evenly", "Explain what the function split_evenly does")
CHANGE = ("people < 1", "people <= 0")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with running_chain(tmp_path_factory.mktemp("chain") / "home") as chain:
        yield chain


@pytest.fixture
def chain(running: Chain) -> Chain:
    """The same with nothing kept."""
    running.optafly("cache", "clear", "--yes")
    assert running.kept() == []
    return running


class Terminal:
    """A person at ``optafly ask`` who accepts the refined prompt."""

    def __init__(self, chain: Chain, workspace: Path) -> None:
        self._chain = chain
        self._workspace = workspace

    def ask(self, prompt: str, *more: str) -> str:
        """All that was shown after the refined prompt was accepted, and sent; without the terminal's colours."""
        options = ["--workspace", str(self._workspace), "--file", "shop/bill.py", "--selection", "6:1-11:28", *more]
        child = pexpect.spawn(
            COMMAND[0], [*COMMAND[1:], "ask", prompt, *options], env=self._chain.environment, encoding="utf-8",
            timeout=BOUND_S, dimensions=(60, 400),
        )  # fmt: skip
        try:
            child.delaybeforesend = None
            sent = self._chain.sent
            child.expect(r"\[q\]uit")
            assert "split_evenly" in child.before
            assert self._chain.sent == sent  # nothing goes out before it is accepted
            assert child.waitnoecho(BOUND_S)
            child.send("a")
            child.expect(pexpect.EOF)
            child.close()
            assert child.exitstatus == 0, child.before
            return ESCAPES.sub("", str(child.before)).replace("\r\n", "\n")
        finally:
            child.close(force=True)


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


@pytest.mark.model
def test_in_a_terminal(chain: Chain, shop: Path) -> None:
    count, terminal, bill = Count(chain), Terminal(chain, shop), shop / "shop" / "bill.py"
    sent = chain.sent

    shown = terminal.ask(IN_TERMINAL[0])
    first = chain.last_answer
    assert first in shown
    assert "def split_evenly" in str(chain.standin.requests[-1].json["messages"])
    assert re.search(r"^cache +miss", shown, re.MULTILINE)
    assert re.search(r"^kept +yes$", shown, re.MULTILINE)
    assert chain.sent == sent + 1
    count.until(miss=1)
    (entry,) = chain.until_kept(1)
    assert entry["model"] == "claude-sonnet-5-5"
    assert first in chain.optafly("cache", "show", entry["id"])

    reworded = terminal.ask(IN_TERMINAL[1])
    assert first in reworded
    assert re.search(r"^cache +semantic hit, similarity [01]\.\d\d: ", reworded, re.MULTILINE)
    assert re.search(r"^Cache saved \d+\.\d s and \$0\.\d+$", reworded, re.MULTILINE)
    assert chain.sent == sent + 1
    figures = count.until(miss=1, hit_semantic=1)
    assert count.more(figures, lambda found: found["savings"]["hits_ms"]) > 0
    assert count.more(figures, lambda found: found["savings"]["hits"]["usd"]) > 0
    assert count.more(figures, lambda found: found["savings"]["hits"]["priced"]) == 1
    assert count.more(figures, lambda found: found["hit_rate"]["refined"]["count"]) == 1
    assert count.more(figures, lambda found: found["hit_rate"]["refined"]["of"]) == 2
    assert count.more(figures, lambda found: found["approvals"]["decisions"]["accepted"]) == 2
    assert figures["latency"]["hit-semantic"]["total_ms"]["p50"] > 0

    change(bill, *CHANGE)
    changed = terminal.ask(IN_TERMINAL[1])
    assert re.search(r"^cache +miss", changed, re.MULTILINE)
    assert first not in changed
    assert chain.last_answer in changed
    assert chain.sent == sent + 2
    chain.until_kept(2)
    change(bill, *reversed(CHANGE))
    assert first in terminal.ask(IN_TERMINAL[0])
    assert chain.sent == sent + 2

    past = terminal.ask(IN_TERMINAL[0], "--no-cache")
    assert re.search(r"^cache +bypass", past, re.MULTILINE)
    assert "Cache saved" not in past
    assert chain.sent == sent + 3
    assert len(chain.kept()) == 2

    chain.optafly("cache", "forget", entry["id"])
    forgotten = terminal.ask(IN_TERMINAL[1])
    assert re.search(r"^cache +miss", forgotten, re.MULTILINE)
    assert chain.sent == sent + 4
    chain.until_kept(2)
    assert chain.optafly("cache", "clear", "--yes") == "2 answers forgotten\n"
    assert re.search(r"^cache +miss", terminal.ask(IN_TERMINAL[1]), re.MULTILINE)
    assert chain.sent == sent + 5
    count.until(miss=4, hit_semantic=1, hit_exact=1, bypass=1)


class Editor:
    """A person in an editor who accepts and sends."""

    def __init__(self, chain: Chain, played: PlayedEditor) -> None:
        self._chain = chain
        self._played = played
        self._documents = 0

    async def ask(self, prompt: str, *, said: str) -> str:
        """The document of the answer once this was said."""
        self._documents += 1
        held = self._played.make(f"ask{self._documents}.md", "markdown", f"# Plan\n\n{prompt}\n")
        self._played.client.messages.clear()
        sent = self._chain.sent
        await self._played.act(held, 12)
        question = await self._played.question()
        assert self._chain.sent == sent
        question.answer("Accept & Send")
        await self._played.said(said)
        document = Path(self._played.shown[-1].removeprefix("file://"))
        return await asyncio.to_thread(document.read_text, "utf-8")


async def test_in_an_editor(chain: Chain, tmp_path: Path) -> None:
    folder = write_project(tmp_path / "project")
    played = await PlayedEditor.start(chain.home, (folder,), environ=NO_MODEL)
    try:
        code = played.open(folder / "shop" / "bill.py", "python")
        await core_is_there(played)
        editor, sent = Editor(chain, played), chain.sent
        count = await asyncio.to_thread(Count, chain)

        first = await editor.ask(IN_EDITOR[0], said="Answered")
        answer = chain.last_answer
        assert answer in first
        assert "def split_evenly" in str(chain.standin.requests[-1].json["messages"])
        assert "| cache | miss" in first
        (entry,) = await asyncio.to_thread(chain.until_kept, 1)

        reworded = await editor.ask(IN_EDITOR[1], said="Cache saved")
        assert answer in reworded
        assert "| cache | semantic hit, similarity " in reworded
        assert re.search(r"^\| saved \| Cache saved \d+\.\d s and \$0\.\d+ \|$", reworded, re.MULTILINE)
        assert chain.sent == sent + 1
        figures = await asyncio.to_thread(count.until, miss=1, hit_semantic=1)
        assert count.more(figures, lambda found: found["savings"]["hits_ms"]) > 0
        assert count.more(figures, lambda found: found["savings"]["hits"]["usd"]) > 0

        # Unsaved text counts as if it was saved.
        start = code.text.index("total / people")
        played.change(code, start, start + len("total / people"), "total // people")
        changed = await editor.ask(IN_EDITOR[1], said="Answered")
        assert "| cache | miss" in changed
        assert answer not in changed
        assert chain.last_answer in changed
        assert "total // people" in str(chain.standin.requests[-1].json["messages"])
        assert chain.sent == sent + 2
        await asyncio.to_thread(chain.until_kept, 2)
        played.undo(code)
        assert answer in await editor.ask(IN_EDITOR[0], said="Cache saved")

        await asyncio.to_thread(chain.optafly, "cache", "forget", entry["id"])
        forgotten = await editor.ask(IN_EDITOR[1], said="Answered")
        assert "| cache | miss" in forgotten
        assert chain.sent == sent + 3
        await asyncio.to_thread(count.until, miss=3, hit_semantic=1, hit_exact=1)
    finally:
        await played.stop()


class Client:
    """A program that asks the proxy about a file with Anthropic's own SDK."""

    def __init__(self, chain: Chain, client: anthropic.Anthropic, file: Path) -> None:
        self._chain = chain
        self._client = client
        self._file = file

    def unhurried(self, question: str) -> tuple[str, dict[str, str]]:
        """As `ask`; on a machine that does much else, where requests are let through unseen, anew until it is seen."""
        for _ in range(5):
            kept = {entry["id"] for entry in self._chain.kept()}
            answer, own = self.ask(question)
            if "too slow" not in own["reason"]:
                break
            for entry in self._chain.until_kept(len(kept) + 1):
                if entry["id"] not in kept:
                    self._chain.optafly("cache", "forget", entry["id"])
        return answer, own

    def ask(self, question: str, **headers: str) -> tuple[str, dict[str, str]]:
        """The answer, and what the proxy says of it (without the beginning of its headers)."""
        text = f"{question}\n\n```python\n{self._file.read_text('utf-8')}```\n"
        reply = self._client.messages.with_raw_response.create(
            model="claude-opus-5-5", max_tokens=500, messages=[{"role": "user", "content": text}],
            extra_headers={name.replace("_", "-"): value for name, value in headers.items()},
        )  # fmt: skip
        own = {name[10:]: value for name, value in reply.headers.items() if name.startswith("x-optafly-")}
        (block,) = reply.parse().content
        assert block.type == "text"
        return block.text, own


def test_through_the_proxy(chain: Chain, shop: Path) -> None:
    count, sent, bill = Count(chain), chain.sent, shop / "shop" / "bill.py"
    token = chain.optafly("proxy", "token").strip()
    port = until(lambda: status_of(chain.core).proxy.port, "the proxy listens")
    with anthropic.Anthropic(base_url=f"http://127.0.0.1:{port}", api_key=token, max_retries=0) as sdk:
        client = Client(chain, sdk, bill)
        answer, own = client.unhurried(TO_PROXY[0])
        assert answer == chain.last_answer
        assert (own["cache"], "tier" in own) == ("miss", False)
        (entry,) = chain.until_kept(1)

        reworded, own = client.unhurried(TO_PROXY[1])
        assert (reworded, own["cache"], own["tier"]) == (answer, "hit", "semantic")
        assert 0 < float(own["similarity"]) <= 1
        assert int(own["saved-ms"]) > 0
        assert "verifier" in own["reason"]
        slow = chain.sent - sent - 1
        figures = count.until(miss=1 + slow, hit_semantic=1)
        assert count.more(figures, lambda found: found["savings"]["hits_ms"]) > 0
        assert count.more(figures, lambda found: found["savings"]["hits"]["usd"]) > 0
        assert count.more(figures, lambda found: found["hit_rate"]["total"]["count"]) == 1
        sent = chain.sent

        change(bill, *CHANGE)
        changed, own = client.ask(TO_PROXY[1])
        assert (changed, own["cache"]) == (chain.last_answer, "miss")
        assert changed != answer
        chain.until_kept(2)
        change(bill, *reversed(CHANGE))
        again, own = client.ask(TO_PROXY[0])
        assert (again, own["cache"], own["tier"]) == (answer, "hit", "exact")
        assert chain.sent == sent + 1

        _, own = client.ask(TO_PROXY[0], x_optafly_bypass="1")
        assert (own["cache"], chain.sent, len(chain.kept())) == ("bypass", sent + 2, 2)

        chain.optafly("cache", "forget", entry["id"])
        _, own = client.ask(TO_PROXY[1])
        assert (own["cache"], chain.sent) == ("miss", sent + 3)
        chain.until_kept(2)
        chain.optafly("cache", "clear", "--yes")
        _, own = client.ask(TO_PROXY[1])
        assert (own["cache"], chain.sent) == ("miss", sent + 4)
    count.until(miss=4 + slow, hit_semantic=1, hit_exact=1, bypass=1)
