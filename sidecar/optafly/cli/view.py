"""What a person sees in a terminal: both texts side by side, the changes, the criteria, the questions."""

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from optafly.cli.output import visible
from optafly.protocol import RefinedPrompt

_SIDE_BY_SIDE = 100  # columns; narrower terminals show one below the other


def show(console: Console, result: RefinedPrompt) -> None:
    """Show a refinement."""
    for note in result.notes:
        console.print(Text(f"note: {visible(note)}", style="yellow"))
    if result.outcome == "unchanged":
        console.print(Text("Clear as it is: nothing is changed.", style="green"))
        return
    console.print(_texts(console, result))
    console.print(_changes(result))
    console.print(_criteria(result))
    console.print(_summary(result))


def show_questions(console: Console, result: RefinedPrompt) -> None:
    """Show the open questions with numbered candidates."""
    number = 1
    for question in result.questions:
        console.print(Text(f"\nOpen: {visible(question.text)}", style="bold"))
        for candidate in question.candidates:
            console.print(Text(f"  {number}  {visible(candidate)}"))
            number += 1


def _texts(console: Console, result: RefinedPrompt) -> RenderableType:
    original = Panel(Text(visible(result.original)), title="Original", title_align="left")
    refined = Panel(Text(visible(result.refined)), title="Refined", title_align="left", border_style="green")
    if console.width < _SIDE_BY_SIDE:
        return Group(original, refined)
    grid = Table.grid(expand=True)
    grid.add_column(ratio=2)
    grid.add_column(ratio=3)
    grid.add_row(original, refined)
    return grid


def _changes(result: RefinedPrompt) -> RenderableType:
    table = Table(title="Changes", title_justify="left", box=None, pad_edge=False)
    table.add_column("kind", style="cyan")
    table.add_column("what", overflow="fold")
    table.add_column("tokens", justify="right")
    table.add_column("from", overflow="fold")
    for change in result.changes:
        table.add_row(change.kind, Text(visible(change.summary)), f"+{change.tokens}", Text(visible(change.source)))
    return table


def _criteria(result: RefinedPrompt) -> RenderableType:
    table = Table(title="Criteria", title_justify="left", box=None, pad_edge=False)
    table.add_column("criterion", style="cyan")
    table.add_column("before", justify="right")
    table.add_column("after", justify="right")
    for name, score in result.quality.criteria.items():
        style = "green" if score.after > score.before else ""
        table.add_row(name.replace("_", " "), _word(score.before), Text(_word(score.after), style=style))
    return table


def _word(score: int) -> str:
    return "present" if score >= 100 else "missing" if score <= 0 else f"{score} %"


def _summary(result: RefinedPrompt) -> RenderableType:
    quality, engine = result.quality, result.engine
    parts = [
        f"coverage {quality.before} -> {quality.after} of 100 (gain {quality.gain:.0%})",
        f"about {result.tokens.before} -> {result.tokens.after} tokens",
        f"{result.timings_ms.total:.0f} ms",
    ]
    if engine.model:
        role = "worded the task" if engine.used else "not used"
        parts.append(f"{engine.model} on {engine.device}: {role}")
    text = Text(" · ".join(parts), style="dim")
    if (chance := result.cache_hit_probability) is not None:
        text.append(f"\nEstimated chance of a cache hit: {100 * chance.before:.0f} % -> {100 * chance.after:.0f} %")
    failed = [gate.name for gate in result.gates if not gate.passed]
    if failed:
        text.append(f"\ngates not passed: {', '.join(failed)}", style="red")
    if engine.reason and not engine.used:
        text.append(f"\n{visible(engine.reason)}", style="dim")
    return text
