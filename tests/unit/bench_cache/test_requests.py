import pytest

from optafly.cache.guard import difference
from optafly.cache.normalise import normalise
from tests.bench.cache_requests import WORDS, far_apart, has_all_forms, polite, prompts, reworded
from tests.unit.cache.made import vector

TEXTS = [text for text in prompts(30) if has_all_forms(text, 3)]


def test_prompts_have_their_length_and_are_the_same_every_time() -> None:
    assert {len(text.split()) for text in prompts(30)} == {WORDS}
    assert prompts(5) == prompts(5) != prompts(5, seed=9)
    # Of an assembled prompt the cache compares the task alone.
    assert not any("<task>" in text for text in prompts(400))


@pytest.mark.parametrize("text", TEXTS[:5])
def test_other_wordings_reach_the_verifier_and_politeness_does_not(text: str) -> None:
    others = reworded(text, 3)
    assert len({normalise(form) for form in (text, *others)}) == 4
    assert [difference(text, other) for other in others] == [None] * 3
    assert normalise(polite(text)) == normalise(text) != polite(text)


def test_of_texts_that_are_near_each_other_one_is_left() -> None:
    import numpy as np

    texts = ["sort a list", "sort a long list", "open the file"]
    assert far_apart(texts, np.stack([vector(text) for text in texts]), 0.7) == ["sort a list", "open the file"]
