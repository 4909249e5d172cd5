"""Which place is meant: each rule, in the order of how sure it is; ties are asked about, too many are no answer."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from optafly.context.document import parse_selection
from optafly.context.edits import recent_edits
from optafly.context.mentions import find_mentions
from optafly.context.places import Located
from optafly.context.search import SymbolSearch
from optafly.context.targets import Clues, Finder
from optafly.context.traces import find_traces
from optafly.protocol import Diagnostic, Position, Range
from tests.unit.context.folders import commit, workspace, write

NONE = Clues(mentions=find_mentions(""), traces=(), words=(), points=False, wants_fix=False, about_edits=False)


def clues(draft: str = "", **more: Any) -> Clues:
    """The clues of a draft: its names and traces are found, the rest is as given."""
    return msgspec.structs.replace(NONE, mentions=find_mentions(draft), traces=find_traces(draft), **more)


def locate(folder: Path, given: Clues, file: str | None = None, selection: str | None = None,
           diagnostics: tuple[Diagnostic, ...] = (), *, hidden: bool = False) -> Located:  # fmt: skip
    opened = workspace(folder)
    document = opened.read(file) if file is not None else None
    chosen = parse_selection(selection) if selection is not None else None
    finder = Finder(opened, SymbolSearch(opened), given, document, chosen, diagnostics, lambda: recent_edits(opened),
                    hidden=hidden)  # fmt: skip
    return finder.locate()


def told(located: Located) -> list[str]:
    """``origin label`` of each target."""
    return [f"{target.origin} {target.label}" for target in located.targets]


def diagnostic(path: str, line: int, severity: Any = 1, message: str = "wrong", last: int | None = None) -> Diagnostic:
    """A diagnostic on a line, 1-based."""
    return Diagnostic(path, Range(Position(line - 1, 0), Position((last or line) - 1, 3)), message, severity)


FILES = {
    "shop/cart.py": (
        "import x\n\n\nclass Cart:\n    def total(self):\n        return 1\n\n    def clear(self):\n        pass\n"
    ),
    "shop/bill.py": "def round_up(x):\n    return x\n\n\ndef close_bill():\n    return round_up(1)\n",
    "shop/tax.py": "RATE = 3\n\n\ndef tax_rate():\n    return RATE\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return commit(tmp_path, FILES)


# --- what the draft names ------------------------------------------------------------------------------------------


def test_a_name_leads_to_its_definition(shop: Path) -> None:
    located = locate(shop, clues("`round_up` is off"))
    assert told(located) == ["name `round_up` (shop/bill.py:1)"]
    assert not located.tied
    assert located.targets[0].source == "user"


def test_several_names_lead_to_several_definitions(shop: Path) -> None:
    located = locate(shop, clues("round_up and close_bill"))
    assert told(located) == ["name `round_up` (shop/bill.py:1)", "name `close_bill` (shop/bill.py:5)"]
    assert not located.tied


def test_a_qualified_name_leads_to_the_member(shop: Path) -> None:
    (target,) = locate(shop, clues("Cart.total is off")).targets
    assert (target.path, target.start_line, target.end_line) == ("shop/cart.py", 5, 6)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_as_many_as_four_of_one_name_are_a_tie(tmp_path: Path, count: int) -> None:
    write(tmp_path, {f"m{number}.py": "def load_all(): pass\n" for number in range(count)})
    located = locate(tmp_path, clues("load_all fails"))
    assert located.tied
    assert told(located) == [f"name `load_all` (m{number}.py:1)" for number in range(count)]


def test_more_than_four_of_one_name_are_no_answer(tmp_path: Path) -> None:
    write(tmp_path, {f"m{number}.py": "def load_all(): pass\n" for number in range(5)})
    assert locate(tmp_path, clues("load_all fails")).targets == ()


def test_the_active_file_decides_between_several(tmp_path: Path) -> None:
    write(tmp_path, {f"m{number}.py": "def load_all(): pass\n" for number in range(7)})
    located = locate(tmp_path, clues("load_all fails"), file="m3.py")
    assert told(located) == ["name `load_all` (m3.py:1)"]


@pytest.mark.parametrize("named", ["m1.py", "lib/m1.py"])
def test_a_file_that_is_named_decides_between_several(tmp_path: Path, named: str) -> None:
    write(tmp_path, {f"lib/m{number}.py": "def load_all(): pass\n" for number in range(3)})
    assert told(locate(tmp_path, clues(f"load_all in {named}"))) == ["name `load_all` (lib/m1.py:1)"]


def test_a_class_and_its_constructor_are_one(tmp_path: Path) -> None:
    write(tmp_path, {"Shop.java": "class Shop {\n  Shop() {}\n}\n"})
    assert told(locate(tmp_path, clues("`Shop` leaks"))) == ["name `Shop` (Shop.java:1)"]


def test_a_type_and_its_implementation_are_one(tmp_path: Path) -> None:
    write(tmp_path, {"a.rs": "struct Ledger;\nimpl Ledger {\n}\nimpl Default for Ledger {\n}\n"})
    assert told(locate(tmp_path, clues("`Ledger` leaks"))) == ["name `Ledger` (a.rs:1)"]


def test_a_name_that_the_project_does_not_have_is_no_answer(shop: Path) -> None:
    assert locate(shop, clues("launch_rocket fails")).targets == ()


@pytest.mark.parametrize(
    ("draft", "place"),
    [
        ("look at shop/tax.py", "path shop/tax.py"),
        ("look at tax.py", "path shop/tax.py"),
        ("look at ./shop/tax.py please", "path shop/tax.py"),
        ("shop/bill.py:6 is wrong", "path `close_bill` (shop/bill.py:6)"),
        ("shop/bill.py:999 is wrong", "path shop/bill.py"),
        ("shop/tax.py:1", "path shop/tax.py:1"),
    ],
)
def test_a_path_leads_to_the_file_or_the_line(shop: Path, draft: str, place: str) -> None:
    assert told(locate(shop, clues(draft))) == [place]


def test_words_choose_a_definition_of_the_named_file(shop: Path) -> None:
    located = locate(shop, clues("closing in shop/bill.py", words=("close",)))
    assert told(located) == ["path `close_bill` (shop/bill.py:5)"]


def test_a_path_of_too_many_files_is_no_answer(tmp_path: Path) -> None:
    write(tmp_path, {f"p{number}/index.ts": "" for number in range(4)})
    assert locate(tmp_path, clues("index.ts")).targets == ()
    assert told(locate(tmp_path, clues("p1/index.ts"))) == ["path p1/index.ts"]


def test_a_path_that_does_not_exist_or_may_not_be_read_is_no_answer(tmp_path: Path) -> None:
    commit(tmp_path, {".gitignore": "gen.py\n", "gen.py": "", "config/secrets.yml": "", "a.py": ""})
    assert locate(tmp_path, clues("gen.py and config/secrets.yml and nope.py")).targets == ()


# --- pasted errors -------------------------------------------------------------------------------------------------

TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/srv/shop/bill.py", line 6, in close_bill\n    return\nValueError: no\n'
)


def test_a_pasted_error_leads_to_where_it_was_raised(shop: Path) -> None:
    located = locate(shop, clues(f"it dies in Cart.total\n{TRACE}"))
    assert told(located) == ["trace `close_bill` (shop/bill.py:6)"]


def test_a_pasted_line_that_the_file_no_longer_has_leads_to_the_file(shop: Path) -> None:
    located = locate(shop, clues(TRACE.replace("line 6", "line 600").replace("close_bill", "<module>")))
    assert told(located) == ["trace shop/bill.py"]


def test_an_error_from_elsewhere_leads_nowhere(shop: Path) -> None:
    elsewhere = msgspec.structs.replace(NONE, traces=find_traces(TRACE.replace("bill.py", "other.py")))
    assert elsewhere.traces
    assert locate(shop, elsewhere).targets == ()


# --- the selection -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selection", "label", "lines"),
    [
        ("6:1-6:9", "`Cart.total` (shop/cart.py:5)", (5, 6)),
        ("6:9-6:9", "`Cart.total` (shop/cart.py:5)", (5, 6)),
        ("5:1-9:1", "`Cart` (shop/cart.py:4)", (4, 9)),
        ("1:1-2:1", "shop/cart.py", (1, 1)),
        ("3:1-7:1", "`Cart.total` (shop/cart.py:5)", (3, 6)),
    ],
)
def test_a_selection_leads_to_what_is_around_it(shop: Path, selection: str, label: str, lines: tuple[int, int]) -> None:
    (target,) = locate(shop, clues(points=True), "shop/cart.py", selection).targets
    assert (target.origin, target.label, target.source) == ("selection", label, "selection")
    assert (target.start_line, target.end_line) == lines


def test_this_means_the_selection_and_a_name_only_what_to_use(shop: Path) -> None:
    located = locate(shop, clues("make this use round_up", points=True), "shop/cart.py", "6:1-6:9")
    assert told(located) == ["selection `Cart.total` (shop/cart.py:5)"]


def test_without_a_pointing_word_a_name_counts_more_than_the_selection(shop: Path) -> None:
    located = locate(shop, clues("round_up is off"), "shop/cart.py", "6:1-6:9")
    assert told(located) == ["name `round_up` (shop/bill.py:1)"]


@pytest.mark.parametrize(("points", "label"), [(True, "tip"), (False, "split_evenly")])
def test_the_cursor_is_meant_by_a_pointing_word_only(tmp_path: Path, points: bool, label: str) -> None:
    write(tmp_path, {"bill.py": "def split_evenly(a):\n    return a\n\n\ndef tip(a):\n    return a\n"})
    given = clues(points=points, words=("split", "evenly"))
    (found,) = locate(tmp_path, given, "bill.py", "6:5-6:5").targets
    assert found.symbol is not None
    assert found.symbol.name == label


def test_the_cursor_is_meant_where_nothing_else_tells(tmp_path: Path) -> None:
    write(tmp_path, {"bill.py": "def split_evenly(a):\n    return a\n\n\ndef tip(a):\n    return a\n"})
    assert told(locate(tmp_path, clues(), "bill.py", "6:5-6:5")) == ["selection `tip` (bill.py:5)"]


def test_the_worst_error_in_the_selection_is_the_line_meant(shop: Path) -> None:
    given = (diagnostic("shop/cart.py", 6, 4), diagnostic("shop/cart.py", 9, 1), diagnostic("shop/bill.py", 5, 1))
    fixing = clues(points=True, wants_fix=True)
    (target,) = locate(shop, fixing, "shop/cart.py", "5:1-9:5", given).targets
    assert target.line == 9
    (target,) = locate(shop, clues(points=True), "shop/cart.py", "5:1-9:5", given).targets
    assert target.line is None


# --- diagnostics ---------------------------------------------------------------------------------------------------


def test_the_only_error_is_what_to_fix(shop: Path) -> None:
    given = (diagnostic("shop/bill.py", 6, 1), diagnostic("shop/cart.py", 1, 2))
    located = locate(shop, clues(wants_fix=True), diagnostics=given)
    assert told(located) == ["diagnostic `close_bill` (shop/bill.py:6)"]


def test_errors_of_the_active_file_come_first(shop: Path) -> None:
    given = (diagnostic("shop/bill.py", 6), diagnostic("shop/cart.py", 6))
    assert told(locate(shop, clues(wants_fix=True), "shop/cart.py", diagnostics=given)) == [
        "diagnostic `Cart.total` (shop/cart.py:6)"
    ]


def test_errors_in_two_functions_are_a_tie_and_in_one_are_not(shop: Path) -> None:
    one, other = diagnostic("shop/bill.py", 2), diagnostic("shop/bill.py", 6)
    located = locate(shop, clues(wants_fix=True), diagnostics=(one, other))
    assert located.tied
    assert len(located.targets) == 2
    located = locate(shop, clues(wants_fix=True), diagnostics=(one, one, diagnostic("shop/bill.py", 1)))
    assert not located.tied
    assert len(located.targets) == 1


def test_all_errors_are_no_tie(shop: Path) -> None:
    given = (diagnostic("shop/bill.py", 2), diagnostic("shop/bill.py", 6))
    located = locate(shop, clues(wants_fix=True, wants_all=True), diagnostics=given)
    assert not located.tied
    assert len(located.targets) == 2


def test_errors_are_not_what_to_explain(shop: Path) -> None:
    assert locate(shop, clues(), diagnostics=(diagnostic("shop/bill.py", 6),)).targets == ()


# --- words ---------------------------------------------------------------------------------------------------------


def test_two_words_that_make_a_name_lead_to_it(shop: Path) -> None:
    located = locate(shop, clues(words=("closing", "close", "bill")), "shop/cart.py")
    assert told(located) == ["words `close_bill` (shop/bill.py:5)"]


def test_one_word_that_is_a_whole_name_leads_to_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def slugify(): pass\n", "b.py": "def other(): pass\n"})
    located = locate(tmp_path, clues(words=("slugify", "umlauts"), subjects=("slugify",)))
    assert told(located) == ["words `slugify` (a.py:1)"]


def test_one_word_of_a_longer_name_is_a_guess(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def export_rows(): pass\n", "b.py": "def other(): pass\n"})
    located = locate(tmp_path, clues(words=("exporter",), subjects=("exporter",)))
    assert told(located) == ["guess `export_rows` (a.py:1)"]


def test_a_word_that_is_no_subject_leads_nowhere(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def other(): pass\n"})
    assert locate(tmp_path, clues(words=("other",))).targets == ()


@pytest.mark.parametrize(("count", "tied"), [(2, True), (4, True), (5, False)])
def test_names_that_fit_equally_well_are_a_tie_up_to_four(tmp_path: Path, count: int, tied: bool) -> None:
    write(tmp_path, {f"m{number}.py": f"def load_user_{number}(): pass\n" for number in range(count)})
    located = locate(tmp_path, clues(words=("load", "user")))
    assert located.tied is tied
    assert len(located.targets) == (count if tied else 0)


def test_the_active_file_decides_between_names_that_fit_equally_well(tmp_path: Path) -> None:
    write(tmp_path, {f"m{number}.py": f"def load_user_{number}(): pass\n" for number in range(9)})
    assert told(locate(tmp_path, clues(words=("load", "user")), "m4.py")) == ["words `load_user_4` (m4.py:1)"]


def test_the_name_that_is_covered_best_wins(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def load_user_from_cache(): pass\n\n\ndef load_user(): pass\n"})
    assert told(locate(tmp_path, clues(words=("load", "user")))) == ["words `load_user` (a.py:4)"]


def test_a_class_hides_what_fits_equally_well_inside_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "class UserLoader:\n    def load_user(self): pass\n"})
    assert told(locate(tmp_path, clues(words=("load", "user")))) == ["words `UserLoader` (a.py:1)"]


# --- edits and the active file -------------------------------------------------------------------------------------


def test_my_changes_are_the_uncommitted_ones(shop: Path) -> None:
    write(shop, {"shop/tax.py": FILES["shop/tax.py"].replace("return RATE", "return RATE + 1")})
    located = locate(shop, clues(about_edits=True))
    assert told(located) == ["edits `tax_rate` (shop/tax.py:5)"]
    assert located.targets[0].source == "shop/tax.py:5"


def test_a_bare_fix_means_what_was_changed_in_the_active_file(shop: Path) -> None:
    write(shop, {"shop/tax.py": FILES["shop/tax.py"].replace("= 3", "= 4")})
    bare = clues(wants_fix=True, bare=True, points=True)
    assert told(locate(shop, bare, "shop/tax.py")) == ["edits shop/tax.py:1"]
    assert told(locate(shop, bare, "shop/bill.py")) == ["file shop/bill.py"]


def test_an_error_counts_more_than_a_change(shop: Path) -> None:
    write(shop, {"shop/tax.py": FILES["shop/tax.py"].replace("= 3", "= 4")})
    located = locate(shop, clues(wants_fix=True, bare=True), "shop/tax.py", diagnostics=(diagnostic("shop/tax.py", 5),))
    assert told(located) == ["diagnostic `tax_rate` (shop/tax.py:5)"]


def test_with_nothing_else_the_active_file_is_meant(shop: Path) -> None:
    assert told(locate(shop, clues(points=True), "shop/tax.py")) == ["file shop/tax.py"]
    assert locate(shop, clues(), "shop/tax.py").targets == ()
    assert locate(shop, clues(points=True)).targets == ()


def test_behind_a_file_that_may_not_be_read_nothing_is_guessed(shop: Path) -> None:
    write(shop, {"shop/tax.py": FILES["shop/tax.py"].replace("= 3", "= 4")})
    everything = clues(points=True, wants_fix=True, about_edits=True, bare=True, words=("tax", "rate"))
    assert locate(shop, everything, diagnostics=(diagnostic("shop/tax.py", 5),), hidden=True).targets == ()
    assert told(locate(shop, clues("round_up", points=True), hidden=True)) == ["name `round_up` (shop/bill.py:1)"]


# --- asked more than once ------------------------------------------------------------------------------------------


def test_the_same_finder_answers_the_same(shop: Path) -> None:
    opened = workspace(shop)
    finder = Finder(opened, SymbolSearch(opened), clues("round_up in bill.py"), None, None, (), lambda: ())
    assert finder.locate() == finder.locate()
    assert finder.named() == finder.named()
    assert finder.named_paths() == [("shop/bill.py", None)]
