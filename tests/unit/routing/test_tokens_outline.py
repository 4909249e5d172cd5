"""Outlines: what stays of code that a request is not about, in every language and in stretches of files."""

import pytest

from optafly.routing.token_outline import begun_before, definitions
from optafly.routing.tokens import Steps, optimise
from tests.unit.routing.made_prompts import code, edit, pasted, plain, prompt


def outlined(path: str, text: str, meant: str, told: str = "") -> str:
    """The context of a request that means the line holding ``meant``."""
    line = next(number for number, row in enumerate(text.split("\n"), 1) if meant in row)
    made = prompt([code(path, text, told=told)], f"Fix this: the error x at {path}:{line}.")
    assert len(made) > 2_000
    return optimise(made, steps=Steps.OUTLINE).text.partition("</context>")[0]


def rows(indent: str, name: str, end: str = "") -> str:
    """A body of twenty lines that no other body has."""
    return "\n".join(f"{indent}{name}_step({at}, {at} + one_more, another_one_of_them){end}" for at in range(20))


# For each language, code in which `refund` is meant, lines of it that stay, and the bodies that go.
LANGUAGES = {
    "bill.py": (
        f"""\
class Bill:
    def __init__(self) -> None:
        self.rate = 1
{rows("        ", "begin")}

    @cached
    async def charge(
        self, first: int
    ) -> int:
        \"\"\"Charge it.\"\"\"
{rows("        ", "charge")}
        def inner(more: int) -> None:
{rows("            ", "inner")}

    def refund(self) -> int:
{rows("        ", "refund")}
""",
        """\
        self.rate = 1
    @cached
    async def charge(
        self, first: int
    ) -> int:
        \"\"\"Charge it.\"\"\"
        def inner(more: int) -> None:
        # … 20 lines""",
        ["begin", "charge", "inner"],
    ),
    "bill.ts": (
        f"""\
export class Bill {{
  constructor(private rate: number) {{
    this.more = 1;
{rows("    ", "begin", ";")}
  }}
  async charge(first: number): Promise<number> {{
{rows("    ", "charge", ";")}
  }}
}}
export const taxed = (rate: number) => {{
{rows("  ", "taxed", ";")}
}};
export function refund(): number {{
{rows("  ", "refund", ";")}
}}
""",
        """\
  constructor(private rate: number) {
    this.more = 1;
  async charge(first: number): Promise<number> {
  }
export const taxed = (rate: number) => {
};
    // … 20 lines
  // … 20 lines""",
        ["begin", "charge", "taxed"],
    ),
    "bill.test.js": (
        f"""\
describe('bill', () => {{
  it('charges', () => {{
{rows("    ", "charge", ";")}
  }});
  it('refunds', () => {{
{rows("    ", "refund", ";")}
  }});
}});
""",
        """\
describe('bill', () => {
  it('charges', () => {
    // … 20 lines
  });""",
        ["charge"],
    ),
    "bill.rs": (
        f"""\
pub struct Bill {{
    pub rate: f64,
}}

impl Bill {{
    pub fn charge(&self, first: u32) -> u32 {{
{rows("        ", "charge", ";")}
    }}

    fn refund(&self) -> u32 {{
{rows("        ", "refund", ";")}
    }}
}}
""",
        """\
    pub rate: f64,
impl Bill {
    pub fn charge(&self, first: u32) -> u32 {
        // … 20 lines""",
        ["charge"],
    ),
    "bill.go": (
        f"""\
type Bill struct {{
\tRate float64
}}

func (b *Bill) Charge(first int) (int, error) {{
{rows(chr(9), "charge")}
}}

func Refund() int {{
{rows(chr(9), "refund")}
}}
""",
        """\
\tRate float64
func (b *Bill) Charge(first int) (int, error) {
\t// … 20 lines""",
        ["charge"],
    ),
    "Bill.java": (
        f"""\
public class Bill {{
    private double rate = 0.25;

    public Bill(double rate) {{
{rows("        ", "begin", ";")}
        this.rate = rate;
    }}

    @Override
    public int charge(int first) {{
{rows("        ", "charge", ";")}
    }}

    int refund() {{
{rows("        ", "refund", ";")}
    }}
}}
""",
        """\
    private double rate = 0.25;
    public Bill(double rate) {
        this.rate = rate;
    @Override
    public int charge(int first) {
        // … 20 lines""",
        ["begin", "charge"],
    ),
    "bill.c": (
        f"""\
struct bill {{
    double rate;
}};

static int charge(struct bill *bill,
                  int first)
{{
{rows("    ", "charge", ";")}
}}

int refund(void)
{{
{rows("    ", "refund", ";")}
}}
""",
        """\
    double rate;
static int charge(struct bill *bill,
                  int first)
    // … 20 lines""",
        ["charge"],
    ),
    "bill.cpp": (
        f"""\
class Bill {{
public:
    int charge(int first) const {{
{rows("        ", "charge", ";")}
    }}
    double rate = 0.25;
}};

int Bill::refund() {{
{rows("    ", "refund", ";")}
}}
""",
        """\
    int charge(int first) const {
        // … 20 lines
    double rate = 0.25;""",
        ["charge"],
    ),
}


@pytest.mark.parametrize("path", LANGUAGES)
def test_signatures_and_fields_stay_and_bodies_do_not(path: str) -> None:
    text, stays, goes = LANGUAGES[path]
    context = outlined(path, text, "refund_step(3")
    assert set(stays.split("\n")) <= set(context.split("\n"))
    assert [name for name in goes if f"{name}_step(" in context] == []
    assert all(f"refund_step({at}," in context for at in range(20))


def long_function(lines: int = 150) -> str:
    """A function in which line 100 is meant, with blocks, a value of line 20 that it uses, and documentation."""
    text = ["def total(bill, rates):", '    """The total.', "", "    In cents.", '    """']
    text += [f"    early_{at} = make({at}, {at})" for at in range(6, 20)]
    text += ["    amount = first_of(", "        bill,", "    )", "    for rate in rates:"]
    text += [f"        use_{at}(rate_{at}, {at})" for at in range(24, 60)]
    text += ["        if rate > 3:"]
    text += [f"            check_{at}(limit_{at}, {at})" for at in range(61, 100)]
    text += ["            wrong = amount * 2"]
    text += [f"            later_{at}(sum_{at}, {at})" for at in range(101, lines + 1)]
    return "\n".join(text)


def test_of_a_long_definition_stays_what_is_around_the_line_and_what_it_hangs_on() -> None:
    context = outlined("bill.py", long_function(), "wrong = amount")
    shown = context.split("\n")
    assert {"def total(bill, rates):", "    In cents.", "    amount = first_of(", "        bill,", "    )"} <= set(
        shown
    )
    assert {"    for rate in rates:", "        if rate > 3:", "            wrong = amount * 2"} <= set(shown)
    assert "            check_88(limit_88, 88)" in shown
    assert "            later_112(sum_112, 112)" in shown
    assert "early_12" not in context
    assert "use_40" not in context
    assert "check_70" not in context
    assert "later_130" not in context
    assert [line.strip() for line in shown if "…" in line] == [
        "# … 14 lines", "# … 36 lines", "# … 27 lines", "# … 38 lines",
    ]  # fmt: skip


def test_lines_can_be_counted_with_the_markers() -> None:
    shown = outlined("bill.py", long_function(), "wrong = amount").split("\n")[3:-2]
    numbers, number = {}, 1
    for line in shown:
        numbers[line.strip()] = number
        number += int(line.split()[2]) if "…" in line else 1
    assert numbers["wrong = amount * 2"] == 100
    assert number == 151


def test_a_definition_of_which_the_signature_is_meant_stays_whole() -> None:
    text = long_function()
    assert text in outlined("bill.py", text, "def total")


def test_a_pasted_error_means_the_line_it_names() -> None:
    text, _, _ = LANGUAGES["bill.py"]
    line = next(number for number, row in enumerate(text.split("\n"), 1) if "refund_step(3" in row)
    error = f'Traceback (most recent call last):\n  File "/app/bill.py", line {line}, in refund\nKeyError: 1'
    pieces = [pasted(error), code("bill.py", text)]
    made = prompt(pieces, f"Fix this: the KeyError raised at bill.py:{line} in `refund`.")
    assert "charge_step" not in optimise(made).text
    # The request is about something else, and the name of the file is all that they share.
    other = prompt(pieces, "Refactor bill.py.")
    assert optimise(other).text == other


def test_edits_mean_their_lines_where_the_request_is_about_them() -> None:
    text, _, _ = LANGUAGES["bill.py"]
    line = next(number for number, row in enumerate(text.split("\n"), 1) if "refund_step(3" in row)
    pieces = [code("bill.py", text), edit("bill.py", line, line, f"@@ -{line},1 +{line},1 @@\n-x\n+y")]
    made = prompt(pieces, f"My last change broke it: the uncommitted changes in `Bill` (bill.py:{line}).")
    assert "charge_step" not in optimise(made).text
    other = prompt(pieces, "Refactor `Bill`.")
    assert optimise(other).text == other


def test_what_is_reported_besides_stays_too() -> None:
    text, _, _ = LANGUAGES["bill.py"]
    lines = text.split("\n")
    refund, charge = (
        next(at for at, row in enumerate(lines, 1) if f"{name}_step(3" in row) for name in ("refund", "charge")
    )
    pieces = [code("bill.py", text), plain(f"mypy error y at bill.py:{charge}: bad")]
    shown = optimise(prompt(pieces, f"Fix this: the mypy error x at bill.py:{refund}.")).text
    assert "charge_step(19" in shown
    assert "begin_step" not in shown


def test_what_another_place_refers_to_is_not_folded() -> None:
    text = LANGUAGES["bill.py"][0]
    lines = text.split("\n")
    start, end = lines.index("    async def charge("), lines.index("        def inner(more: int) -> None:")
    refund = next(at for at, row in enumerate(lines, 1) if "refund_step(3" in row)
    inner = code("bill.py", "\n".join(lines[start:end]), start + 1, ", method `charge`")
    made = prompt([inner, code("bill.py", text)], f"Make `charge` as fast as bill.py:{refund}.")
    shown = optimise(made).text
    assert f"bill.py:{start + 1}-{end}, method `charge`, quoted below\n" in shown
    assert shown.count("charge_step(") == 20
    assert "begin_step" not in shown


WHOLE = LANGUAGES["bill.py"][0].split("\n")


# In line 27 a signature ends: what is inside that definition is then no definition of its own, and stays.
@pytest.mark.parametrize("cut", [cut for cut in range(0, 40, 3) if cut != 27])
def test_a_stretch_that_begins_anywhere_is_read_as_the_file_is(cut: int) -> None:
    found = {(item.symbol.name, item.first + cut, item.last + cut) for item in definitions("a.py", tuple(WHOLE[cut:]))}
    whole = {(item.symbol.name, item.first, item.last) for item in definitions("a.py", tuple(WHOLE))}
    assert found == {item for item in whole if item[1] >= cut}


def test_a_body_that_began_before_the_quote_is_a_body() -> None:
    lines = WHOLE[5:]
    assert begun_before(lines) == list(range(18))
    context = outlined("bill.py", "\n".join(lines), "refund_step(3")
    assert context.startswith(f"<context>\nbill.py:1-{len(lines)}\n```python\n        # … 18 lines\n\n    @cached\n")


def test_members_before_the_first_definition_are_no_body() -> None:
    assert begun_before(["    rate: int = 1", "    name: str", "", "class Other:", "    pass"]) == []


def test_a_stretch_that_begins_in_a_string_loses_no_signature() -> None:
    text = 'rest of it.\n\n    def in_words: of the docs\n    """\n' + "\n".join(WHOLE[1:])
    shown = outlined("bill.py", text, "refund_step(3").split("\n")
    for row in ("    def in_words: of the docs", "    def __init__(self) -> None:", "    async def charge("):
        assert row in shown


def test_text_that_is_indented_less_than_its_definition_is_no_body_of_it() -> None:
    text = LANGUAGES["bill.py"][0].replace("        charge_step(9,", "charge_step(9,")
    assert "charge_step(19" in outlined("bill.py", text, "refund_step(3")
