"""Splitting a bill between people."""

from shop.money import format_cents


def split_evenly(total_cents: int, people: int) -> list[int]:
    """Shares of a bill in cents, one per person; together they are the whole bill."""
    if people < 1:
        raise ValueError("people must be at least 1")
    share = total_cents // people
    return [share] * people


def receipt(total_cents: int, names: list[str]) -> list[str]:
    """One line per person with what they owe."""
    shares = split_evenly(total_cents, len(names))
    return [f"{name}: {format_cents(share)}" for name, share in zip(names, shares)]
