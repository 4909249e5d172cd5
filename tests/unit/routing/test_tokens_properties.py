"""What holds for every prompt: nothing that must stay is lost, and optimising again changes nothing."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optafly.context.pieces import Piece
from optafly.context.tokens import estimate_tokens
from optafly.routing.token_form import Quote, read_prompt
from optafly.routing.tokens import NOT_OURS, Steps, TokenOptimization, optimise
from tests.unit.routing.made_prompts import code, edit, pasted, plain, prompt

EXAMPLES = int(os.environ.get("OPTAFLY_TEST_EXAMPLES", "60"))
quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CI" in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NAMES = ("charge", "refund_of", "RateTable", "limit2", "close_bill", "x", "taxed", "Größe", "_hidden", "total")
PATHS = ("bill.py", "src/bill.ts", "src/lib.rs", "bill.go", "notes.txt", "a b/bill.py", "Bill.java", "conf.yaml")
ODD = st.sampled_from([
    "", "    ", "\t", '    """', "'''", '"""Words of a text,  ', "# … 14 lines", "… 3 lines, quoted above", "```", "}",
    "    … the line above, 3 times in all", "class words in a text", "@cached", "async def (", "</context>", "<task>",
    "`", "x = `", "Pasted with the request:", "bill.py:1-3", "\\", "\u2028", "if x:", "else:", "  - y: |", "pass",
])  # fmt: skip
ANY = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=25)


# What opens a definition around others, a definition with a body, and what closes both, by the ending of the file.
HEADS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "py": (
        "class {}:",
        ("def {}(self, a: int,\n            b=3) -> int:", "async def {}():", "@cached\ndef {}(a):"),
        "",
    ),
    "ts": ("export class {} {{", ("{}(a: number): number {{", "async {}() {{"), "}"),
    "rs": ("impl {} {{", ("pub fn {}(&self, a: u32) -> u32 {{", "fn {}<T>(a: T) {{"), "}"),
    "go": ("", ("func {}(a int) (int, error) {{", "func (b *Bill) {}() {{"), "}"),
    "java": ("public class {} {{", ("public int {}(int a) {{", "@Override\nvoid {}() {{"), "}"),
}


@st.composite
def bodies(draw: st.DrawFn, indent: str) -> list[str]:
    """The lines of a body, with a block in it and now and then something odd."""
    name = draw(st.sampled_from(NAMES))
    rows = [f"{indent}{name}_{at} = make({at * 7}, {at} + more, 'text')" for at in range(draw(st.integers(0, 40)))]
    nested: bool = draw(st.booleans())
    if rows and nested:
        at = draw(st.integers(0, len(rows) - 1))
        rows[at:] = [f"{indent}if more > {at}:", *(f"    {row}" for row in rows[at:])]
    if draw(st.integers(0, 5)) == 0:
        before = draw(st.sampled_from(["", indent, indent, indent]))
        rows.insert(draw(st.integers(0, len(rows))), before + draw(st.one_of(ODD, ANY)))
    return rows


@st.composite
def sources(draw: st.DrawFn, path: str) -> str:
    """Something like code of the language, with odd lines in it."""
    ending = path.rpartition(".")[2]
    around, heads, close = HEADS.get(ending) or HEADS[draw(st.sampled_from(sorted(HEADS)))]
    rows: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        indent = "    " if around and draw(st.booleans()) else ""
        rows += [around.format(draw(st.sampled_from(NAMES))), f"{indent}field_{len(rows)} = 4711"] if indent else []
        for _ in range(draw(st.integers(1, 3))):
            head = draw(st.sampled_from(heads)).format(draw(st.sampled_from(NAMES)))
            rows += [f"{indent}{row}" for row in head.split("\n")]
            rows += [*draw(bodies(f"{indent}    ")), f"{indent}{close}".rstrip()]
        rows += [close] if indent else []
    return "\n".join(rows)


@st.composite
def codes(draw: st.DrawFn, files: dict[str, str]) -> Piece:
    """A stretch of one of a few files, perhaps with a selection."""
    path = draw(st.sampled_from(sorted(files)))
    lines = files[path].split("\n")
    first = draw(st.sampled_from([1, 1, draw(st.integers(1, len(lines)))]))
    last = draw(st.sampled_from([len(lines), draw(st.integers(first, len(lines)))]))
    told = draw(st.sampled_from(["", f", function `{draw(st.sampled_from(NAMES))}`"]))
    begin = draw(st.integers(first, last))
    end = draw(st.integers(begin, min(last, begin + 9)))
    told += draw(st.sampled_from(["", f" (selection {begin}-{end})", f" (cursor, line {begin})"]))
    return code(path, "\n".join(lines[first - 1 : last]), first, told)


@st.composite
def errors(draw: st.DrawFn, files: dict[str, str]) -> Piece:
    """A traceback through the files and through libraries, lines of a log around it."""
    rows = ["Traceback (most recent call last):"]
    for _ in range(draw(st.integers(1, 12))):
        library = draw(st.booleans())
        path = draw(st.sampled_from(sorted(files)))
        where = f"/srv/lib/python3.12/site-packages/web/{path}" if library else f"/srv/app/{path}"
        rows.append(f'  File "{where}", line {draw(st.integers(1, 60))}, in {draw(st.sampled_from(NAMES))}')
        rows += draw(st.lists(st.sampled_from(["    return make(7)", "    ^^^^^^^^^", "    charge(4711)"]), max_size=2))
    rows.append(draw(st.sampled_from(["KeyError: 'limit2'", "ValueError: expected 4711 of 250", "web.errors.Closed"])))
    log = [draw(st.sampled_from(["WARN retrying db-1", "  ", "WARN retry 12 of 20"]))] * draw(st.integers(0, 20))
    return pasted("\n".join([*log, *rows * draw(st.integers(1, 4))]))


@st.composite
def edits(draw: st.DrawFn, files: dict[str, str]) -> Piece:
    """A change in one of the files."""
    path = draw(st.sampled_from(sorted(files)))
    lines = files[path].split("\n")
    first = draw(st.integers(1, len(lines)))
    rows = lines[first - 1 : first + 6]
    at = draw(st.integers(0, len(rows) - 1))
    diff = [f" {row}" for row in rows]
    diff[at : at + 1] = [f"-{rows[at]} + 1", f"+{rows[at]}"]
    last = first + len(rows) - 1
    return edit(path, first, last, "\n".join([f"@@ -{first},{len(rows)} +{first},{len(rows)} @@", *diff]))


@st.composite
def prompts(draw: st.DrawFn) -> str:
    """A prompt as it is assembled."""
    files = {path: draw(sources(path)) for path in draw(st.sets(st.sampled_from(PATHS), min_size=1, max_size=2))}
    pieces = draw(st.lists(st.one_of(errors(files)), max_size=2))
    pieces += draw(st.lists(codes(files), min_size=1, max_size=3))
    place = f"{draw(st.sampled_from(sorted(files)))}:{draw(st.integers(1, 60))}"
    name = draw(st.sampled_from(NAMES))
    pieces += draw(st.lists(st.sampled_from([
        plain(f'mypy error x at {place}: "{name}" is not 4711'), plain(f"ruff warning at {place}: bad\nand `{name}`"),
        plain(f"`def {name}(self, a: int, b=3) -> int` ({place})"), plain(f"Called in `{name}` ({place})."),
    ]), max_size=2))  # fmt: skip
    pieces += draw(st.lists(edits(files), max_size=2))
    words = ["Fix this", f"`{name}` is wrong", f"the KeyError raised at {place}", "it fails for 4711", f"see {place}",
             "the closing is slow", "the recent edits in it", '"text" is printed', draw(ANY)]  # fmt: skip
    task = ". ".join(draw(st.lists(st.sampled_from(words), min_size=1, max_size=3)))
    return prompt(pieces, task, constraints=draw(st.sampled_from(["", f"Keep the signature of `{name}`."])))


def quotes(text: str) -> list[Quote]:
    read = read_prompt(text)
    return [quote for _, quote in read.quotes] if read else []


def stripped(text: str) -> set[str]:
    return {line.strip() for line in text.split("\n")}


DECLARED = re.compile(
    r"^\s*(?:export |async |pub |public )*(?:def|class|fn|func|impl) [(\w]|^\s*(?:async |public int |void )?\w+\(.*\{$"
)


def must_stay(text: str, keep: Sequence[str]) -> Iterator[str]:
    """Quoted lines of code that must stand somewhere afterwards, found by other means than those of the code."""
    _, _, request = text.partition("\n</context>\n")
    named = {*re.findall(r"`(\w+)`", request), *re.findall(r"\b\d{4}\b", request), *keep}
    for quote in quotes(text):
        selected = range(quote.selected[0], quote.selected[1] + 1) if quote.selected else range(0)
        for number, line in enumerate(quote.lines, quote.first):
            holds = named & set(re.findall(r"\w+", line))
            if DECLARED.match(line) or holds or (quote.kind == "code" and number in selected):
                yield line.strip()


def holds(text: str, result: TokenOptimization, keep: Sequence[str] = ()) -> None:
    """What holds for every result."""
    assert result.after == estimate_tokens(result.text) <= result.before == estimate_tokens(text)
    assert sum(step.saved for step in result.steps) == result.before - result.after
    if read_prompt(text) is None:
        assert (result.text, result.reason) == (text, NOT_OURS)
        return
    assert result.text.partition("\n</context>\n")[2] == text.partition("\n</context>\n")[2]
    assert optimise(result.text, keep=keep).text == result.text
    there = stripped(result.text)
    assert [line for line in must_stay(text, keep) if line not in there] == []
    read = read_prompt(text)
    assert read is not None
    for quote in quotes(text):
        assert any(line.startswith(quote.title.strip()) for line in there)
    for line in read.plain:
        place = line.rpartition("` (")[2]
        assert line.strip() in there or (line.startswith("`") and f"` ({place}, quoted " in result.text)


@quick
@given(text=prompts(), keep=st.lists(st.sampled_from([*NAMES, "4711", "make"]), max_size=1))
def test_any_assembled_prompt(text: str, keep: list[str]) -> None:
    result = optimise(text, keep=keep)
    holds(text, result, keep)
    assert result == optimise(text, keep=keep)


@quick
@given(
    text=prompts(), cut=st.integers(0, 300), added=st.one_of(ANY, st.sampled_from(["\n</context>", "<task>", "```"]))
)
def test_any_prompt_that_was_edited(text: str, cut: int, added: str) -> None:
    edited = text[:cut] + added + text[cut:]
    holds(edited, optimise(edited))


@quick
@given(text=st.one_of(ANY, st.text(max_size=60)))
def test_any_other_text(text: str) -> None:
    assert optimise(text, max_chunk_tokens=1).text == text


@quick
@given(text=prompts())
def test_every_word_stays_when_only_duplicates_go(text: str) -> None:
    result = optimise(text, steps=Steps.DUPLICATES)
    before, after = ({line.strip() for quote in quotes(one) for line in quote.lines} for one in (text, result.text))
    # Of a change the lines around it may stand as code.
    assert {line.removeprefix("+").strip() for line in before} <= {line.removeprefix("+").strip() for line in after} | {
        ""
    }
    assert set(re.findall(r"\w+", text)) <= set(re.findall(r"\w+", result.text))


@quick
@given(text=prompts())
def test_every_character_stays_when_only_white_space_goes(text: str) -> None:
    result = optimise(text, steps=Steps.WHITE_SPACE)
    assert "".join(result.text.split()) == "".join(text.split())
    for before, after in zip(quotes(text), quotes(result.text), strict=True):
        if before.kind == "edits" or (before.kind == "code" and before.language is None):
            assert after == before


@quick
@given(text=prompts())
def test_every_frame_and_message_stays_when_errors_are_shortened(text: str) -> None:
    result = optimise(text, steps=Steps.REPEATS)
    shown = "\n".join(line for quote in quotes(result.text) if quote.kind == "trace" for line in quote.lines)
    for quote in quotes(text):
        if quote.kind == "trace":
            for line in quote.lines:
                if found := re.match(r'\s*File ".*?([^/"]+)", line (\d+), in (\w+)$', line):
                    assert re.search(rf"{re.escape(found[1])}\W.*\b{found[2]}\b.*\b{found[3]}\b", shown), line
                elif not line.startswith("    "):
                    assert line in shown
        else:
            assert quote in quotes(result.text)


@quick
@given(text=prompts(), most=st.integers(150, 900))
def test_every_line_is_in_one_part(text: str, most: int) -> None:
    result = optimise(text, max_chunk_tokens=most)
    if not result.chunks:
        return
    request = text.partition("\n</context>\n")[2]
    together: list[str] = []
    for chunk in result.chunks:
        context, _, rest = chunk.removeprefix("<context>\n").partition("\n</context>\n")
        assert rest == request
        together += context.split("\n")[1:]
    whole = result.text.removeprefix("<context>\n").partition("\n</context>\n")[0].split("\n")
    kept = [line for line in whole if not line.startswith("```") and not is_title(line)]
    assert [line for line in together if not line.startswith("```") and not is_title(line)] == kept


def is_title(line: str) -> bool:
    return re.match(r"Pasted with|Uncommitted change in|.*:\d+-\d+(?:,| \(|$)", line) is not None
