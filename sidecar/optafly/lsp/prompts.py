"""Where in a document a prompt stands, and what it says."""

from optafly.lsp.comment_text import marker_pattern, reads_like_a_request
from optafly.lsp.comments import MOST_LINES, Comment, CommentReader
from optafly.lsp.documents import TextDocument
from optafly.lsp.found import LONGEST_PROMPT, FoundPrompt, PromptKind
from optafly.lsp.prose import find_in_prose, is_prose
from optafly.lsp.strings import is_in_text
from optafly.protocol import Range, Selection

__all__ = ["LONGEST_PROMPT", "FoundPrompt", "PromptKind", "find_prompt", "is_prose"]


def find_prompt(document: TextDocument, stretch: Range, marker: str = "AI:") -> FoundPrompt | None:
    """The prompt at a cursor or in a selection, or None where there is none.

    In prose it is the selection, else the paragraph or list item around the cursor. In code it is a comment: one that
    begins with ``marker``, or one that reads like a request.
    """
    start, end = document.offsets_of(stretch)
    if is_prose(document.language_id):
        return find_in_prose(document, start, end)
    if end - start > LONGEST_PROMPT:
        return None
    selected = document.text[start:end]
    if text := selected.strip():
        start += len(selected) - len(selected.lstrip())
        end = start + len(text)
    else:
        end = start
    marked = marker_pattern(marker)
    comment = CommentReader(document, marked).at(start, end)
    if comment is None:
        return None
    kind: PromptKind = "comment"
    request = comment.text
    if found := marked.match(request):
        kind, request = "marked_comment", request[found.end() :].strip()
        if not any(map(str.isalnum, request)):
            return None
    elif not reads_like_a_request(request) or is_in_text(document, comment.start):
        return None
    return FoundPrompt(kind, request, comment.start, comment.end, target=_target(document, comment))


def _target(document: TextDocument, comment: Comment) -> Selection | None:
    """The code a comment is about: beside it, else the first line below it that is not blank."""
    if comment.code_line is not None:
        return _code_on(document, comment.code_line, comment)
    below = document.line_at(comment.end) + 1
    for line in range(below, min(below + MOST_LINES, document.line_count)):
        if document.line_text(line).strip():
            return _code_on(document, line, comment)
    return None


def _code_on(document: TextDocument, line: int, comment: Comment) -> Selection | None:
    """The code of a line without a comment on it; None where it only closes something."""
    start, end = document.line_span(line)
    if start <= comment.start < end and document.text[start : comment.start].strip("{} \t"):
        end = comment.start
    elif start < comment.end <= end:
        start = comment.end
    code = document.text[start:end]
    if not any(map(str.isalnum, code)):
        return None
    start += len(code) - len(code.lstrip())
    return document.selection_between(start, start + len(code.strip()))
