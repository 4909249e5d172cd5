"""Prompts as OptaFly assembles them, from code that the tests write."""

from collections.abc import Sequence

from optafly.context.pieces import Piece, escape_tags
from optafly.protocol import Question
from optafly.refine.assemble import assemble
from optafly.refine.wording import Sentence, Wording

PASTED = "Pasted with the request:"


def code(path: str, text: str, first: int = 1, told: str = "") -> Piece:
    """A quote of code whose first line has the number ``first``; ``told`` stands behind its lines in the title."""
    last = first + text.count("\n")
    return Piece("code", f"{path}:{first}-{last}{told}", escape_tags(text), path, path, 0, 10)


def pasted(text: str) -> Piece:
    """A pasted error."""
    return Piece("trace", PASTED, escape_tags(text), None, "user", -1, 5)


def edit(path: str, first: int, last: int, diff: str) -> Piece:
    """A hunk."""
    return Piece("edits", f"Uncommitted change in {path}:{first}-{last}", diff, path, path, 3, 30)


def plain(text: str) -> Piece:
    """A line outside of quotes: a diagnostic, a caller, a signature."""
    return Piece("diagnostic", "", escape_tags(text), None, "diagnostic", 1, 20, fence=False)


def prompt(
    pieces: Sequence[Piece],
    task: str = "Fix this.",
    *,
    constraints: str = "",
    done_when: str = "",
    question: str = "",
) -> str:
    """The assembled prompt."""
    return assemble(
        pieces,
        Wording(
            task,
            (Sentence(constraints, "user"),) if constraints else (),
            (Sentence(done_when, "user"),) if done_when else (),
            (Question(question, ()),) if question else (),
        ),
    )


def method(name: str, lines: int, body: str = "total = total + step_of_{name}({at})") -> str:
    """A method of a Python class with a body of so many lines."""
    rows = [f"        {body.format(name=name, at=at)}" for at in range(lines)]
    return "\n".join((f"    def {name}(self, first: int, second: str = 'x') -> int:", *rows))


def a_class(*methods: str) -> str:
    """A Python class."""
    return "class Bill:\n    rate: float = 0.25\n\n" + "\n\n".join(methods)
