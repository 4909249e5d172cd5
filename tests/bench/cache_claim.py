"""What the original design claims: refined prompts hit the cache more often than raw ones."""

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from optafly.cache.memory import MemoryStore
from optafly.context.secrets import SecretScanner
from optafly.refine.refiner import Refiner, RefinerSettings
from tests.bench import cache_texts as texts
from tests.bench.cache_contexts import Place, build_places
from tests.bench.cache_figures import Served, Tally, percent, tally
from tests.bench.cache_sections import Results
from tests.bench.cache_systems import RememberedEncoder, System, answer_text, keep, query
from tests.bench.cache_wordings import KINDS, draw

WORDINGS: Final = 5
SEED: Final = 4
Form = Literal["raw", "refined"]
Setting = Literal["one request in a context", "two requests in a context", "context not in the scope"]
SETTINGS: Final[tuple[Setting, ...]] = (
    "one request in a context",
    "two requests in a context",
    "context not in the scope",
)
FORMS: Final[tuple[Form, ...]] = ("raw", "refined")


class Ask(NamedTuple):
    """One rough wording typed in one place, and what it asks for there."""

    place: Place
    wording: str
    kind: str

    @property
    def wanted(self) -> str:
        """What stands for the right answer: the place and the kind of request."""
        return f"{self.place.id}/{self.kind}"


class Prompt(NamedTuple):
    """What is sent: the text, the fingerprint of its context, and what stands for the right answer."""

    text: str
    context: str
    wanted: str


class Outcome(NamedTuple):
    """How one system did in one setting; ``possible`` is how many could have been answered from the cache."""

    setting: Setting
    form: Form
    system: str
    tally: Tally
    possible: int


def asks(places: Sequence[Place], *, kinds: int, seed: int = SEED) -> list[Ask]:
    """Five wordings of each of so many requests in each place, in the order in which they are typed.

    The kinds of request take turns over the places. Of two, the wordings are mixed.
    """
    choose = random.Random(seed)
    made: list[Ask] = []
    for number, place in enumerate(places):
        first = number % len(KINDS)
        others = choose.sample([kind for kind in KINDS if kind != KINDS[first]], kinds - 1)
        typed = [
            Ask(place, wording, kind) for kind in (KINDS[first], *others) for wording in draw(kind, WORDINGS, choose)
        ]
        if kinds > 1:
            choose.shuffle(typed)
        made += typed
    return made


def prompts(typed: Sequence[Ask], form: Form, refiner: Refiner, *, scoped: bool) -> Iterator[Prompt]:
    """What is sent for each; refined without the model, by the project's own refiner."""
    for ask in typed:
        text = ask.wording if form == "raw" else refiner.refine(ask.place.request(ask.wording)).refined
        yield Prompt(text, ask.place.id if scoped else "", ask.wanted)


def replay(sent: Sequence[Prompt], system: System) -> Tally:
    """Ask the real cache for each in turn; what it misses is answered and kept."""
    cache = system.cache(MemoryStore())
    served: list[Served] = []
    for prompt in sent:
        request = query(prompt.text, context=prompt.context)
        found = cache.lookup(request)
        served.append(Served(prompt.wanted, answer_text(found)))
        if found.entry is None:
            keep(cache, request, prompt.wanted)
    return tally(served)


def measure(
    systems: Sequence[System], encoder: RememberedEncoder, count: int, say: Callable[[str], None]
) -> list[Outcome]:
    """Every system in every setting, with raw prompts and with refined ones."""
    refiner = Refiner(RefinerSettings(), None, SecretScanner())
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="optafly-claim-") as folder:
        places = build_places(Path(folder), count)
        for setting in SETTINGS:
            typed = asks(places, kinds=2 if setting == "two requests in a context" else 1)
            possible = len(typed) - len({ask.wanted for ask in typed})
            for form in FORMS:
                say(f"{len(typed)} prompts, {form}, {setting}")
                sent = list(prompts(typed, form, refiner, scoped=setting != "context not in the scope"))
                encoder.learn(query(prompt.text).turn.text for prompt in sent)
                for system in systems:
                    outcomes.append(Outcome(setting, form, system.name, replay(sent, system), possible))
    return outcomes


def results(outcomes: Sequence[Outcome], places: int) -> Results:
    """The part of the document."""
    table = [
        ["setting", "prompts", "system", "asked", "right", "wrong", "right, of those possible", "wrong, of all hits"]
    ]
    for setting, form, system, counts, possible in outcomes:
        wrong = percent(counts.wrong_share) if counts.right + counts.wrong else "–"
        table.append([
            setting, form, system, str(counts.asked), str(counts.right), str(counts.wrong),
            percent(counts.right / possible), wrong,
        ])  # fmt: skip
    before = texts.CLAIM.format(places=places, kinds=", ".join(KINDS))
    return Results(before, (table,), "\n".join(_in_words(outcomes)))


def _in_words(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The claim in figures, for each system in the first setting."""
    first = {(item.system, item.form): item for item in outcomes if item.setting == SETTINGS[0]}
    for name in dict.fromkeys(item.system for item in outcomes):
        raw, refined = (first[name, form].tally.right / first[name, form].possible for form in FORMS)
        change = "rises" if refined > raw else "falls" if refined < raw else "stays"
        yield f"- {name}: refining, the share of right hits {change}: {percent(raw)} raw, {percent(refined)} refined."
