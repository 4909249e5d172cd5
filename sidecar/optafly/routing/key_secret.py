"""A key in memory: what holds it never shows it."""

import contextlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, Self

from optafly.errors import KeyMissing
from optafly.programs import search_path

LONGEST: Final = 4096
"""Characters; those in use have about a hundred."""
EMPTY: Final = "is empty"
MALFORMED: Final = "is no key: it holds spaces, line ends or characters that no key has, or is too long"

OF_THE_PROXY: Final = (
    "is the token of OptaFly's own proxy and no key; give the proxy's clients the token in their own environment only"
)

_HIDDEN: Final = "Secret(not shown)"
_TOKEN_BEGINS: Final = b"optafly-"
"""Of the proxy's token, see `optafly.proxy.token`: clients take it in the variable that keys are looked for in."""


class Secret:
    """A key that is not shown, copied, compared, stored or sent by accident: only `reveal` gives it out.

    It is overwritten by `wipe` and when it goes. What `reveal` gave is out of its hands, so that is to be asked for in
    the expression that sends it, and kept in no variable: tracebacks with variables would show it.
    """

    __slots__ = ("__weakref__", "_held")

    def __init__(self, key: bytearray) -> None:
        """Takes ``key`` over: nobody else may use it from then on. `secret_of` looks at it first."""
        self._held = _Hidden(key)
        _overwrite(key)

    def reveal(self) -> str:
        """The key; raises `KeyMissing` once it was wiped."""
        if not self._held:
            raise KeyMissing("this API key was dropped meanwhile; try again")
        return self._held.decode("ascii")

    def digest(self, salt: bytes) -> str:
        """HMAC-SHA256 of the key with a salt, 32 hexadecimal digits; raises `KeyMissing` once it was wiped."""
        if not self._held:
            raise KeyMissing("this API key was dropped meanwhile; try again")
        return hmac.digest(salt, self._held, "sha256")[:16].hex()

    def wipe(self) -> None:
        """Overwrite the key; it cannot be used any more."""
        held, self._held = self._held, _Hidden()
        _overwrite(held)

    def __del__(self) -> None:
        # An instance that was not made to the end has nothing.
        with contextlib.suppress(AttributeError):
            _overwrite(self._held)

    def __repr__(self) -> str:
        return _HIDDEN

    def __str__(self) -> str:
        return _HIDDEN

    def __format__(self, spec: str) -> str:
        return _HIDDEN

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is not to be stored")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a key is not to be stored")


class _Hidden(bytearray):
    """Bytes that those who look into an object are not shown either."""

    def __repr__(self) -> str:
        return _HIDDEN

    def __str__(self) -> str:
        return _HIDDEN

    def __reduce_ex__(self, protocol: object) -> Any:
        raise TypeError("a key is not to be stored")


class Environment:
    """Variables that are not shown: among them are keys."""

    __slots__ = ("_variables",)

    def __init__(self, variables: Mapping[str, str]) -> None:
        # Behind a function, so that those who look into an object are not shown them either.
        self._variables: Callable[[], Mapping[str, str]] = lambda: variables

    def secret(self, name: str) -> Secret | str | None:
        """The key in a variable, or in words what is wrong with it; None where it is not set."""
        return secret_of(self._variables()[name]) if name in self._variables() else None

    def for_program(self, **changed: str) -> dict[str, str]:
        """All variables, to start a program with."""
        return dict(self._variables()) | changed

    def search_path(self) -> str:
        """Where programs are looked for."""
        return search_path(self._variables())

    def __repr__(self) -> str:
        return "Environment(not shown)"


def secret_of(text: str | bytearray) -> Secret | str:
    """The key in a text, without the white space around it, or in words what is wrong; a bytearray is overwritten.

    Raises nothing: what is raised carries the variables of its frame.
    """
    key = bytearray(text, "ascii", "replace") if isinstance(text, str) else text
    # Not "replace" alone: it makes question marks, which a key may hold.
    usable = isinstance(text, bytearray) or text.isascii()
    stripped = key.strip()
    if key is not stripped:
        _overwrite(key)
    if not stripped:
        return EMPTY
    if not usable or len(stripped) > LONGEST or not all(0x21 <= byte <= 0x7E for byte in stripped):
        _overwrite(stripped)
        return MALFORMED
    if stripped.startswith(_TOKEN_BEGINS):
        _overwrite(stripped)
        return OF_THE_PROXY
    return Secret(stripped)


def _overwrite(key: bytearray) -> None:
    key[:] = bytes(len(key))
