"""Whose key a request goes with: the client's own, or one that the settings name."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from optafly.errors import KeyMissing
from optafly.proxy.asgi import Headers
from optafly.proxy.errors import Refused
from optafly.proxy.ports import Keys
from optafly.routing.key_scope import key_scope
from optafly.routing.key_secret import Secret, secret_of
from optafly.routing.keys import KeyChoice

PROVIDER: Final = "anthropic"
"""The only one whose keys are ever sent."""

# They may wait for a command or a person that gives out a key.
_THREADS: Final = 8


class Credentials:
    """Whose key: ``own`` are the client's headers, else ``secret`` is sent; ``scope`` stands for it in the cache.

    ``scope`` is empty where the client's own key cannot be read: nothing is looked up or kept then.
    """

    __slots__ = ("choice", "own", "scope", "secret")

    def __init__(self, scope: str, own: Headers, choice: KeyChoice | None = None, secret: Secret | None = None) -> None:
        self.scope = scope
        self.own = own
        self.choice = choice
        self.secret = secret


class KeyRing:
    """Finds the credentials of requests without blocking the event loop."""

    def __init__(self, keys: Keys, salt: Callable[[], bytes]) -> None:
        """``salt`` is that of `optafly.routing.key_scope.read_salt`; it is asked for once."""
        self._keys = keys
        self._read_salt = salt
        self._salt: bytes | None = None
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="optafly-proxy-key")

    async def credentials(self, own: Headers, workspace: str | None, conversation: str) -> Credentials:
        """Those of one request; raises `Refused` where there is no key. A cancelled caller is waited for no more."""
        if own and self._salt is not None:
            return Credentials(self._own_scope(own, self._salt), own)
        stopped = threading.Event()
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, self._find, own, workspace, conversation, stopped.is_set
            )
        except KeyMissing as error:
            raise Refused(401, f"no API key: {error}", "no_key") from None
        finally:
            stopped.set()

    def refused(self, credentials: Credentials) -> None:
        """Anthropic knows no such key: one of the settings is looked for anew the next time."""
        if credentials.choice is not None:
            self._keys.forget(credentials.choice)

    def close(self) -> None:
        """Wait for nobody any more; returns at once."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _find(
        self, own: Headers, workspace: str | None, conversation: str, cancelled: Callable[[], bool]
    ) -> Credentials:
        if self._salt is None:
            self._salt = self._read_salt()
        if own:
            return Credentials(self._own_scope(own, self._salt), own)
        choice = self._keys.choose(PROVIDER, workspace, conversation or None, cancelled=cancelled)
        if not choice.found or choice.provider != PROVIDER:
            raise KeyMissing(choice.reason)
        secret = self._keys.secret(choice, cancelled=cancelled)
        return Credentials(key_scope(PROVIDER, secret, self._salt), [], choice, secret)

    def _own_scope(self, own: Headers, salt: bytes) -> str:
        """The same as if that key came from the settings; two credentials at once, or none that can be read: empty."""
        if len(own) != 1:
            return ""
        name, value = own[0]
        scheme, _, token = value.strip().partition(b" ")
        if name == b"authorization" and scheme.lower() != b"bearer":
            return ""
        found = secret_of(bytearray(token if name == b"authorization" else value))
        if isinstance(found, str):
            return ""
        return key_scope(PROVIDER if name == b"x-api-key" else f"{PROVIDER} bearer", found, salt)
