"""Whether a draft is clear as it is, and is best left alone."""

import re
from typing import Final

from optafly.refine import lexicon
from optafly.refine.draft import Draft

# A prompt that was refined before, or written in the same form.
_SECTION: Final = re.compile(r"^<(task|context)>.*</\1>[ \t]*$", re.DOTALL | re.MULTILINE)
_HEADING: Final = re.compile(r"^(?:#{1,4} \S|\*\*[^*\n]+\*\*:?\s*$|[A-Z][A-Za-z ]{2,24}:\s*$)", re.MULTILINE)
_ASKS_TO_WRITE: Final = re.compile(
    r"^(?:please\s+)?(?:write|give me|create|generate|show me|draft|make)\s+(?:me\s+)?(?:a|an|some)\s+", re.IGNORECASE
)

# "Why does the importer skip rows": a thing of this project, unless its name is one of the wider world ("the JVM").
_OF_THE_PROJECT: Final = re.compile(
    r"(?i:why|how|when|where|who|does|do|did|is|are|was|can|should)(?i:\s+(?:does|do|did|is|are|was|were|can|should|in))?"
    r"\s+the\s+[a-z]"
)


def needs_names(draft: Draft, *, selected: bool) -> bool:
    """Whether it depends on what the workspace has of what the draft names; for most drafts it does not."""
    names, paths = draft.mentions.names, draft.mentions.paths
    if not names and not paths:
        return False
    return any(
        is_clear(draft, named_paths=found * len(paths), named_symbols=found * len(names), tied=False, selected=selected)
        for found in (0, 1)
    )


def is_clear(draft: Draft, *, named_paths: int, named_symbols: int, tied: bool, selected: bool) -> bool:
    """Whether a draft can be sent as it is.

    ``named_paths`` and ``named_symbols`` count what the draft names and the workspace really has; ``tied`` when a name
    stands for several places; ``selected`` when something is selected that "this" may mean.
    """
    if _SECTION.search(draft.text):
        return True
    words = draft.words
    if not draft.traces and words and len(words) <= 4 and all(word in lexicon.CHITCHAT for word in words):
        return True
    if draft.traces or tied or (selected and draft.points_at_screen):
        return False
    count = draft.word_count
    if named_paths or named_symbols:
        return _clear_with_target(draft, count, named_paths, named_symbols)
    structured = len(_HEADING.findall(draft.text)) >= 2 and count >= 40
    return structured or _stands_alone(draft, count)


def _clear_with_target(draft: Draft, count: int, named_paths: int, named_symbols: int) -> bool:
    expects = draft.says(lexicon.EXPECTATION)
    accepts = draft.says(lexicon.ACCEPTANCE)
    if named_paths:
        signs = (expects, accepts, named_symbols > 0, count >= 18, count >= 35)
        return count >= 12 and sum(signs) >= 2
    return count >= 14 and expects and accepts


def _stands_alone(draft: Draft, count: int) -> bool:
    """A question of general knowledge, or something to be written from nothing: no workspace is meant."""
    words = frozenset(draft.words)
    if draft.points or words & lexicon.PROJECT_WORDS:
        return False
    text = draft.text.strip()
    if _ASKS_TO_WRITE.match(text):
        # "A function" is one of this project; "a Python function" may stand for itself.
        return count >= 8 and not draft.mentions.paths and bool(words & lexicon.LANGUAGES or not words & lexicon.PARTS)
    question = text.endswith(("?", "\N{FULLWIDTH QUESTION MARK}"))
    if words & lexicon.PARTS or (draft.mentions.paths and not question):
        return False
    if _OF_THE_PROJECT.match(text) and not words & lexicon.LANGUAGES:
        return False
    opener = text.split(maxsplit=1)[0].lower().strip("¿,.:;!") if text else ""
    asks = opener in lexicon.QUESTION_OPENERS and (question or count >= 5)
    return asks and count >= 4 and len(draft.content) >= 2
