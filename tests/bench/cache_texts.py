"""What docs/benchmarks.md says about the semantic cache around its tables."""

from typing import Final


def _one_line(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))


MOCK: Final = _one_line("""
{asked} pairs: all first texts are stored, all second ones asked. Right is an answer to the same text, wherever it
stood (35 first texts of the whole file repeat an earlier one). GPTCache runs as installed, on the same vectors, with
SQLite, Faiss and its own distance evaluation, for which {mapping}. It published, with another encoder and counted by
index (right/wrong/miss): {published}. Ours is the real cache on the real store; nothing of it was trained on these
pairs.
""")
QQP: Final = _one_line("""
{pairs} labelled pairs of questions ({same} duplicates), drawn with a fixed seed, one from each connected component so
that no text counts twice. Every pair is asked alone: one text stored, the other asked. MiniLM was itself trained on
Quora's duplicates, which flatters whatever is made of it, and the labels are noisy. A dash: the system never hits so
many.
""")
HELD_OUT: Final = _one_line("""
{pairs} pairs of the part that is held out by topic: {same} where one answer serves both, {different} where it does
not, most of them one small edit away. Neither the network nor its threshold has seen them. Of ours every pair is
asked as `optafly cache explain` asks it: a cache that holds the first text alone is asked for the second, with no
conversation and no context, so that requests that depend on theirs must miss. The bound is one-sided, Clopper and
Pearson's.
""")
CLAIM: Final = _one_line("""
{places} places in five small invented projects (Python, TypeScript, Go, Rust, Java): a function is selected or the
cursor stands in it, half of them with a diagnostic. In each, five rough wordings of one request (the kinds take
turns: {kinds}) are typed one after the other; what the cache misses is answered and kept, so four of five could hit.
Refined is what the project's refiner makes of the wording without the model. The cache alone is asked, without the
router.

*One request in a context*: the fingerprint of the context is in the scope of both forms, so no answer of another
place can be given, and only the wording matters. *Two requests in a context*: the wordings of two kinds, mixed;
giving one's answer to the other is wrong. *Context not in the scope*: as in a cache that sees only the text; a raw
prompt then does not tell its place, a refined one carries it.
""")
SPEED: Final = _one_line("""
Lookups among {entries} entries with a judge that takes whatever is near, one judgement of two prompts of 60 words (each
of at most five candidates of a lookup needs one), and one decision of the router about a prompt of 60 words.
""")
MOCK_TARGET: Final = "Target: fewer than {wrong} of the hits wrong with {hit} or more hit"
HELD_OUT_TARGET: Final = "Target: false hits under {false} with {hit} or more of the paraphrases hit"
