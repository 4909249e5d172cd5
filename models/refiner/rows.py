"""Rows: what the model is shown and the exact line it should write, made from staged scenes."""

import re

import msgspec
from scenes import SceneError, Stage, Staged, Want

from optafly.context.gather import Context
from optafly.refine import gates
from optafly.refine.choice import CLEAR, NOTHING, OWN_WORDS, ask_line
from optafly.refine.decide import located
from optafly.refine.lexicon import OPENERS
from optafly.refine.slots import LABELS

LETTERS = "dtc"
MAX_TASK_WORDS = 24
_TICKED = re.compile(r"`([\w.]+)`")


class Row(msgspec.Struct, frozen=True):
    """One example in the exact shape the model sees; ``target`` and ``ask`` are numbers of the places shown."""

    id: str
    project: str
    kinds: tuple[str, ...]
    shown: str
    says: str
    intent: str
    places: tuple[int, ...]
    done: str
    task: str | None


def row_of(staged: Staged, stage: Stage) -> Row:
    """The row of a staged scene; raises `SceneError` naming the first thing that cannot be."""
    want = staged.scene.want
    faults = list(faults_of(staged, stage))
    if faults:
        raise SceneError("; ".join(faults))
    places = _places(want, stage, staged)
    task = task_of(staged)
    says = CLEAR if want.unchanged else line(want.intent, places, want.done, task)
    return Row(
        staged.name, staged.project, staged.scene.kinds, staged.slots.text, says,
        CLEAR if want.unchanged else want.intent, places, want.done, task,
    )  # fmt: skip


def line(intent: str, places: tuple[int, ...], done: str, task: str | None) -> str:
    """The model's line for a request that is refined."""
    letters = "".join(LABELS[number - 1] for number in places)
    place = ask_line(letters) if len(letters) > 1 else letters or NOTHING
    return f"{intent} {place} {done or NOTHING} {task or OWN_WORDS}"


def faults_of(staged: Staged, stage: Stage) -> list[str]:
    """What is wrong with a scene, in words; empty when nothing is."""
    want, scene = staged.scene.want, staged.scene
    if want.unchanged:
        return [] if want == Want(unchanged=True) else ["unchanged, and yet something is wanted"]
    faults = []
    if want.intent not in OPENERS:
        faults.append(f"no intent {want.intent!r}")
    if want.ask and (want.target or len(want.ask) < 2):
        faults.append("ask needs two keys or more, and no target")
    shown = [f"{n} {item.target.path}:{item.target.label}" for n, item in enumerate(staged.choices.places, start=1)]
    for key in (want.target, *want.ask):
        if key is not None and stage.number(key, staged.choices.places) is None:
            faults.append(f"{key} is not among the places found: {'; '.join(shown) or 'none'}")
    ordered = "".join(letter for letter in LETTERS if letter in want.done)
    if ordered != want.done or set(want.done) - set(staged.slots.checks):
        faults.append(f"done {want.done!r}, but the checks there are: {staged.slots.checks or '-'}")
    task = task_of(staged)
    if not faults and task is not None:
        faults += _task_faults(task, staged, stage)
    if scene.sel and scene.at is None and scene.sel is True:
        faults.append("selected, but nothing stands in `at`")
    return faults


def task_of(staged: Staged) -> str | None:
    """The sentence wanted, without the marks around names that the assembly puts there itself."""
    task = staged.scene.want.task
    return None if task is None else _TICKED.sub(lambda found: _bare(found, staged.request.prompt), task.strip())


def _bare(found: re.Match[str], prompt: str) -> str:
    return found[0] if found[0] in prompt else found[1]


def _places(want: Want, stage: Stage, staged: Staged) -> tuple[int, ...]:
    keys = want.ask or ((want.target,) if want.target else ())
    numbers = [stage.number(key, staged.choices.places) for key in keys]
    return tuple(sorted(number for number in numbers if number is not None))


def _task_faults(task: str, staged: Staged, stage: Stage) -> list[str]:
    context: Context = msgspec.structs.replace(
        staged.context,
        located=located(staged.slots, _places(staged.scene.want, stage, staged)),
        diagnostics=staged.choices.diagnostics,
    )
    draft = msgspec.structs.replace(staged.draft, intent=staged.scene.want.intent)
    found = gates.judge(task, draft, context)
    faults = [f"task refused by {name}: {', '.join(items)}" for name, items in found.items() if items]
    if len(task.split()) > MAX_TASK_WORDS:
        faults.append(f"task of more than {MAX_TASK_WORDS} words")
    if not task.rstrip().endswith((".", "?", "。", "？")):
        faults.append("task without a full stop")
    return faults
