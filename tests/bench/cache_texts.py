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
Lookups among {entries} entries, half of them in one scope, the others in scopes of ten, with requests of 60 English
words that are new to the encoder; networks are loaded. In a semantic lookup the real judge is asked, and what it says
is then replaced, so that every lookup ends as its row says. Candidates are worded so that no rule refuses them: the
verifier is always asked. The steps of a lookup, and the parts of a decision, are timed with other texts of the same
kind. The router decides about such a request, and about prompts that OptaFly assembled, with {long} estimated tokens
of context or more.
""")
ANCHORS: Final = _one_line("""
{sessions} invented sessions of each family, replayed against a simulator of Anthropic's documented rules of prompt
caching: the cost of their input in USD with no anchors, with the API's automatic caching, with the anchors of this
project, and with the cheapest placement there is, found by search with the whole session known beforehand. Tokens are
estimated from the text, prices are those of {prices}; nothing is sent.
""")
TOKENS: Final = _one_line("""
Requests about real code (packages, a small service, the example) are refined without the model, with a budget of
{budget} tokens of context, and the {prompts} prompts that come of it are optimised. Counted are the {long} long ones,
with {least} tokens of context or more; tokens are estimated from the text.
""")
MOCK_TARGET: Final = "Target: fewer than {wrong} of the hits wrong with {hit} or more hit"
TOKENS_TARGET: Final = "Target: {target} or more of the tokens of a long prompt saved (p50)"
HELD_OUT_TARGET: Final = "Target: false hits under {false} with {hit} or more of the paraphrases hit"
