"""The router's two networks with their committed weights: which requests may be served what was answered before."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import optafly
from optafly.errors import ModelCorrupt, ModelMissing
from optafly.neural.encoder import Encoder
from optafly.neural.weights import read_weights, weights_file, write_weights
from optafly.routing.classifier import FILE, Classifier
from optafly.routing.decision import Strategy

QUESTION = "How do I reverse a list in Python?"
BY_STRATEGY: tuple[Strategy, ...] = ("minimize_latency", "auto", "aggressive_cache")
CHANGES = {
    "time": "What time is it in Tokyo right now?|What is the weather in Berlin today?|Who won the game last night?",
    "chance": "Give me a random number between 1 and 100|Pick a random name for my cat|Generate a fresh UUID for me",
    "private": "Show my unread emails|What is on my calendar tomorrow?|Zeig mir meine letzten E-Mails",
    "machine": "How much disk space is left on this machine?|Which processes are using port 8080 right now?",
    "action": "Delete all files in the build folder|Commit my changes and push them|Restart the database server",
    "service": "Is the CI pipeline green?|What is the current price of bitcoin?|Deploy the current branch to staging",
    "conversation": "continue|Now do the same for the other one",
    "languages": "Wie spät ist es?|Quelle heure est-il à Paris maintenant ?|¿Qué tiempo hace hoy en Madrid?|"
    "今何時ですか？|现在几点了？|Который сейчас час?|지금 몇 시예요?|"
    "Lösche alle Dateien im Ordner build|Starte den Server neu",
}
STANDS = {
    "how to": f"{QUESTION}|How do I read a CSV file line by line in Go?|How do I delete a branch in git?",
    "concepts": "Explain what a closure is in JavaScript|How does git rebase differ from git merge?|"
    "What is the difference between a list and a tuple in Python?",
    "code": "Write a function in Rust that returns the n-th Fibonacci number",
    "only about time and chance": "How do I get the current time in Python?|"
    "How do I pick a random element from an array in JavaScript?",
    "languages": "Wie kehre ich eine Liste in Python um?|Comment inverser une liste en Python ?|"
    "¿Cómo invierto una lista en Python?|Come si inverte una lista in Python?|Как перевернуть список в Python?",
}
ODD = ("\ud800", "a\udfffb", "\x00", "\u202e", "\ufffd", "\n", " ", "🎉", "e\u0301", "İ", "가")
anything = st.text(st.characters(), max_size=60) | st.lists(st.sampled_from([*ODD, QUESTION]), max_size=9).map("".join)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture(scope="module")
def classifier(encoder: Encoder) -> Classifier:
    return Classifier(encoder)


@pytest.mark.parametrize("kind", CHANGES)
def test_what_changes_is_not_served_again_with_a_context_or_without(classifier: Classifier, kind: str) -> None:
    texts = CHANGES[kind].split("|")
    for with_context in (False, True):
        found = classifier.use_cache_of(texts, with_context=with_context)
        assert [text for text, said in zip(texts, found, strict=True) if said.use_cache] == []
        assert all(said.reason and said.p < said.threshold for said in found)


@pytest.mark.parametrize("kind", STANDS)
def test_what_stands_for_itself_is_looked_up(classifier: Classifier, kind: str) -> None:
    texts = STANDS[kind].split("|")
    found = classifier.use_cache_of(texts)
    assert [text for text, said in zip(texts, found, strict=True) if not said.use_cache] == []


@pytest.mark.parametrize("text", ["fix this", "explain this function", "why does this fail?"])
def test_what_points_at_something_needs_it_to_come_along(classifier: Classifier, text: str) -> None:
    alone = classifier.use_cache(text)
    assert not alone.use_cache
    assert classifier.use_cache(text, with_context=True).p > alone.p


def test_a_context_that_came_along_makes_up_for_what_the_words_leave_open(classifier: Classifier) -> None:
    assert classifier.use_cache("explain this function", with_context=True).use_cache


def test_each_strategy_looks_up_what_the_stricter_ones_do(classifier: Classifier) -> None:
    texts = "|".join([*CHANGES.values(), *STANDS.values()]).split("|")
    for with_context in (False, True):
        looked_up = [
            {
                text
                for text in texts
                if classifier.use_cache(text, with_context=with_context, strategy=strategy).use_cache
            }
            for strategy in BY_STRATEGY
        ]
        assert looked_up[0] < looked_up[1] <= looked_up[2]


@pytest.mark.parametrize("text", ["", " ", "\n\t\n", "?!", "...", "\x00\x00", " " * 100_000, "." * 100_000])
def test_what_says_nothing_is_not_looked_up(classifier: Classifier, text: str) -> None:
    said = classifier.use_cache(text)
    assert (said.use_cache, said.p) == (False, 0.0)
    assert "nothing in it" in said.reason


@settings(max_examples=60, deadline=None)
@given(text=anything, with_context=st.booleans(), strategy=st.sampled_from(BY_STRATEGY))
@example(text="How do I \udcff reverse a list?", with_context=False, strategy="auto")
def test_any_text_has_a_probability(classifier: Classifier, text: str, with_context: bool, strategy: Strategy) -> None:
    said = classifier.use_cache(text, with_context=with_context, strategy=strategy)
    assert 0 <= said.p <= 1
    assert said.use_cache == (said.p >= said.threshold)
    assert classifier.use_cache(text, with_context=with_context, strategy=strategy) == said


@settings(max_examples=8, deadline=None)
@given(st.lists(anything | st.sampled_from([QUESTION * 60, "fix this"]), max_size=5))
def test_many_are_judged_as_each_alone(classifier: Classifier, texts: list[str]) -> None:
    found = classifier.use_cache_of(texts)
    assert [said.p for said in found] == pytest.approx([classifier.use_cache(text).p for text in texts], abs=1e-4)


def test_of_none_nothing_is_said(classifier: Classifier) -> None:
    assert classifier.use_cache_of([]) == []
    assert classifier.judge([]) == []


@pytest.mark.parametrize("times", [20, 200, 3000])
def test_the_end_of_a_long_text_counts_as_much_as_its_beginning(classifier: Classifier, times: int) -> None:
    general = f"{QUESTION} A list is a row of values, and reversing it means that the last one comes first. " * times
    order = "Delete the build folder on my machine, restart the server and show me my unread emails. " * 20
    p = classifier.use_cache(general).p
    assert classifier.use_cache(general + order).p < p / 2
    assert classifier.use_cache(order + general).p < p / 2


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "a b " * 25_000, "あ" * 100_000, f"{QUESTION}\n" * 3000, "\ud83d" * 100_000]
)
def test_a_very_long_text_is_judged(classifier: Classifier, text: str) -> None:
    assert 0 <= classifier.use_cache(text).p <= 1


def test_minimize_latency_looks_up_no_long_text(classifier: Classifier) -> None:
    text = f"{QUESTION} " * 60
    said = classifier.use_cache(text, strategy="minimize_latency")
    assert (said.use_cache, said.p) == (False, 0.0)
    assert "longer than the encoder reads" in said.reason


def test_missing_weights_are_named(encoder: Encoder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(optafly, "__file__", str(tmp_path / "sidecar" / "optafly" / "__init__.py"))
    with pytest.raises(ModelMissing, match=r"router\.safetensors"):
        Classifier(encoder).use_cache(QUESTION)


@pytest.mark.parametrize("content", [b"", b"no weights", weights_file(FILE).read_bytes()[:100_000]])
def test_damaged_weights_are_named(encoder: Encoder, tmp_path: Path, content: bytes) -> None:
    damaged = tmp_path / FILE
    damaged.write_bytes(content)
    with pytest.raises(ModelCorrupt, match=r"router\.safetensors"):
        Classifier(encoder, damaged).use_cache(QUESTION)


@pytest.mark.parametrize("about", ["encoder", "reusable", "volatile"])
def test_weights_that_do_not_say_what_they_are_for_are_refused(encoder: Encoder, tmp_path: Path, about: str) -> None:
    tensors, said = read_weights(weights_file(FILE))
    for number, changed in enumerate((said | {about: "something else"}, {k: v for k, v in said.items() if k != about})):
        other = tmp_path / f"{number}.safetensors"
        write_weights(other, tensors, changed)
        with pytest.raises(ModelCorrupt, match="install optafly anew"):
            Classifier(encoder, other).use_cache(QUESTION)


def test_the_weights_of_another_network_are_refused(encoder: Encoder) -> None:
    with pytest.raises(ModelCorrupt, match=r"verifier\.safetensors"):
        Classifier(encoder, weights_file("verifier.safetensors")).use_cache(QUESTION)


def test_weights_without_a_number_are_refused(encoder: Encoder, tmp_path: Path) -> None:
    tensors, about = read_weights(weights_file(FILE))
    write_weights(tmp_path / FILE, tensors | {"reusable.1.bias": tensors["reusable.1.bias"] * float("nan")}, about)
    with pytest.raises(ModelCorrupt, match="give no probabilities"):
        Classifier(encoder, tmp_path / FILE).use_cache(QUESTION)


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 460_000) | st.integers(0, 2000), written=st.binary(min_size=1, max_size=64))
def test_wherever_the_file_is_damaged_there_is_a_probability_or_an_error(
    encoder: Encoder, tmp_path_factory: pytest.TempPathFactory, at: int, written: bytes
) -> None:
    content = bytearray(weights_file(FILE).read_bytes())
    content[at : at + len(written)] = written
    damaged = tmp_path_factory.mktemp("damaged") / FILE
    damaged.write_bytes(content)
    try:
        said = Classifier(encoder, damaged).use_cache(QUESTION)
    except ModelCorrupt as error:
        assert FILE in str(error)
    else:
        assert 0 <= said.p <= 1
