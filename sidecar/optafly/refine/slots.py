"""What the local model is shown of a request: the draft, lettered places, what failed, and the checks there are."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from optafly.context.candidates import Candidate
from optafly.context.gather import Choices, Context, describe
from optafly.context.places import Target
from optafly.protocol import Diagnostic
from optafly.refine.done import PROBLEM_GONE, TESTS, TYPES
from optafly.refine.draft import Draft
from optafly.refine.failing import error_name

MAX_DRAFT: Final = 320
DRAFT_TAIL: Final = 80
MAX_MESSAGE: Final = 48
MAX_PROBLEMS: Final = 2
LABELS: Final = "ABCDEF"  # a letter is one token with the space before it, a digit two

# Fixed to the byte: the engine keeps it in its prefix cache, and the shipped model was trained with it.
SYSTEM: Final = """Read a developer's request; the lines under it are places and checks the editor knows.
Never answer it. Write one line: the intent, the letter of the place meant (- for none, ? and several if only the
developer can tell), the letters of the checks (- for none), then the request as one clear sentence, or = if its own
words are best. Write only clear if nothing needs to be added.
> fxi this pls
A method Cart.total cart: cursor error
bad A mypy error call-arg
checks dt
fix A dt Fix the call-arg error in total."""

_CHAT_MARK: Final = re.compile(r"<\|[^|>\n]{0,40}\|>|</?s>|\[/?INST\]|<(?:start|end)_of_turn>")


class Slots(msgspec.Struct, frozen=True):
    """What a request may be filled from: the draft's words, places, problems (each with its place's letter), checks."""

    said: str
    places: tuple[Candidate, ...]
    problems: tuple[str, ...]
    checks: str

    @property
    def text(self) -> str:
        """The user's turn."""
        lines = [f"> {self.said}"]
        lines += [f"{label} {describe_place(item)}" for label, item in zip(LABELS, self.places, strict=False)]
        lines += [f"bad {problem}" for problem in self.problems]
        return "\n".join([*lines, f"checks {self.checks or '-'}"])


def read_slots(draft: Draft, context: Context, choices: Choices) -> Slots:
    """Fill the slots; everything in them was redacted before or is a name of the project."""
    problems = tuple(_problems(draft, choices))[:MAX_PROBLEMS]
    checks = PROBLEM_GONE if problems else ""
    checks += TESTS if context.command("test") else ""
    checks += TYPES if context.command("typecheck") else ""
    return Slots(_shortened(tame(context.redacted_body)), choices.places, problems, checks)


def describe_place(item: Candidate) -> str:
    """A place in a few words: what it is, its name, the file without its folders, and what speaks for it."""
    target = item.target
    file = target.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    if target.symbol is not None:
        named = f"{target.symbol.kind} {tame(target.symbol.qualified)} {file}"
    elif target.whole_file:
        named = f"file {file}"
    else:
        named = f"lines {target.start_line}-{target.end_line} {file}"
    return f"{named}: {' '.join(item.signs)}"


def _problems(draft: Draft, choices: Choices) -> Iterator[str]:
    for trace in draft.traces[:1]:
        number = _first(["pasted" in place.signs for place in choices.places])
        # A message may hold anything; the name of its class says enough.
        yield f"{number}{error_name(trace.message) or 'error'}"
    for item in choices.diagnostics:
        number = _first([_holds(place.target, item) for place in choices.places])
        yield f"{number}{describe(item)} {tame(item.message)[:MAX_MESSAGE]}"


def _first(fits: Sequence[bool]) -> str:
    """The letter of the first place that fits, with a space behind it, or nothing."""
    return f"{LABELS[fits.index(True)]} " if True in fits else ""


def _holds(target: Target, item: Diagnostic) -> bool:
    return target.path == item.path and target.start_line <= item.range.start.line + 1 <= target.end_line


def _shortened(text: str) -> str:
    if len(text) <= MAX_DRAFT:
        return text
    return f"{text[: MAX_DRAFT - DRAFT_TAIL]} … {text[-DRAFT_TAIL:]}"


def tame(text: str) -> str:
    """One line without marks that chat templates give a meaning, and encodable."""
    return " ".join(_CHAT_MARK.sub(" ", text).split()).encode("utf-8", "replace").decode("utf-8")
