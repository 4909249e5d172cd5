"""What of the model's line is taken: each part only where it was sure enough; the rest stays as the rules found it."""

from typing import Final, Literal

import msgspec

from optafly.context.places import NOWHERE, Located, Target
from optafly.refine.choice import Choice
from optafly.refine.lexicon import Intent
from optafly.refine.slots import Slots

FIRM: Final = frozenset({"named", "path", "pasted", "selected", "error", "warning", "edited"})
"""Signs of a place that say more than that the cursor happens to be there, or that a word resembles its name."""


class Trust(msgspec.Struct, frozen=True):
    """How sure the model has to be of each part, 0 to 1, for it to count; more than 1 for a part that never counts.

    ``places`` where the rules have something to go by: a name, a selection, an error, a tie. Where they have a cursor,
    a resemblance or nothing: ``guess`` of one place or of none, ``ask`` of several that tie.
    """

    clear: float
    intent: float
    places: float
    guess: float
    ask: float
    checks: float
    sentence: float


class Rules(msgspec.Struct, frozen=True):
    """What the request means and where it points by the rules."""

    intent: Intent
    located: Located


class Decision(msgspec.Struct, frozen=True):
    """The parts that count: None (or empty) where the rules decide."""

    clear: bool = False
    intent: Intent | None = None
    located: Located | None = None
    checks: str | None = None
    sentence: str = ""


ALL: Final = Trust(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
# Of a model that was never taught to decide nothing counts but the sentence, where it is worded for what the rules
# found.
WORDS_ALONE: Final = Trust(2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 0.0)
# By `python models/refiner/calibrate.py`, for the weights that ship.
CALIBRATED: Final = Trust(clear=0.9, intent=0.3, places=0.9, guess=0.3, ask=0.4, checks=0.9, sentence=0.5)


def decide(choice: Choice, slots: Slots, rules: Rules, trust: Trust) -> Decision:
    """Take the parts of a choice that the model was sure of.

    A sentence is worded for an intent and a place: it counts only where those that it was worded for do.
    """
    sure = choice.sure
    if choice.clear:
        return Decision(clear=sure["intent"] >= trust.clear)
    intent = choice.intent if sure["intent"] >= trust.intent else None
    meant = located(slots, choice.places)
    located_at = meant if sure["places"] >= getattr(trust, kind_of_finding(slots, rules.located, meant)) else None
    agreed = (located_at is not None or same_places(meant, rules.located)) and choice.intent in (intent, rules.intent)
    checks = choice.checks if sure["checks"] >= trust.checks else None
    said = choice.sentence if agreed and sure["sentence"] >= trust.sentence else ""
    return Decision(False, intent, located_at, checks, said)


def kind_of_finding(slots: Slots, rules: Located, meant: Located) -> Literal["places", "guess", "ask"]:
    """Which field of `Trust` says how sure the model has to be that these places are meant, not those of the rules."""
    keys = _keys(rules)
    signs = {sign for item in slots.places if _key(item.target) in keys for sign in item.signs}
    if rules.tied or signs & FIRM:
        return "places"
    return "ask" if meant.tied else "guess"


def located(slots: Slots, places: tuple[int, ...]) -> Located:
    """The places of these numbers (from 1); tied where there are several."""
    chosen = tuple(slots.places[number - 1].target for number in places)
    return Located(chosen, tied=len(chosen) > 1) if chosen else NOWHERE


def same_places(first: Located, second: Located) -> bool:
    """Whether two findings are of the same places, in whatever order."""
    return first.tied == second.tied and set(_keys(first)) == set(_keys(second))


def _keys(found: Located) -> list[tuple[str, int, bool]]:
    # Of several that are not tied, the first is meant most.
    return [_key(item) for item in (found.targets if found.tied else found.targets[:1])]


def _key(item: Target) -> tuple[str, int, bool]:
    return item.path, item.symbol.start_line if item.symbol else item.start_line, bool(item.symbol)
