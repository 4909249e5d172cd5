"""The ids of prompts that wait to be sent."""

import re
import secrets
import time
from typing import Final

_ID: Final = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")


def new_name(at: float | None = None) -> str:
    """An id that says when it was made, so that the names are in order; now, or in seconds since 1970."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(at))}-{secrets.token_hex(2)}"


def is_name(text: str) -> bool:
    """Whether a text is such an id."""
    return _ID.fullmatch(text) is not None
