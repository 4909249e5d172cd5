"""``make eval``: the cases against four systems side by side; prints tables and, with --write, docs/evaluation.md."""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from optafly.cli.wiring import read_config
from optafly.context.tokens import estimate_tokens
from optafly.core.compose import build_refiner
from optafly.engines.download import pull_model
from optafly.engines.mistral import MistralEngine
from optafly.engines.models import REGISTRY, resolve_model
from optafly.paths import resolve_paths
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.refine.engine import Engine
from optafly.refine.refiner import Refiner
from tests.bench.document import write_part
from tests.bench.machine import machine
from tests.eval.cases import Case, build_workspace, load_cases
from tests.eval.scoring import Score, score

SYSTEMS = ("raw", "raw + context", "deterministic", "base model", "trained model")
MODELS = {"base model": "smollm2-135m", "trained model": "optafly-refiner-135m"}
ROOT = Path(__file__).resolve().parents[2]


class Output(msgspec.Struct, frozen=True):
    """What one system made of one case."""

    text: str
    unchanged: bool
    tokens_added: int
    milliseconds: float
    result: RefinedPrompt | None
    score: Score


Made = tuple[str, bool, RefinedPrompt | None]  # the text, whether it is the draft itself, the result if there is one
System = Callable[[Case, RefineRequest, dict[str, Refiner]], Made]


def raw(case: Case, request: RefineRequest, refiners: dict[str, Refiner]) -> Made:
    """The draft as typed."""
    return case.draft, True, None


def raw_with_context(case: Case, request: RefineRequest, refiners: dict[str, Refiner]) -> Made:
    """What was gathered, in front of the draft as typed."""
    result = refiners["raw + context"].refine(request)
    head, _, _ = result.refined.partition("<task>")
    return (head + case.draft if head.startswith("<context>") else case.draft), False, result


def _refined(system: str) -> System:
    def run(case: Case, request: RefineRequest, refiners: dict[str, Refiner]) -> Made:
        result = refiners[system].refine(request)
        return result.refined, result.refined == case.draft, result

    return run


RUNNERS: dict[str, System] = {
    "raw": raw,
    "raw + context": raw_with_context,
    "deterministic": _refined("deterministic"),
    "base model": _refined("base model"),
    "trained model": _refined("trained model"),
}


def evaluate(
    cases: Sequence[Case], systems: Sequence[str], engines: Mapping[str, Engine]
) -> dict[str, dict[str, Output]]:
    """Run every case through every system; workspaces are made once per case."""
    config = read_config(resolve_paths())
    outputs: dict[str, dict[str, Output]] = {system: {} for system in systems}
    # One refiner a system: none answers from what another one kept.
    refiners = {name: build_refiner(config, engines.get(name)) for name in systems}
    for refiner in refiners.values():
        refiner.warm()  # the models are loaded before anything is timed
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="optafly-eval-") as folder:
            request = case.request(build_workspace(case, Path(folder)))
            for system in systems:
                began = time.perf_counter()
                text, unchanged, result = RUNNERS[system](case, request, refiners)
                took = (time.perf_counter() - began) * 1000
                added = estimate_tokens(text) - estimate_tokens(case.draft)
                judged = score(case, text, unchanged=unchanged)
                outputs[system][case.id] = Output(text, unchanged, added, took, result, judged)
    return outputs


def _mean(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{100 * sum(known) / len(known):.0f} %" if known else "–"


def table(cases: Sequence[Case], outputs: dict[str, dict[str, Output]]) -> list[list[str]]:
    """Rows of the comparison, the header first."""
    clear = {case.id for case in cases if case.expect.outcome == "unchanged"}
    vague = {case.id for case in cases if case.id not in clear}
    rows = [["figure", *outputs]]

    def add(name: str, figure: Callable[[dict[str, Output]], str]) -> None:
        rows.append([name, *(figure(by_case) for by_case in outputs.values())])

    add(
        "gate violations per 100 cases",
        lambda o: f"{100 * sum(len(x.score.violations) for x in o.values()) / len(o):.1f}",
    )
    add("leaked secrets", lambda o: str(sum(len(x.score.leaks) for x in o.values())))
    add("lost literals", lambda o: str(sum(len(x.score.lost_literals) for x in o.values())))
    add("target named outside the context", lambda o: _mean([x.score.target for x in o.values()]))
    add("evidence quoted", lambda o: _mean([x.score.evidence for x in o.values()]))
    add(
        "ties asked about",
        lambda o: _mean([None if x.score.question is None else float(x.score.question) for x in o.values()]),
    )
    add("clear drafts left unchanged", lambda o: _mean([float(o[i].score.unchanged) for i in o if i in clear]))
    add("vague drafts refined", lambda o: _mean([float(not o[i].score.unchanged) for i in o if i in vague]))
    add("tokens added, median", lambda o: f"{statistics.median(x.tokens_added for x in o.values()):.0f}")
    add("time p50", lambda o: f"{statistics.median(x.milliseconds for x in o.values()):.0f} ms")
    add("time p95", lambda o: f"{_p95([x.milliseconds for x in o.values()]):.0f} ms")
    return rows


def _p95(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    head, *body = rows
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join("---" for _ in head) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in body])


def model_report(system: str, outputs: dict[str, Output]) -> list[str]:
    """What the model added, in plain figures."""
    asked = [
        item.result for item in outputs.values() if item.result is not None and item.result.engine.completion_tokens
    ]
    used = [item for item in asked if item.engine.used]
    failed = [item for item in outputs.values() if item.result is not None and item.result.outcome == "fallback"]
    dropped = Counter(gate.name for item in asked for gate in item.gates if gate.dropped)
    return [
        f"`{system}`: asked in {len(asked)} of {len(outputs)} cases; something of it stands in {len(used)} of them.",
        "Dropped by gate (a sentence may fail several): "
        + (", ".join(f"{name} {count}" for name, count in dropped.most_common()) or "none") + ".",
        f"Fell back because the model failed or was too slow: {len(failed)}.",
    ]  # fmt: skip


def _engine(model: str, stack: ExitStack) -> Engine:
    """A model of the registry, made or fetched where it is not on this machine."""
    paths = resolve_paths()
    pull_model(REGISTRY[model], paths)
    decides = REGISTRY[model].merge is not None
    engine = MistralEngine(lambda: resolve_model(model, paths), model, decides=decides)
    stack.callback(engine.close)
    return engine


def failures(cases: Sequence[Case], outputs: dict[str, Output]) -> list[str]:
    """One line for everything a system got wrong."""
    lines = []
    for case in cases:
        item = outputs[case.id]
        problems = [*item.score.violations, *(f"leak: {x}" for x in item.score.leaks)]
        problems += [f"lost: {x}" for x in item.score.lost_literals]
        if not item.score.outcome_right:
            problems.append(f"expected {case.expect.outcome}")
        elif case.expect.outcome == "refined":
            outside = item.text.split("</context>")[-1]
            problems += [f"target not named: {x}" for x in case.expect.target if x not in outside]
            problems += [f"evidence missing: {x}" for x in case.expect.evidence if x not in item.text]
            if item.score.question is False:
                problems.append("did not ask about the tie")
        lines += [f"{case.id}: {problem}" for problem in problems]
    return lines


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; exit status 1 when a hard line is crossed."""
    parser = argparse.ArgumentParser(description="Evaluate the refinement on the cases in tests/eval/cases.")
    parser.add_argument("--no-model", action="store_true", help="leave out the system with the model")
    parser.add_argument("--only", help="only cases whose id holds this text")
    parser.add_argument("--show", action="store_true", help="print every refined prompt of the last system")
    parser.add_argument("--write", action="store_true", help="write docs/evaluation.md")
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")
    options = parser.parse_args(argv)
    cases = [case for case in load_cases() if not options.only or options.only in case.id]
    systems = SYSTEMS[:3] if options.no_model else SYSTEMS
    with ExitStack() as stack:
        engines = {name: _engine(MODELS[name], stack) for name in systems if name in MODELS}
        outputs = evaluate(cases, systems, engines)
    last = outputs[systems[-1]]
    if options.json:
        print(
            json.dumps(
                {s: {i: msgspec.to_builtins(o.score) for i, o in by.items()} for s, by in outputs.items()}, indent=1
            )
        )
    if options.show:
        for case in cases:
            print(f"\n######## {case.id}\n{case.draft}\n--------\n{last[case.id].text}")
    report = [
        f"{len(cases)} cases, {len({case.language for case in cases})} languages. {machine()}.",
        "",
        markdown(table(cases, outputs)),
    ]
    for system in systems[3:]:
        report += ["", *model_report(system, outputs[system])]
    for system in systems[2:]:
        wrong = failures(cases, outputs[system])
        report += ["", f"What `{system}` got wrong ({len(wrong)}):", "", *(f"- {line}" for line in wrong)]
    print("\n".join(report))
    if options.write:
        head = ["## Workspace cases", "", "Made by `make eval`; the cases are in tests/eval/cases.", ""]
        write_part("make eval", "\n".join([*head, *report]), ROOT / "docs" / "evaluation.md")
    return 0 if _hard_lines_hold(cases, outputs, systems[2:]) else 1


def _hard_lines_hold(cases: Sequence[Case], outputs: dict[str, dict[str, Output]], systems: Sequence[str]) -> bool:
    clear = [case.id for case in cases if case.expect.outcome == "unchanged"]
    for system in systems:
        scores = [item.score for item in outputs[system].values()]
        kept = sum(outputs[system][name].score.unchanged for name in clear)
        if any(item.leaks or item.violations or item.lost_literals for item in scores) or kept < 0.9 * len(clear):
            return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
