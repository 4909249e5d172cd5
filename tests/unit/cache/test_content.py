"""The content-token guard stops requests that differ in what they are about, and lets pass what is said otherwise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optafly.cache.content import content_difference

DIFFERENT = [
    ("retry the upload 3 times", "retry the upload five times", "number"),
    ("wait 2 seconds before the next call", "wait 2 ms before the next call", "number"),
    ("run the backup at 6 pm", "run the backup at 6 am", "number"),
    ("explain the changes of Python 3.11", "explain the changes of Python 3.12", "version"),
    ("what does `parse_date` do", "what does `parse_time` do", "identifier"),
    ("explain src/api/client.py", "explain src/api/server.py", "path"),
    ("what does grep -v do", "what does grep -V do", "flag"),
    ("how do I fix E0382", "how do I fix E0499", "code"),
    ("read a csv file in python", "read a csv file in ruby", "name"),
    ("plot a histogram with matplotlib", "plot a histogram with seaborn", "name"),
    ("install curl on ubuntu", "install curl on windows", "name"),
    ("sort a list", "sort a list in Haskell", "name"),
    ("use the cache", "do not use the cache", "negation"),
    ("call it without arguments", "call it with arguments", "negation"),
    ("enable the linter for tests", "turn off the linter for tests", "opposites"),
    ("delete the local branch", "delete the remote branch", "opposites"),
    ("list the staged files", "list the unstaged files", "opposites"),
    ("sort the array in ascending order", "sort the array in descending order", "opposites"),
    ("keep the newest backup", "keep the oldest backup", "opposites"),
    ("remove the first element of a list", "remove the last element of a list", "opposites"),
    ("delete all tags", "delete a single tag", "quantifier"),
    ("explain the second rule", "explain the fourth rule", "ordinal"),
    ("restart it on mondays", "restart it on fridays", "time"),
    ("send the report daily", "send the report weekly", "opposites"),
    ("convert JSON to YAML", "convert YAML to JSON", "direction"),
    ("run the linter before the tests", "run the tests before the linter", "direction"),
    ("works in the shell but not from cron", "works from cron but not in the shell", "order"),
    ("how does TLS work", "why does TLS work", "question"),
    ("what is a mutex", "what is a semaphore", "mutex"),
    ("mock a function", "mock a module", "function"),
    ("explain closures", "erkläre Closures bitte mit einem Beispiel", "language"),
    ("wie lösche ich eine Datei", "wie kopiere ich eine Datei", ""),
    ("trier une liste avec Python", "trier une liste sans Python", "negation"),
    ("elimina el primer elemento de la lista", "elimina el último elemento de la lista", "opposites"),
    ("как удалить файл", "как создать файл", ""),
    ("如何启用缓存", "如何禁用缓存", "opposites"),
    ("最初の要素を削除する", "最後の要素を削除する", "opposites"),
    ("what does !! do in Kotlin", "what does ?. do in Kotlin", "symbol"),
]
SAME = [
    ("retry 3 times", "retry three times"),
    ("wait half a second", "wait 500 ms"),
    ("allow at most 3 attempts", "allow no more than three attempts"),
    ("run it at 6 pm", "run it at 18:00"),
    ("explain ./src/app.py", "explain src/app.py"),
    ("read a file in js", "read a file in JavaScript"),
    ("restart a k8s pod", "restart a Kubernetes pod"),
    ("list tables in postgres", "list tables in PostgreSQL"),
    ("remove the directory", "delete the folder"),
    ("enable the cache", "turn on the cache"),
    ("turn the cache off", "disable the cache"),
    ("do not drop the header", "keep the header"),
    ("what's the difference between a list and a tuple", "list vs tuple"),
    ("list or tuple", "tuple or list"),
    ("how do I sort a list in Python?", "sort a list in python"),
    ("initialise an array", "initialize an array"),
    ("sort a list with numpy in Python", "sort a list with numpy"),
    ("describe test driven development", "describe TDD"),
    ("create a dataset", "create a data set"),
    ("delete the temporry file", "delete the temporary file"),
    ("run the script every day", "run the script daily"),
    ("the import is not used", "the import isn't used"),
    ("wie lösche ich alle leeren Ordner", "alle leeren Ordner löschen"),
    ("comment supprimer un fichier", "supprimer un fichier"),
]


@pytest.mark.parametrize(("a", "b", "kind"), DIFFERENT)
def test_what_changes_the_answer_is_named(a: str, b: str, kind: str) -> None:
    found = content_difference(a, b)
    assert found is not None
    assert kind in found
    assert content_difference(b, a) == found


@pytest.mark.parametrize(("a", "b"), SAME)
def test_the_same_said_otherwise_passes(a: str, b: str) -> None:
    assert content_difference(a, b) is None


def test_reasons_are_short_whatever_the_texts() -> None:
    found = content_difference(f"explain src/{'x' * 300}.py", f"explain src/{'y' * 300}.py")
    assert found is not None
    assert len(found) < 120


def test_a_detail_at_the_end_of_a_long_text_counts() -> None:
    long = "Our service reads orders from a queue and writes them to a table, one row each. " * 8
    a, b = f"{long}Write the rows in batches of 50.", f"{long}Write the rows in batches of 500."
    assert content_difference(a, b) is not None
    assert content_difference(a, a) is None


WORDS = st.sampled_from(
    """
    convert JSON to YAML from before after not without never all any first last 3 three 2.5 ms GB v2 1.2.3 6 pm 18:30
    one `foo_bar` foo.bar() --flag -x src/a.py ./src/a.py E0382 python js Go go C++ the a of in on how why what ? ! . ,
    ( ) -> != einem nicht ohne alle wie ich für élan não не 删除 文件 を削除 한국어 turn off w/o can't isn't it enable
    disable <task>
    """.split()
)


@settings(deadline=None, max_examples=150)
@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=60), st.text(max_size=40) | WORDS)
def test_any_texts_are_judged_and_a_text_never_differs_from_itself(a: str, b: str) -> None:
    assert content_difference(a, a) is None
    assert content_difference(a, b) == content_difference(b, a)
