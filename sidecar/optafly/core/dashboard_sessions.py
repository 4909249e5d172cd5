"""Who may look at the dashboard: a browser that came by a link of its own, which works once."""

import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final

import msgspec

LINK_S: Final = 60.0
SESSION_S: Final = 12 * 3600.0
MOST: Final = 8
"""Links, and sessions, that are good at the same time; a newer one takes the place of the oldest."""
_BYTES: Final = 32


class Session(msgspec.Struct, frozen=True):
    """What a browser was given.

    Cookies of 127.0.0.1 go to every port of it, so the path they belong to is a secret of its own: ``name`` is part of
    it, and another server on this machine would have to know it to be sent the cookie ``secret``. ``form`` has to come
    with every form.
    """

    name: str
    secret: str
    form: str
    until: float


class Sessions:
    """The links and sessions of one core; to be used on one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._links: dict[str, float] = {}
        self._sessions: dict[str, Session] = {}

    def new_link(self) -> str:
        """A code that `open` takes once."""
        code = secrets.token_hex(_BYTES)
        self._links[code] = self._clock() + LINK_S
        _drop_oldest(self._links)
        return code

    def open(self, code: str) -> Session | None:
        """A new session; None where the code was used, is too old, or never was one."""
        known = next((known for known in self._links if _same(known, code)), None)
        if known is None or self._links.pop(known) <= self._clock():
            return None
        name, secret, form = (secrets.token_hex(_BYTES) for _ in range(3))
        session = Session(name, secret, form, self._clock() + SESSION_S)
        self._sessions[session.name] = session
        _drop_oldest(self._sessions)
        return session

    def find(self, name: str, secret: str) -> Session | None:
        """The session of that name, where the cookie is its own and it is not over."""
        session = self._sessions.get(name)
        if session is None or not _same(session.secret, secret):
            return None
        if session.until <= self._clock():
            del self._sessions[name]
            return None
        return session


def is_form_of(session: Session, given: str) -> bool:
    """Whether a form was made for that session."""
    return _same(session.form, given)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))


def _drop_oldest(items: "dict[str, float] | dict[str, Session]") -> None:
    while len(items) > MOST:
        del items[next(iter(items))]
