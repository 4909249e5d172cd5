"""What a check of this machine found."""

import msgspec


class Check(msgspec.Struct, frozen=True):
    """One check: what was looked at, whether it is well, what was found, and what to do when it is not."""

    name: str
    ok: bool
    found: str
    advice: str = ""
