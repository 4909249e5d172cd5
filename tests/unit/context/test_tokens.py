"""How many tokens a text is taken to have."""

import pytest

from optafly.context.tokens import estimate_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("a", 1), ("abcdef", 1), ("abcdefg", 2), ("a b", 2), ("a  b", 3), ("a\nb", 3), ("a\tb", 2), ("123", 1),
     ("1234", 2), ("x12", 2), ("f(x):", 5), ("...", 3), ("日本", 2), ("é", 1), ("\n    return", 2), ("🌈", 1)],
)  # fmt: skip
def test_what_counts(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens
