"""A fake engine to queue replies on, and small workspaces."""

import os
import subprocess
import threading
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path

from optafly.context.editor import ContextSettings, check_request
from optafly.context.gather import Context, Gatherer
from optafly.context.private import PrivateFiles
from optafly.context.secrets import SecretScanner
from optafly.context.workspace import Workspace
from optafly.errors import Cancelled
from optafly.protocol import Diagnostic, Position, Range, RefinedPrompt, RefineRequest, Selection
from optafly.refine.draft import Draft, read_draft
from optafly.refine.engine import CancelToken, EngineInfo, ModelReply, ModelRequest, Spoken
from optafly.refine.refiner import Refiner, RefinerSettings

SHOP: Mapping[str, str] = {
    "pyproject.toml": '[project]\nname = "shop"\n\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
    "shop/bill.py": '''"""Bills."""

from shop.prices import price_of


def total_price(items, rate):
    """The sum of the items with tax."""
    value = sum(price_of(item) for item in items)
    return value + value * rate


def close_bill(bill):
    return total_price(bill["items"], bill["rate"])


class Cart:
    def __init__(self):
        self.lines = {}

    def merge(self, other):
        for key, line in other.lines.items():
            self.lines[key] = line
''',
    "shop/prices.py": "PRICES = {}\n\n\ndef price_of(item):\n    return PRICES[item]\n",
    "shop/names.py": 'def slugify(text):\n    return text.lower().replace(" ", "-")\n',
    "shop/titles.py": "def slugify(title):\n    return title.strip()\n",
    "tests/test_bill.py": """from shop.bill import total_price


def test_total():
    assert total_price([], 0.2) == 0
""",
}
TRACEBACK = """Traceback (most recent call last):
  File "shop/bill.py", line 13, in close_bill
    return total_price(bill["items"], bill["rate"])
  File "shop/bill.py", line 8, in total_price
    value = sum(price_of(item) for item in items)
  File "shop/prices.py", line 5, in price_of
    return PRICES[item]
KeyError: 'tea'"""


def reply_with(request: ModelRequest, sentence: str) -> ModelReply:
    """A line with a sentence that agrees with the rules, which put the place they found first."""
    draft, *lines = request.user.removeprefix("> ").split("\n")
    line = f"{read_draft(draft).intent} {'A' if lines[0].startswith('A ') else '-'} - {sentence}"
    return ModelReply(line, 210, 9, (Spoken(line, -0.1),))


class FakeEngine:
    """Settles requests with what was queued, in order: sentences and errors; with nothing queued it never answers."""

    def __init__(self) -> None:
        self.info = EngineInfo("fake-model", "cpu")
        self.requests: list[ModelRequest] = []
        self.tokens: list[CancelToken] = []
        self.futures: list[Future[ModelReply]] = []
        self.asked = threading.Event()
        self.warmed: list[str] = []
        self._queue: deque[str | Exception] = deque()

    def queue(self, *answers: str | Exception) -> "FakeEngine":
        """Queue sentences and errors."""
        self._queue.extend(answers)
        return self

    def warm(self, system: str) -> None:
        self.warmed.append(system)

    def submit(self, request: ModelRequest, cancel: CancelToken) -> Future[ModelReply]:
        future: Future[ModelReply] = Future()
        self.requests.append(request)
        self.tokens.append(cancel)
        self.futures.append(future)
        answer = self._queue.popleft() if self._queue else None
        if isinstance(answer, Exception):
            future.set_exception(answer)
        elif answer is not None:
            future.set_result(reply_with(request, answer))
        self.asked.set()
        return future

    def close(self, *, wait: bool = True) -> None:
        for future in self.futures:
            if not future.done():
                future.set_exception(Cancelled("the engine is closed"))


def write_files(folder: Path, files: Mapping[str, str | bytes] = SHOP) -> Path:
    """Write files into a folder and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def git(folder: Path, *args: str) -> None:
    """Run git in a folder with a fixed identity and no configuration of the machine."""
    environ = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *args], cwd=folder, env=environ, check=True, capture_output=True)


def request_of(
    folder: Path,
    prompt: str,
    *,
    file: str | None = None,
    select: str | None = None,
    diagnostics: tuple[Diagnostic, ...] = (),
    answers: tuple[str, ...] = (),
) -> RefineRequest:
    """A request; ``select`` is text that stands once in the file."""
    selection = _selected((folder / (file or "")).read_text("utf-8"), select) if select is not None else None
    return RefineRequest(prompt, str(folder), file, selection, diagnostics, answers)


def _selected(text: str, wanted: str) -> Selection:
    before, found, _ = text.partition(wanted)
    assert found, wanted
    start, end = before, before + wanted
    return Selection(*_place(start), *_place(end))


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def diagnostic(path: str, line: int, message: str, *, code: str = "reportCall", source: str = "pyright") -> Diagnostic:
    """An error on a 1-based line."""
    place = Range(Position(line - 1, 4), Position(line - 1, 9))
    return Diagnostic(path, place, message, severity=1, code=code, source=source)


def gathered(request: RefineRequest, settings: ContextSettings | None = None) -> tuple[Draft, Context]:
    """The draft of a request and its context, as a refinement sees them."""
    settings = settings or ContextSettings()
    workspace = Workspace(Path(request.workspace), PrivateFiles(), buffers=request.buffers)
    editor = check_request(request, workspace, settings)
    draft = read_draft(request.prompt)
    gatherer = Gatherer(workspace, editor, draft.clues, settings, SecretScanner())
    return draft, gatherer.gather(draft.text, draft.body, request.answers)


def make_refiner(engine: FakeEngine | None = None, settings: RefinerSettings | None = None) -> Refiner:
    """A refiner with default settings and, where given, a fake engine."""
    return Refiner(settings or RefinerSettings(), engine, SecretScanner())


def refine(request: RefineRequest, engine: FakeEngine | None = None) -> RefinedPrompt:
    """Refine once, with a refiner of its own."""
    return make_refiner(engine).refine(request)
