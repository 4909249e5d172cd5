"""Stretches of a document that move with the edits made around them."""

from typing import Protocol


class Replacement(Protocol):
    """What an anchor needs to know of an edit: offsets before it, and the length of what it put there."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where what it replaced ended."""

    @property
    def new_length(self) -> int:
        """Length of what stands there now."""


class Anchor:
    """A stretch in offsets, end exclusive; ``touched`` once an edit changed something inside it."""

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.touched = False

    def __repr__(self) -> str:
        return f"Anchor({self.start}, {self.end}{', touched' if self.touched else ''})"

    def move(self, edit: Replacement) -> None:
        """Follow one edit; edits are given in the order in which they were made."""
        grown = edit.new_length - (edit.end - edit.start)
        if edit.end <= self.start:
            self.start += grown
            self.end += grown
        elif edit.start < self.end:
            self.touched = True
            # A bound that was replaced itself stays as near to its place as the new text allows: so a formatter that
            # writes the entire document anew leaves what it did not change where it was.
            after = edit.start + edit.new_length
            self.start = min(self.start, after) if edit.start < self.start else self.start
            self.end = max(self.start, self.end + grown if edit.end <= self.end else min(self.end, after))

    def relocate(self, document_text: str, original_text: str) -> tuple[int, int] | None:
        """Where the original text stands now: here, else at its only place in the document, else nowhere for certain.

        None when it is gone, or when several places read like it and none of them is this one.
        """
        if document_text[self.start : self.end] == original_text:
            return self.start, self.end
        if not original_text:
            return None
        found = document_text.find(original_text)
        if found < 0 or document_text.find(original_text, found + 1) >= 0:
            return None
        return found, found + len(original_text)
