"""Puts the parts into the prompt: sections in a fixed order, empty ones omitted, stable parts first."""

from collections.abc import Sequence

from optafly.context.pieces import Piece, escape_tags
from optafly.refine.wording import Wording


def assemble(pieces: Sequence[Piece], wording: Wording) -> str:
    """The refined prompt; the same parts always give the same text, byte for byte."""
    sections = (
        ("context", "\n".join(piece.render() for piece in pieces)),
        ("task", wording.task),
        ("constraints", " ".join(item.text for item in wording.constraints)),
        ("done_when", " ".join(item.text for item in wording.done_when)),
        ("open_questions", "\n".join(question.text for question in wording.questions)),
    )
    return "\n".join(_section(tag, body if tag == "context" else escape_tags(body)) for tag, body in sections if body)


def _section(tag: str, body: str) -> str:
    return f"<{tag}>\n{body}\n</{tag}>" if "\n" in body or tag == "context" else f"<{tag}>{body}</{tag}>"
