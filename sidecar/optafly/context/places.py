"""Places that a request may be about."""

import re
from typing import Final

import msgspec

from optafly.context.one_line import one_line
from optafly.context.symbols import Symbol

AROUND = 12  # lines of code shown either side of a place that no definition encloses
WHOLE_FILE = 10_000
EDITS: Final = ("edits", "recent edits")  # origins: uncommitted changes, and what the editor told of

_TEST_NAME: Final = re.compile(r"(?:^|[._-])(?:tests?|spec)(?:[._-]|$)|^test|Tests?\.")


def is_test_path(path: str) -> bool:
    """Whether a file holds tests, by its name or a folder's."""
    folder, _, name = f"/{path}".rpartition("/")
    return bool(_TEST_NAME.search(name)) or bool({"test", "tests", "__tests__", "spec"} & set(folder.split("/")))


class Target(msgspec.Struct, frozen=True):
    """A place: a definition or a line range; ``origin`` says what led to it, ``source`` where that came from."""

    path: str
    start_line: int
    end_line: int
    origin: str
    source: str
    symbol: Symbol | None = None
    line: int | None = None

    @property
    def whole_file(self) -> bool:
        """Whether nothing narrower than the file is meant."""
        return self.symbol is None and self.line is None and (self.origin == "file" or self.end_line >= WHOLE_FILE)

    @property
    def file(self) -> str:
        """The path as sentences name it."""
        return one_line(self.path)

    @property
    def place(self) -> str:
        """``path:line`` of the line that matters, else of where it begins; the path alone for a whole file."""
        if self.line is not None:
            return f"{self.file}:{self.line}"
        # A selection may begin above the definition it is in.
        return f"{self.file}:{self.symbol.start_line}" if self.symbol is not None else self.file

    @property
    def label(self) -> str:
        """How the place is named in a sentence or a question."""
        if self.symbol is None:
            return self.place
        name = self.symbol.qualified if self.symbol.kind == "method" else self.symbol.name
        return f"`{name}` ({self.place})"


class Located(msgspec.Struct, frozen=True):
    """The targets found, the first one meant most; with ``tied`` the person has to say which."""

    targets: tuple[Target, ...]
    tied: bool = False


NOWHERE = Located(())


def at_symbol(symbol: Symbol, origin: str, source: str) -> Target:
    """A definition as the target."""
    return Target(symbol.path, symbol.start_line, symbol.end_line, origin, source, symbol)


def at_line(path: str, line: int | None, symbol: Symbol | None, origin: str, source: str) -> Target:
    """A line as the target, with the definition around it or some lines either side; without a line the whole file."""
    if symbol is not None:
        return Target(path, symbol.start_line, symbol.end_line, origin, source, symbol, line)
    start, end = (max(1, line - AROUND), line + AROUND) if line is not None else (1, WHOLE_FILE)
    return Target(path, start, end, origin, source, None, line)
