"""The content-token guard: a request may be served another's answer only where both say the same things."""

from optafly.cache.content_align import Alignment, align
from optafly.cache.content_read import read


def content_difference(a: str, b: str) -> str | None:
    """What kind of content token two requests differ in, or None where all are the same."""
    return difference(align(read(a), read(b)))


def difference(aligned: Alignment) -> str | None:
    """As `content_difference`, for texts that are aligned already."""
    if aligned.first.language != aligned.second.language:
        return f"language: {aligned.first.language} against {aligned.second.language}"
    return None
