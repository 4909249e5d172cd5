"""Requests that mean nothing without what is around them, with the router's probability given."""

from collections.abc import Sequence

import pytest

from optafly.core.standing import Standing


class Given:
    """Says the same of every request."""

    def __init__(self, p: float) -> None:
        self.p = p

    def judge(self, texts: Sequence[str]) -> list[tuple[float, float]]:
        return [(self.p, 0.0) for _ in texts]


def stands(text: str, p: float) -> bool:
    return Standing(Given(p)).why_not(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ?! ",
        "fix this",
        "continue",
        "explain this function",
        "what does it do?",
        "why does it fail",
        "same for the other file",
        "add tests for it",
        "explain the error above",
        "was bedeutet die Meldung oben?",
        "jetzt nochmal",
        "jetzt in Rust",
        "now in typescript",
        "use a set instead",
        "do the same for the delete branch",
        "et pour l'autre ?",
        "warum schlägt der Test fehl?",
        "¿por qué falla?",
        "почему не работает?",
        "explain your solution",
        "warum passt dieser Ausdruck nicht",
        "what is the difference?",
        "<task>fix this</task>",
    ],
)
@pytest.mark.parametrize("p", [0.0, 0.3, 0.59])
def test_what_points_at_something_unseen_depends_on_it_unless_the_network_is_sure(text: str, p: float) -> None:
    assert not stands(text, p)


@pytest.mark.parametrize(
    "text",
    [
        "how do I undo the last commit?",
        "How do I undo the last commit, please",
        "wie lösche ich einen Branch auf dem Server?",
        "как отменить последний коммит?",
        "explain `retry_upload` in sync/queue.py",
        "fix the off-by-one in shop/bill.py",
        "WHERE vs HAVING in SQL",
        "what is RAII?",
        "什么是闭包?",
    ],
)
@pytest.mark.parametrize("p", [0.0, 0.5, 1.0])
def test_what_names_its_subject_stands_whatever_the_network_says(text: str, p: float) -> None:
    assert stands(text, p)


@pytest.mark.parametrize(
    "text", ["how do I get this branch back?", "how do I revert this commit?", "comment the last commit"]
)
def test_a_question_about_git_may_still_point_at_something(text: str) -> None:
    assert not stands(text, 0.2)


@pytest.mark.parametrize(
    "text",
    [
        "check that the parser raises an error",
        "Java: only one object of this class may exist",
        "Qu'est-ce qu'un conteneur ?",
        "explique-moi ce que fait chmod 600",
        "pick a random element with given weights",
    ],
)
def test_words_that_only_look_as_if_they_pointed_leave_it_to_the_network(text: str) -> None:
    assert stands(text, 0.7)
    assert not stands(text, 0.05)


def test_the_less_a_request_says_the_surer_the_network_must_be() -> None:
    assert not stands("improve naming", 0.4)
    assert stands("make the button of the login page blue instead", 0.4)
    assert not stands("make the button of the login page blue instead", 0.05)
    long = "make the button of the login page blue instead of red, and let it grow to 200 pixels on wide screens"
    assert stands(long, 0.05)


def test_an_acronym_says_what_is_meant_but_not_one_of_any_project() -> None:
    assert stands("explain RAII", 0.2)
    assert not stands("explain CI", 0.2)
    assert not stands("FIX EVERYTHING NOW", 0.2)


@pytest.mark.parametrize("text", ["explain closures", "why is quicksort fast", "merge two lists", "what is a monad"])
def test_politeness_changes_nothing(text: str) -> None:
    for p in (0.05, 0.3, 0.5, 0.9):
        assert stands(text, p) == stands(f"Could you please {text}? Thanks!", p) == stands(f"<task>{text}</task>", p)


@pytest.mark.parametrize("line", ["a: b, " * 5000, "it's " * 5000, "now " * 5000, "et ce que " * 3000])
@pytest.mark.timeout(20)
def test_a_long_line_is_judged_soon_and_says_what_it_means(line: str) -> None:
    assert stands(line, 0.3)
