"""What a draft names by itself: literals to keep, names and paths to look up; plain words name nothing."""

import pytest

from optafly.context.mentions import find_mentions, plain_words, same_word, subwords


def literals(draft: str) -> list[tuple[str, str]]:
    return [(item.kind, item.text) for item in find_mentions(draft).literals]


@pytest.mark.parametrize(
    ("draft", "paths"),
    [
        ("fix src/app.py", [("src/app.py", None)]),
        ("fix src/app.py:12", [("src/app.py", 12)]),
        ("fix src/app.py:12:7 now", [("src/app.py", 12)]),
        ("in ./src/a.ts, please", [("./src/a.ts", None)]),
        ("look at utils.py.", [("utils.py", None)]),
        ("(see main.go)", [("main.go", None)]),
        ("README.md and Cargo.toml", [("README.md", None), ("Cargo.toml", None)]),
        ("the folder src/api/ is slow", [("src/api", None)]),
        ("`src/my file.py` fails", [("src/my file.py", None)]),
        ('open "docs/a b.md:3"', [("docs/a b.md", 3)]),
        ("../shared/x.c", [("../shared/x.c", None)]),
        ("a.py a.py", [("a.py", None)]),
        ("in größe.py", [("größe.py", None)]),
        ("Makefile is broken", []),
        ("version 2.py3 or so", []),
    ],
)
def test_paths(draft: str, paths: list[tuple[str, int | None]]) -> None:
    assert list(find_mentions(draft).paths) == paths


@pytest.mark.parametrize(
    ("draft", "names"),
    [
        ("parse_duration fails", ["parse_duration"]),
        ("make OfflineQueue faster", ["OfflineQueue"]),
        ("loadUsers is slow", ["loadUsers"]),
        ("call retry() twice", ["retry"]),
        ("Cart.total is wrong", ["Cart.total"]),
        ("Ring::pop and Ledger::settle", ["Ring::pop", "Ledger::settle"]),
        ("node->next is null", ["node->next"]),
        ("Shop#run", ["Shop#run"]),
        ("`retry` loops", ["retry"]),
        ("`Cart.total()` is off", ["Cart.total"]),
        ("'retry' loops", ["retry"]),
        ("__init__ and _private", ["__init__", "_private"]),
        ("HTTPServer dies", ["HTTPServer"]),
        ("useState and useState", ["useState"]),
        ("MAX_RETRIES too low", ["MAX_RETRIES"]),
    ],
)
def test_names(draft: str, names: list[str]) -> None:
    assert list(find_mentions(draft).names) == names


@pytest.mark.parametrize(
    "draft",
    [
        "fix this bug please",
        "Fix the JavaScript and TypeScript code",
        "push it to GitHub or GitLab on macOS and iOS",
        "use GraphQL with PostgreSQL and MySQL, as OpenAI and YouTube do",
        "Don't change that, it's fine",
        "what's wrong here?",
        "It is slow. Make it fast",
        "add a well-known re-usable thing",
        "Hello, World! (Again.)",
        "e.g. this, i.e. that, etc.",
        "and/or",
        "ÜBERGRÖSSE und Größe",
    ],
)
def test_plain_language_names_nothing(draft: str) -> None:
    found = find_mentions(draft)
    assert found.names == ()
    assert [path for path in found.paths if path[0] != "and/or"] == []


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("run with --dry-run and -v", [("flag", "--dry-run"), ("flag", "-v")]),
        ("pass --level=3, then stop", [("flag", "--level=3")]),
        ("upgrade to v2.1.0-rc.1", [("number", "v2.1.0-rc.1")]),
        ("wait 30s, not 250ms or 5 %", [("number", "30s"), ("number", "250ms"), ("number", "5 %")]),
        ("limit of 1,000 and 0.75 and 10:30", [("number", "1,000"), ("number", "0.75"), ("number", "10:30")]),
        ("error TS2345 and E0502", [("code_word", "TS2345"), ("code_word", "E0502")]),
        ("ticket ABC-123", [("code_word", "ABC-123")]),
        ("see https://example.com/a?b=c#d.", [("url", "https://example.com/a?b=c#d.")]),
        ('say "not found" or “gone”', [("quoted", '"not found"'), ("quoted", "“gone”")]),
        ("„weg“ or «parti» or 「無」", [("quoted", "„weg“"), ("quoted", "«parti»"), ("quoted", "「無」")]),
        ("the regex `^a+$` here", [("quoted", "`^a+$`")]),
        ("do:\n```py\nx = load_all()\n```\nthen", [("code", "```py\nx = load_all()\n```")]),
        ("cut ```off", [("code", "```off")]),
    ],
)  # fmt: skip
def test_literals_are_kept_to_the_letter(draft: str, expected: list[tuple[str, str]]) -> None:
    assert literals(draft) == expected


def test_what_stands_in_quotes_and_code_is_one_literal() -> None:
    assert literals("`load_all --fast a.py 3`") == [("quoted", "`load_all --fast a.py 3`")]


def test_literals_come_in_the_order_of_the_draft_with_their_place() -> None:
    draft = "in a.py call load_all(3) with --fast"
    found = find_mentions(draft).literals
    assert [item.text for item in found] == ["a.py", "load_all", "3", "--fast"]
    assert all(draft[item.start : item.start + len(item.text)] == item.text for item in found)


@pytest.mark.parametrize("draft", ["", " ", "\n", "`", "```", "''", '""', "/", "--", ":", "😀", "\ud800"])
def test_odd_drafts_name_nothing(draft: str) -> None:
    found = find_mentions(draft)
    assert (found.names, found.paths) == ((), ())


@pytest.mark.parametrize("unit", ["a", "a.", "a/", "_", "-", "aA", "1,", '"', "`", "a_", "A1", "a:1", "x://"])
def test_long_drafts_are_read_at_once(unit: str) -> None:
    assert isinstance(find_mentions(unit * 25_001).literals, tuple)


def test_plain_words_are_those_outside_the_literals() -> None:
    draft = "Fix the retry in src/retry.py, `retry` Größe x 3 times"
    assert plain_words(draft, find_mentions(draft).literals) == ["fix", "the", "retry", "in", "größe", "times"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [("parseHTTPResponse2", ["parse", "http", "response", "2"]), ("load_all_users", ["load", "all", "users"]),
     ("MAX_SIZE", ["max", "size"]), ("x", ["x"]), ("", []), ("__init__", ["init"])],
)  # fmt: skip
def test_an_identifier_is_made_of_words(name: str, parts: list[str]) -> None:
    assert subwords(name) == parts


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("retry", "retries", True), ("parse", "parser", True), ("parse", "parsing", True), ("upload", "uploads", True),
        ("export", "exporter", True), ("merge", "merged", True), ("entry", "entries", True), ("load", "load", True),
        ("load", "reload", False), ("form", "format", False), ("cat", "cats", True), ("at", "ate", False),
        ("port", "portal", True), ("user", "useful", False), ("total", "totem", False),
    ],
)  # fmt: skip
def test_forms_of_a_word(first: str, second: str, same: bool) -> None:
    assert same_word(first, second) is same
    assert same_word(second, first) is same
