"""Coverage of the criteria of a good request, before and after."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from optafly.context.gather import Context
from optafly.protocol import CriterionScore, Quality
from optafly.refine import lexicon
from optafly.refine.draft import Draft
from optafly.refine.wording import Wording

# What a coding model gains most from weighs most: the right place, then evidence (see docs/architecture.md).
WEIGHTS: Final[Mapping[str, int]] = MappingProxyType({
    "target_located": 30,
    "evidence_quoted": 20,
    "expected_behaviour": 15,
    "done_when": 15,
    "scope_bounded": 10,
    "unknowns_asked": 10,
    "literals_kept": 5,
    "economy": 5,
})  # fmt: skip
_FREE_TOKENS: Final = 800  # a prompt of this size costs nothing in economy


def measure(draft: Draft, context: Context, wording: Wording | None, tokens_after: int, max_tokens: int) -> Quality:
    """Score the draft and its refinement; a criterion that cannot apply is left out.

    ``gain`` is the share of what was missing that the refinement filled: (after - before) / (100 - before), never below
    0.
    """
    before, after = _before(draft, context), {}
    for name, score in before.items():
        after[name] = score if wording is None else max(score, _after(name, context, wording))
    if wording is not None and "economy" in after:
        over = max(0, tokens_after - _FREE_TOKENS)
        after["economy"] = max(50, 100 - round(50 * over / max(1, max_tokens)))
    first, last = _overall(before), _overall(after)
    gain = max(0.0, (last - first) / (100 - first)) if first < 100 else 0.0
    criteria = {name: CriterionScore(before[name], after[name]) for name in before}
    return Quality(first, last, round(gain, 3), criteria)


def _overall(scores: Mapping[str, int]) -> int:
    total = sum(WEIGHTS[name] for name in scores)
    return round(sum(WEIGHTS[name] * score for name, score in scores.items()) / total) if total else 100


def _before(draft: Draft, context: Context) -> dict[str, int]:
    targets = context.located.targets
    said = any(target.origin in {"name", "path"} for target in targets)
    located = 0
    if said and not context.located.tied:
        located = 100 if draft.mentions.paths else 60
    scores = {
        "target_located": located,
        "evidence_quoted": 100 if draft.traces or "```" in draft.text else 0,
        "expected_behaviour": 100 if draft.says(lexicon.EXPECTATION) or len(draft.content) >= 2 else 0,
    }
    if draft.intent in {"explain", "review"}:
        scores["expected_behaviour"] = 100  # the request itself says what is wanted: an answer in words
    elif draft.says(lexicon.ACCEPTANCE) or context.command("test") or context.diagnostics or draft.traces:
        # Where nothing in the project can check it, there is nothing to name.
        scores["done_when"] = 100 if draft.says(lexicon.ACCEPTANCE) else 0
    scores["scope_bounded"] = 100 if draft.says(lexicon.SCOPE) else 0
    if context.located.tied:
        scores["unknowns_asked"] = 0
    if draft.mentions.literals:
        scores["literals_kept"] = 100
    scores["economy"] = 100
    return scores


def _after(name: str, context: Context, wording: Wording) -> int:
    match name:
        case "target_located":
            if not context.located.targets:
                return 0
            if context.located.tied:
                return 60
            return 80 if context.located.targets[0].origin == "file" else 100
        case "evidence_quoted":
            return 100 if context.pieces else 0
        case "expected_behaviour":
            return 100 if wording.done_when or wording.constraints else 0
        case "done_when":
            return 100 if wording.done_when else 0
        case "scope_bounded":
            return 100 if wording.constraints else 0
        case "unknowns_asked":
            return 100 if wording.questions else 0
        case _:
            return 0
