"""An estimate of how many tokens a text has, the same on every machine and without a model."""

import re

# Counted by the expression alone: requests wait for this, and some are long.
_TOKEN = re.compile(r"[A-Za-z]{1,6}|\d{1,3}|\s{2,}|\n|[^\sA-Za-z\d]")


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of a byte-pair vocabulary.

    A word counts one token per six letters begun, digits one per three, white space nothing unless it holds a line end
    or indentation (one), punctuation one per character, other scripts one per character. The error against a real
    vocabulary is reported by the benchmark.
    """
    return len(_TOKEN.findall(text))
