"""No key and no token is written or printed, but where it is kept by design, whatever is done and goes wrong."""

import contextlib
import http.client
import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from optafly.core.discovery import read_discovery
from optafly.paths import resolve_paths
from tests.e2e.conftest import COMMAND
from tests.e2e.core.conftest import clean_environment, no_core_left, status_of, until
from tests.e2e.grep import KEYS, leaked, written
from tests.e2e.lsp.conftest import NO_MODEL, core_is_there
from tests.e2e.lsp.played import PlayedEditor
from tests.standin import Answer, Break, Failure, Recorded, Standin, running_standin
from tests.unit.proxy.played import ask, body

BOUND_S = 120
NEVER_SENT = {"in the configuration"}
# Where the work leaves something, and a word of it.
WRITTEN = {
    "cache/**/*": b"walruses",
    "data/stats.sqlite3*": b"hit-exact",
    "data/answers/*.md": b"split_evenly",
    "data/answers/*.json": b"split_evenly",
    "data/unsent/*.json": b"functor",
    "log/core.log": b" DEBUG ",
    "log/lsp.log": b"",
    "state/key-scope.salt": b"",
}
SOON = (("retry-after-ms", "1"),)
# Nothing can set the level; what is said at the lowest is looked through all the same.
LOUD = """
import logging
from optafly.core import logs, run
from optafly.paths import resolve_paths
quiet = logs.begin_log
def loud(paths):
    handler = quiet(paths)
    for name in ("", "optafly", "httpx", "httpcore", "anthropic", "chromadb", "asyncio", "uvicorn"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    return handler
run.begin_log = loud
run.run_core(resolve_paths())
"""
CONFIG = """
api_keys:
  default: anthropic
  providers:
    - name: anthropic
      key_env: ANTHROPIC_API_KEY
    - name: work
      provider: anthropic
      key_command: {command}
    - name: wrong
      provider: anthropic
      key: {key}
  workspaces:
    - path: {workspace}
      name: work
"""


class Place:
    """A person's machine: a home, a workspace with a key of its own, a core; all that is printed is collected."""

    def __init__(self, folder: Path, workspace: Path, standin: Standin) -> None:
        self.folder = folder
        self.workspace = workspace
        self.standin = standin
        self.environment = clean_environment(folder / "optafly") | {
            "HOME": str(folder / "person"),
            "TMPDIR": str(folder / "tmp"),
            "ANTHROPIC_API_KEY": KEYS["of the environment"],
            "ANTHROPIC_LOG": "debug",
            "OPTAFLY_SENDING_BASE_URL": standin.url,
            "OPTAFLY_PROXY_UPSTREAM": standin.url,
            "OPTAFLY_PROXY_PORT": "0",
        }
        self.paths = resolve_paths(self.environment)
        self.printed: list[bytes] = []
        for made in (folder / "person", folder / "tmp", self.paths.config_dir):
            made.mkdir(parents=True)
        self.key_file = folder / "key"
        self._private(self.key_file, KEYS["of a command"])
        command = json.dumps([sys.executable, "-c", "import sys; print(open(sys.argv[1]).read())", str(self.key_file)])
        text = CONFIG.format(command=command, key=KEYS["in the configuration"], workspace=json.dumps(str(workspace)))
        self._private(self.paths.config_file, text)

    def optafly(self, *words: str, status: int = 0, printed: bool = True) -> str:
        """What a command prints on standard output."""
        done = subprocess.run(
            [*COMMAND, *words], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=BOUND_S, check=False, start_new_session=True,
        )  # fmt: skip
        assert done.returncode == status, done.stderr.decode()
        self.printed += [done.stdout, done.stderr] if printed else [done.stderr]
        return done.stdout.decode()

    @staticmethod
    def _private(file: Path, text: str) -> None:
        file.write_text(text, "utf-8")
        file.chmod(0o600)


@pytest.fixture
def place(tmp_path: Path, shop: Path) -> Iterator[Place]:
    with running_standin() as standin:
        found = Place(tmp_path, shop, standin)
        with (
            no_core_left(tmp_path / "optafly"),
            (tmp_path / "core.out").open("wb") as out,
            subprocess.Popen(
                [sys.executable, "-c", LOUD], env=found.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            ) as core,
        ):
            until(lambda: read_discovery(found.paths), "the core listens")
            yield found
            core.kill()


def echoing(request: Recorded) -> Failure:
    """An API that repeats the key in its refusal."""
    return Failure(401, message=f"invalid x-api-key: {request.key}")


def in_a_terminal(place: Place) -> None:
    here = ("--workspace", str(place.workspace), "--no-llm")
    selected = ("--file", "shop/bill.py", "--selection", "6:1-11:28")
    place.optafly("refine", "Fix this bug", *here, *selected, "--json")
    for more in ((), ("--in-process", "--no-cache")):
        place.optafly("ask", "Explain this function", *here, *selected, "--yes", *more)
        place.optafly("ask", "What is a monad?", "--no-refine", *more)
        place.standin.script(echoing)
        place.optafly("ask", "What is a functor?", "--no-refine", *more, status=1)
        place.standin.script(*[Failure(529, headers=SOON)] * 3)
        place.optafly("ask", "What is a zebra?", *here, "--no-refine", *more, status=1)
        place.standin.script(Answer("one two three four", breaks=Break("close", after=5)))
        place.optafly("ask", "What is an okapi?", "--no-refine", *more, status=1)
        place.optafly("ask", "--retry", "list")
        place.optafly("ask", "--retry")


async def in_an_editor(place: Place) -> None:
    played = await PlayedEditor.start(
        place.folder / "optafly", (place.workspace,), environ=place.environment | NO_MODEL
    )
    try:
        await core_is_there(played)
        for number, ends in enumerate(("Answered", "Cache saved", "optafly ask --retry")):
            if number == 2:
                place.standin.script(echoing)
            text = "explain split_evenly" if number < 2 else "explain receipt"
            held = played.make(f"ask{number}.md", "markdown", f"# Plan\n\n{text}\n")
            await played.act(held, 12)
            question = await played.question()
            question.answer("Accept & Send")
            place.printed += [question.message.encode(), (await played.said(ends)).encode()]
        place.printed.append(repr([played.progress, played.shown, played.edits]).encode())
    finally:
        await played.stop()


def through_the_proxy(place: Place, port: int, token: str) -> None:
    url, own = f"http://127.0.0.1:{port}", {"x-optafly-token": token}
    asks: list[dict[str, str]] = [
        {"x-api-key": token},
        own | {"x-api-key": KEYS["of a client"]},
        own | {"x-api-key": "", "authorization": f"Bearer {KEYS['of an OAuth client']}"},
    ]
    for headers in asks:
        as_a_client(place, url, headers)
    ask(url, path=f"/v1/models?key={quote(token)}", method="PUT", headers=asks[0])
    for value in KEYS.values():  # as who mistakes one for the token
        assert ask(url, body(), headers={"x-api-key": value}).status == 401


def as_a_client(place: Place, url: str, headers: dict[str, str]) -> None:
    question = body("How do I sort a list of walruses?")
    assert ask(url, question, headers=headers).own["cache"] == "miss"
    until(lambda: ask(url, question, headers=headers).own["cache"] == "hit", "it is kept")
    assert ask(url, question, headers=headers | {"x-optafly-bypass": "1"}).own["cache"] == "bypass"
    place.standin.script(echoing, Failure(529), Answer("one two", breaks=Break("close", after=2)))
    for number, stream in enumerate((False, True, True)):
        ask(url, body(f"What goes wrong? {number}", stream=stream), headers=headers)
    ask(url, body("Who counts?"), path="/v1/messages/count_tokens", headers=headers)
    ask(url, path="/v1/models", method="GET", headers=headers)
    ask(url, raw=b'{"broken', headers=headers)


def look_at_all(place: Place) -> None:
    (entry, *_) = json.loads(place.optafly("cache", "list", "--json"))
    for words in (
        "stats", "stats --json", "cache stats", "cache list", f"cache show {entry['id']}", "cache export -",
        "proxy status", "proxy settings", "core status", "config show --origin", "models list",
    ):  # fmt: skip
        place.optafly(*words.split())
    link = urlsplit(place.optafly("dashboard").strip())
    connection = http.client.HTTPConnection(link.netloc, timeout=BOUND_S)
    with contextlib.closing(connection):
        connection.request("GET", f"{link.path}?{link.query}")
        opened = connection.getresponse()
        cookie = (opened.getheader("set-cookie") or "").partition(";")
        place.printed.append(opened.read() + str(opened.getheaders()).encode())
        path = cookie[2].partition("Path=")[2].partition(";")[0]
        connection.request("GET", path, headers={"Cookie": cookie[0]})
        page = connection.getresponse()
        shown = page.read()
        assert (page.status, b"walruses" in shown) == (200, True)
        place.printed.append(shown + str(page.getheaders()).encode())
    place.optafly("cache", "forget", entry["id"])
    place.optafly("cache", "clear", "--yes")


async def test_no_key_is_written_or_printed(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    core = read_discovery(place.paths)
    assert core is not None
    port = until(lambda: status_of(core).proxy.port, "the proxy listens")
    token = place.optafly("proxy", "token", printed=False).strip()
    secrets = KEYS | {"the proxy's token": token, "the core's token": core.token}

    in_a_terminal(place)
    await in_an_editor(place)
    through_the_proxy(place, port, token)

    # All of them were really used.
    sent = {key for name, key in KEYS.items() if name not in NEVER_SENT}
    assert {request.key for request in place.standin.requests} == sent
    by_design = {
        place.key_file: ["of a command"],
        place.paths.config_file: ["in the configuration"],
        place.paths.data_dir / "proxy-token": ["the proxy's token"],
        place.paths.runtime_dir / "core.json": ["the core's token"],
    }
    assert {stat.S_IMODE(file.stat().st_mode) for file in by_design} == {0o600}
    expected = {str(file.relative_to(place.folder)): names for file, names in by_design.items()}
    assert written(place.folder, secrets) == expected
    for pattern, word in WRITTEN.items():
        files = [file for file in (place.folder / "optafly").glob(pattern) if file.is_file()]
        assert any(word in file.read_bytes() for file in files), pattern

    look_at_all(place)
    # What is asked for the token prints it, and no other secret.
    for words in (("proxy", "token"), ("proxy", "settings", "--json")):
        assert leaked(place.optafly(*words, printed=False).encode(), secrets) == ["the proxy's token"]
    assert written(place.folder, secrets) == expected
    place.optafly("core", "stop")
    del expected[str((place.paths.runtime_dir / "core.json").relative_to(place.folder))]
    assert written(place.folder, secrets) == expected
    captured = capfd.readouterr()
    assert leaked(b"\0".join([*place.printed, captured.out.encode(), captured.err.encode()]), secrets) == []
