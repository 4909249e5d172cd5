"""What rough drafts ask for: typos, negated verbs, several languages."""

import pytest

from optafly.refine.draft import read_draft
from optafly.refine.lexicon import INTENT_PHRASES, STRONG_VERBS, Intent
from tests.unit.refine.fakes import TRACEBACK

DRAFTS: dict[Intent, tuple[str, ...]] = {
    "fix": (
        "fix this",
        "fix",
        "pls fix the bug",
        "Fix this bug!!",
        "fxi this",
        "this is borken",
        "it crashes when i click save",
        "app hangs after login",
        "getting a KeyError here, help",
        "TypeError: x is undefined",
        "doesn't work",
        "doesn’t work",
        "this doesnt work anymore",
        "not working on windows",
        "wrong result for negative numbers",
        "total is off by one",
        "login broke since yesterday",
        "test_login is flaky, make it stable",
        "tests fail on ci",
        "fix the failing tests",
        "make the tests pass",
        "don't refactor, just fix",
        "do not refactor this, only fix the null check",
        "dont rewrite it just repair the date parsing",
        "fix it without refactoring",
        "can you debug this",
        "memory leak in the cache",
        "handle the None case, it blows up",
        "button does nothing when clicked",
        "the spinner never stops",
        "can't log in with google",
        "make the error go away",
        "make it work",
        "there is a typo in the header",
        "correct the rounding",
        "behebe das",
        "geht nicht",
        "das stürzt ab",
        "arregla esto",
        "esto no funciona",
        "corrige ce bug",
        "ça ne marche pas",
        "correggi questo",
        "これを直して",
        "修复这个bug",
        "исправь это",
    ),
    "explain": (
        "explain this",
        "explian what this does",
        "exlpain this pls",
        "what does this do",
        "whats going on here",
        "wtf is this",
        "how does the cache work?",
        "why is this async",
        "walk me through this file",
        "i dont understand this regex",
        "help me understand parse_args",
        "describe what happens on shutdown",
        "don't change anything, just explain",
        "dont fix it yet, explain the bug",
        "where is the config loaded",
        "was macht diese funktion",
        "erkläre das bitte",
        "qué hace esta función",
        "explícame esto",
        "explique cette fonction",
        "このコードを説明して",
        "解释这段代码",
        "объясни этот код",
    ),
    "optimize": (
        "make this faster",
        "this is slow",
        "too slow!!",
        "speed up the import",
        "optmize this loop",
        "optimise the query",
        "optimze pls",
        "uses too much memory",
        "improve performance of the search",
        "reduce the number of db calls",
        "page takes 10 seconds to load",
        "mach das schneller",
        "hazlo más rápido",
        "c'est trop lent",
        "もっと速くして",
        "优化一下",
    ),
    "refactor": (
        "refactor this",
        "refacotr this mess",
        "clean this up",
        "cleanup pls",
        "this is ugly, tidy it",
        "simplify",
        "split this function",
        "extract the validation into its own function",
        "rename foo to bar",
        "remove the duplication here",
        "make this more readable",
        "move this into another module",
        "don't optimize, just simplify",
        "refaktorisiere das",
        "リファクタリングして",
    ),
    "test": (
        "write tests for this",
        "add tests",
        "need a unit test for the parser",
        "write a test for parse_duration",
        "test this",
        "tests pls",
        "more coverage for billing",
        "wirte tests",
        "add a test for the empty case",
        "don't fix it, write a failing test",
        "can you add some tests here",
        "schreib tests dafür",
        "escribe pruebas para esto",
        "ajoute des tests",
        "テストを書いて",
        "写测试",
        "добавь тесты",
    ),
    "document": (
        "document this",
        "docuemnt this function",
        "add docstrings",
        "add a docstring to parse_args",
        "add comments",
        "write a readme",
        "needs jsdoc",
        "update the docs for this",
        "dokumentiere die klasse",
    ),
    "review": (
        "review this",
        "reveiw my changes",
        "any issues with this?",
        "is this code ok",
        "look over this pls",
        "anything wrong with this?",
        "check this for bugs",
    ),
    "migrate": (
        "migrate this to asyncio",
        "port to typescript",
        "upgrade to react 19",
        "convert this to a dataclass",
        "switch from requests to httpx",
        "bump the pydantic version",
        "migarte to python 3.12",
    ),
    "implement": (
        "add a logout button",
        "implement retry",
        "implemnt pagination",
        "create an endpoint for health checks",
        "make it accept json too",
        "support dark mode",
        "we need a --verbose flag",
        "add error handling",
        "add an upgrade button",
        "please add a review page",
        "should also work with csv",
        "use the new logger here",
        "show the total in the footer",
        "füge einen logout button hinzu",
        "añade un botón",
        "ajoute un bouton",
        "添加一个按钮",
    ),
    "other": ("hmm", "the thing with the thing", "?", "parser.py"),
}
CASES = [(draft, intent) for intent, drafts in DRAFTS.items() for draft in drafts]


@pytest.mark.parametrize(("draft", "intent"), CASES, ids=[draft for draft, _ in CASES])
def test_intent(draft: str, intent: Intent) -> None:
    assert read_draft(draft).intent == intent


@pytest.mark.parametrize(
    ("draft", "intent"),
    [
        ("", "fix"),
        ("help", "fix"),
        ("add handling for this", "fix"),
        ("explain this", "explain"),
        ("write a test for this", "test"),
    ],
)
def test_a_pasted_error_asks_for_a_fix_unless_the_words_ask_for_something_else(draft: str, intent: Intent) -> None:
    assert read_draft(f"{draft}\n{TRACEBACK}").intent == intent


@pytest.mark.parametrize(
    ("draft", "intent"),
    [
        ("the port is already taken", "other"),
        ("a review of the upgrade fails", "fix"),
        ("the refactor broke the login", "fix"),
        ("create a document store", "implement"),
    ],
)
def test_a_noun_that_looks_like_a_verb_says_nothing(draft: str, intent: Intent) -> None:
    assert read_draft(draft).intent == intent


def test_only_what_is_outside_literals_says_the_intent() -> None:
    assert read_draft("rename `fix_test_docs` to `tidy`").intent == "refactor"


def test_case_and_surrounding_space_make_no_difference() -> None:
    assert read_draft("  WRITE TESTS FOR THIS \n").intent == read_draft("write tests for this").intent == "test"


@pytest.mark.parametrize("intent", [intent for intent in INTENT_PHRASES if intent != "implement"])
def test_every_phrase_of_the_lexicon_is_in_lower_case_and_says_an_intent(intent: Intent) -> None:
    for phrase in INTENT_PHRASES[intent]:
        assert phrase == phrase.lower().strip()
        assert read_draft(f"zzz {phrase} zzz").intent != "other", phrase


def test_verbs_say_what_their_phrases_say() -> None:
    for verb, intent in STRONG_VERBS.items():
        assert read_draft(verb).intent == intent
