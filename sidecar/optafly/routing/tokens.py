"""Token optimisation: the same prompt with fewer tokens, where OptaFly itself assembled it."""

import enum
from collections.abc import Callable, Collection
from typing import Final, NamedTuple

import msgspec

from optafly.context.tokens import estimate_tokens
from optafly.errors import InputError
from optafly.routing.token_blanks import without_blanks
from optafly.routing.token_check import lost, lost_characters, lost_places, lost_words
from optafly.routing.token_chunks import in_chunks
from optafly.routing.token_duplicates import without_duplicates
from optafly.routing.token_fold import outlined
from optafly.routing.token_form import Prompt, read_prompt
from optafly.routing.token_names import Names
from optafly.routing.token_repeats import folded

NOT_OURS: Final = "not in the form that OptaFly assembles: left to the letter"
_MOST_ROUNDS: Final = 4


class Steps(enum.Flag):
    """The steps of the optimisation, in the order in which they are taken."""

    DUPLICATES = enum.auto()
    OUTLINE = enum.auto()
    REPEATS = enum.auto()
    WHITE_SPACE = enum.auto()
    CHUNKS = enum.auto()
    ALL = DUPLICATES | OUTLINE | REPEATS | WHITE_SPACE | CHUNKS


class TokenStep(msgspec.Struct, frozen=True):
    """What one step did: estimated tokens saved, and in words what they were or why there were none."""

    name: str
    saved: int
    reason: str


class TokenOptimization(msgspec.Struct, frozen=True):
    """The optimised text, estimated tokens before and after, and what each step saved.

    ``chunks`` are the parts of a text that is too long for one, each with the whole request; empty otherwise.
    """

    text: str
    before: int
    after: int
    steps: tuple[TokenStep, ...]
    chunks: tuple[str, ...]
    reason: str


class _Step(NamedTuple):
    """One step: how it is called, what it does, what it must not lose besides, and words for what it took."""

    flag: Steps
    name: str
    work: Callable[[Prompt, Names], Prompt]
    check: Callable[[Prompt, Prompt], str]
    took: str
    nothing: str


_STEPS: Final = (
    _Step(
        Steps.DUPLICATES, "duplicates", lambda prompt, _: without_duplicates(prompt), lost_words,
        "quoted twice", "nothing is quoted twice",
    ),
    _Step(
        Steps.OUTLINE, "outline", outlined, lambda *_: "",
        "bodies of what the request is not about", "all of the code is meant, or it is too short to be worth it",
    ),
    _Step(
        Steps.REPEATS, "repeats", folded, lost_places,
        "repetitions and library frames", "no pasted text repeats itself",
    ),
    _Step(
        Steps.WHITE_SPACE, "white space", without_blanks, lost_characters,
        "white space", "no white space that means nothing",
    ),
)  # fmt: skip


def optimise(
    prompt: str, *, keep: Collection[str] = (), max_chunk_tokens: int | None = None, steps: Steps = Steps.ALL
) -> TokenOptimization:
    """Take out of an assembled prompt what costs tokens and says nothing; every other text stays to the letter.

    Never lost are:

    - task, constraints, done-when and open questions, with every word and blank in them;
    - every line of the context that stands outside of a quote (diagnostics, callers, signatures) and every title of a
      quote. A signature whose definition is quoted may give way to its name and place, and to titles may be added that
      the lines are quoted elsewhere;
    - in quoted code every line that begins a definition, its whole signature, and every line that holds a name of the
      request, of a diagnostic or of the message of a pasted error (what `find_mentions` takes for one: identifiers,
      paths, flags, numbers of two digits or more, all that is in quotes or backticks), or anything in ``keep``;
    - in a pasted error every line that is in no frame of a library, every word of its message, and of every frame the
      file, the line and the function. Of lines that are repeated it is said how often.

    So an identifier is lost only where nothing names it and it declares nothing, in a body that an outline leaves out.
    Such bodies are of definitions that hold no line which is meant; of a long one that does, it is the parts that have
    nothing to do with that line. A marker says how many lines they had. A selection, and code that is meant as a whole,
    are not shortened. After each step it is looked for what must not be lost, and a step that lost it is undone.

    Pure, deterministic and idempotent. ``max_chunk_tokens`` splits what is longer into ``chunks``. Raises `InputError`
    when it is less than one.
    """
    if max_chunk_tokens is not None and max_chunk_tokens < 1:
        raise InputError(f"max_chunk_tokens is {max_chunk_tokens}; give 1 or more")
    before = estimate_tokens(prompt)
    read = read_prompt(prompt)
    if read is None:
        return TokenOptimization(prompt, before, before, (), (), NOT_OURS)
    start = _Text(prompt, read, before)
    end, done = _settled(start, keep, [step for step in _STEPS if step.flag in steps])
    chunks: tuple[str, ...] = ()
    if max_chunk_tokens is not None and Steps.CHUNKS in steps:
        chunks = in_chunks(end.prompt, max_chunk_tokens) if end.tokens > max_chunk_tokens else ()
        done.append(TokenStep("chunks", 0, _of_chunks(chunks, end.tokens, max_chunk_tokens)))
    return TokenOptimization(end.text, before, end.tokens, tuple(done), chunks, _reason(before, end.tokens))


class _Text(NamedTuple):
    """A prompt as a text, as what it is made of, and with its estimated tokens."""

    text: str
    prompt: Prompt
    tokens: int


def _settled(start: _Text, keep: Collection[str], steps: list[_Step]) -> tuple[_Text, list[TokenStep]]:
    """The text after rounds of all steps, until each of them leaves it as it is."""
    done: dict[str, TokenStep] = {}
    left: dict[str, str] = {}  # the text that a step had nothing to do in
    now, names = start, Names(start.prompt, keep)
    for _ in range(_MOST_ROUNDS):
        for step in steps:
            if left.get(step.name) == now.text:
                continue
            after, told = _taken(step, now, names)
            if after is None:
                left[step.name] = now.text
            else:
                now, names = after, Names(after.prompt, keep)
            done[step.name] = _added(done.get(step.name), told)
        if all(left.get(step.name) == now.text for step in steps):
            return now, list(done.values())
    return start, [TokenStep(step.name, 0, "undone: the text does not settle") for step in steps]


def _added(earlier: TokenStep | None, told: TokenStep) -> TokenStep:
    """What a step did in all rounds; the first that saved something says in words what."""
    if earlier is None or (told.saved and not earlier.saved):
        return told
    return msgspec.structs.replace(earlier, saved=earlier.saved + told.saved)


def _taken(step: _Step, now: _Text, names: Names) -> tuple[_Text | None, TokenStep]:
    """What a step makes of a prompt, None where that is the same or was undone."""
    changed = step.work(now.prompt, names)
    if changed == now.prompt:
        return None, TokenStep(step.name, 0, step.nothing)
    text = changed.render()
    after = read_prompt(text)
    gone = lost(now.prompt, text, after, names) or (step.check(now.prompt, after) if after else "")
    tokens = estimate_tokens(text)
    if gone or after is None or tokens > now.tokens:
        why = f"it would have lost {gone}" if gone else "it would have cost tokens"
        return None, TokenStep(step.name, 0, f"undone: {why}")
    lines = now.text.count("\n") - text.count("\n")
    amount = f"{len(now.text) - len(text)} characters" if step.flag is Steps.WHITE_SPACE else f"{lines} lines"
    return _Text(text, after, tokens), TokenStep(step.name, now.tokens - tokens, f"{amount}: {step.took}")


def _of_chunks(chunks: tuple[str, ...], tokens: int, most: int) -> str:
    if not chunks:
        return "short enough for one part" if tokens <= most else f"{tokens} tokens, and nothing to cut"
    longest = max(map(estimate_tokens, chunks))
    fits = "" if longest <= most else f"; what cannot be cut makes one of them {longest}"
    return f"{len(chunks)} parts of at most {most} tokens{fits}"


def _reason(before: int, after: int) -> str:
    if after == before:
        return "nothing to save"
    return f"{before - after} of {before} tokens saved ({(before - after) / before:.0%})"
