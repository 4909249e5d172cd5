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

    def copy(self) -> "Anchor":
        """Another one as this is now."""
        made = Anchor(self.start, self.end)
        made.touched = self.touched
        return made

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
