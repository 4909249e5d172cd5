"""Amounts of money, always in whole cents."""


def format_cents(cents: int) -> str:
    """An amount as people write it, for example ``12.05``."""
    return f"{cents // 100}.{cents % 100:02d}"
