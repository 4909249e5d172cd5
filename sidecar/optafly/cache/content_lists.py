"""How the word lists are written: entries with a head and members, set apart by a bar, lines broken anywhere."""

from collections.abc import Iterator


def entries(text: str) -> Iterator[tuple[str, list[str]]]:
    """Head and members of each entry of "head: member member | head: member"."""
    for entry in text.replace("\n", " ").split("|"):
        head, _, members = entry.strip().partition(":")
        if head:
            yield head, members.split()


def groups(text: str) -> Iterator[list[str]]:
    """The members of each entry of "member member | member member"."""
    return (entry.split() for entry in text.replace("\n", " ").split("|") if entry.strip())
