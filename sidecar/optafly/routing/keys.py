"""Which API key a request goes with, and why; the only module that imports keyring."""

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from optafly.errors import Cancelled, KeyMissing
from optafly.routing.key_command import POLL_S, ask_command
from optafly.routing.key_entries import KeySettings
from optafly.routing.key_rules import WHERE, KeySource, pick, sources_of
from optafly.routing.key_scope import key_scope, read_salt
from optafly.routing.key_secret import EMPTY, Environment, Secret, secret_of

LIMIT_S: Final = 30.0
"""How long a command or the keyring may take: both may ask a person."""
MOST_CONVERSATIONS: Final = 1024

_log = logging.getLogger(__name__)


class KeyChoice(msgspec.Struct, frozen=True):
    """Which key, where it was looked for and why; never the key itself.

    ``name`` is that of the entry in the settings and ``source`` for example "environment ANTHROPIC_API_KEY"; both are
    empty where there is none. Where it is not ``found``, ``reason`` says what is missing and what to do.
    """

    provider: str
    name: str
    source: str
    found: bool
    reason: str


class _Kept(msgspec.Struct, frozen=True):
    """What a conversation began with."""

    provider: str
    name: str
    source: KeySource


class KeySelector:
    """Chooses keys, and holds those that commands and the keyring gave until they are dropped; for any thread.

    `choose`, `secret` and `scope` may wait for a command or a person: not to be called on an event loop.
    """

    def __init__(
        self, settings: KeySettings, variables: Mapping[str, str], salt_file: Path, *, limit_s: float = LIMIT_S
    ) -> None:
        """``variables`` are read anew each time; ``salt_file`` is made when a scope is first asked for."""
        self._settings = settings
        self._environment = Environment(variables)
        self._salt_file = salt_file
        self._salt: bytes | None = None
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._held: dict[KeySource, Secret] = {}
        self._asking: dict[KeySource, threading.Lock] = {}
        self._awaited: dict[KeySource, _Answer] = {}
        self._sources: dict[str, KeySource] = {}
        self._conversations: OrderedDict[bytes, dict[str, _Kept]] = OrderedDict()

    def update(self, settings: KeySettings) -> None:
        """Take other settings; conversations that have begun keep their keys."""
        self._settings = settings
        with self._lock:
            used = {source for entry in settings.entries for source in sources_of(entry)}
            used |= {kept.source for begun in self._conversations.values() for kept in begun.values()}
            dropped = [self._held.pop(source) for source in [*self._held] if source not in used]
        for secret in dropped:
            secret.wipe()

    def choose(
        self,
        provider: str | None = None,
        workspace: str | None = None,
        conversation: str | None = None,
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> KeyChoice:
        """The key for a provider (None: that of the default) in a workspace (an absolute path).

        A conversation, whatever names it, stays with the key it began with: the provider's limits and caches are the
        key's. Only `Cancelled` is raised: a key that is not there is a choice that is not ``found``.
        """
        settings = self._settings
        kept = self._conversation(conversation, provider)
        if kept is not None:
            return self._look_again(kept, cancelled)
        entry, reason = pick(settings, provider, workspace)
        if entry is None:
            return KeyChoice(provider or settings.default, "", "", found=False, reason=reason)
        choice = self._look(entry.provider or provider or "", entry.name, sources_of(entry), reason, cancelled)
        if conversation is None or not choice.found:
            return choice
        kept = self._keep(conversation, _Kept(choice.provider, entry.name, self._sources[choice.source]))
        # Another request of the conversation may have been faster.
        return choice if kept.name == entry.name else self._look_again(kept, cancelled)

    def secret(self, choice: KeyChoice, *, cancelled: Callable[[], bool] = lambda: False) -> Secret:
        """The chosen key, looked for again where it was dropped; raises `KeyMissing` and `Cancelled`.

        It stays the selector's: whoever asks does not wipe it, and calls `Secret.reveal` only to send it.
        """
        source = self._sources.get(choice.source)
        if not choice.found or source is None:
            raise KeyMissing(choice.reason if not choice.found else "this API key was not chosen here; choose again")
        found = self._ask(source, cancelled)
        if isinstance(found, str):
            raise KeyMissing(found)
        return found

    def scope(self, choice: KeyChoice, *, cancelled: Callable[[], bool] = lambda: False) -> str:
        """What stands for the chosen key in the cache's scope, see `optafly.routing.key_scope`; raises `KeyMissing`."""
        secret = self.secret(choice, cancelled=cancelled)
        with self._lock:
            if self._salt is None:
                self._salt = read_salt(self._salt_file)
            return key_scope(choice.provider, secret, self._salt)

    def forget(self, choice: KeyChoice) -> None:
        """Drop a key that was refused: it is looked for anew the next time."""
        source = self._sources.get(choice.source)
        with self._lock:
            secret = self._held.pop(source, None) if source is not None else None
        if secret is not None:
            secret.wipe()

    def close(self) -> None:
        """Overwrite all keys that are held."""
        with self._lock:
            secrets = [*self._held.values()]
            self._held.clear()
        for secret in secrets:
            secret.wipe()

    def _look(
        self, provider: str, name: str, sources: tuple[KeySource, ...], reason: str, cancelled: Callable[[], bool]
    ) -> KeyChoice:
        """The first place that has the key."""
        missing = []
        if not sources:
            said = f"the entry {name} of api_keys.providers has a mistake; optafly config show says which"
            return KeyChoice(provider, name, "", found=False, reason=said)
        for source in sources:
            found = self._ask(source, cancelled)
            label = self._label(source)
            if not isinstance(found, str):
                _log.debug("the key %s of %s comes from: %s", name, provider, source.kind)
                return KeyChoice(provider, name, label, found=True, reason=reason)
            missing.append(found)
        return KeyChoice(provider, name, self._label(sources[0]), found=False, reason="; ".join(missing))

    def _look_again(self, kept: _Kept, cancelled: Callable[[], bool]) -> KeyChoice:
        reason = "the conversation began with it"
        choice = self._look(kept.provider, kept.name, (kept.source,), reason, cancelled)
        if choice.found:
            return choice
        return msgspec.structs.replace(choice, reason=f"{choice.reason} ({reason}, no other is taken)")

    def _ask(self, source: KeySource, cancelled: Callable[[], bool]) -> Secret | str:
        if source.kind == "environment":
            return _of_environment(self._environment, source.place[0])
        with self._lock:
            turn = self._asking.setdefault(source, threading.Lock())
        # One at a time: a person is asked once, however many requests wait for the answer.
        while not turn.acquire(timeout=POLL_S):
            if cancelled():
                raise Cancelled("looking for the API key was stopped")
        try:
            with self._lock:
                held = self._held.get(source)
            if held is not None:
                return held
            found = self._fetch(source, cancelled)
            if not isinstance(found, str):
                with self._lock:
                    self._held[source] = found
            return found
        finally:
            turn.release()

    def _fetch(self, source: KeySource, cancelled: Callable[[], bool]) -> Secret | str:
        if source.kind == "command":
            return ask_command(source.place, self._environment, limit_s=self._limit_s, cancelled=cancelled)
        # One that still waits for its person is waited for again, not asked once more.
        answer = self._awaited.get(source)
        if answer is None:
            answer = self._awaited[source] = _Answer(*source.place)
            threading.Thread(target=answer.fetch, name="optafly-keyring", daemon=True).start()
        if not answer.came(self._limit_s, cancelled):
            return f"the system keyring did not answer within {self._limit_s:g} s; unlock it and try again"
        del self._awaited[source]
        return answer.found

    def _label(self, source: KeySource) -> str:
        """What a place is called; two commands of one program have different names."""
        with self._lock:
            number, label = 1, str(source)
            while self._sources.setdefault(label, source) != source:
                number += 1
                label = f"{source} ({number})"
            return label

    def _conversation(self, conversation: str | None, provider: str | None) -> _Kept | None:
        if conversation is None:
            return None
        digest = _digest(conversation)
        with self._lock:
            if digest not in self._conversations:
                return None
            self._conversations.move_to_end(digest)
            begun = self._conversations[digest]
            return next(iter(begun.values())) if provider is None else begun.get(provider)

    def _keep(self, conversation: str, kept: _Kept) -> _Kept:
        with self._lock:
            winner = self._conversations.setdefault(_digest(conversation), {}).setdefault(kept.provider, kept)
            while len(self._conversations) > MOST_CONVERSATIONS:
                self._conversations.popitem(last=False)
            return winner


def _digest(conversation: str) -> bytes:
    # What names a conversation may be long, and may be made of its text.
    return hashlib.sha256(conversation.encode("utf-8", "surrogatepass")).digest()


class _Answer:
    """What the system keyring says, which may wait for a person or forever."""

    def __init__(self, service: str, user: str) -> None:
        self._service = service
        self._user = user
        self._said = threading.Event()
        self.found: Secret | str = ""
        """The key, or in words why there is none."""

    def fetch(self) -> None:
        """Ask."""
        self.found = _of_keyring(self._service, self._user)
        self._said.set()

    def came(self, limit_s: float, cancelled: Callable[[], bool]) -> bool:
        """Whether it has answered within a time; raises `Cancelled`."""
        deadline = time.monotonic() + limit_s
        while not self._said.wait(POLL_S):
            if cancelled():
                raise Cancelled("looking for the API key was stopped")
            if time.monotonic() > deadline:
                return False
        return True


def _of_environment(environment: Environment, name: str) -> Secret | str:
    found = environment.secret(name)
    if found is None:
        return f"{name} is not set; set it where the editor or shell is started, then run: optafly core stop"
    return (
        f"{name} {found}; correct it where it is set, then run: optafly core stop" if isinstance(found, str) else found
    )


def _of_keyring(service: str, user: str) -> Secret | str:
    """The key, or in words why there is none; what the keyring itself says is not repeated."""
    entry = f"{service}/{user}"
    try:
        import keyring  # noqa: PLC0415
        import keyring.errors  # noqa: PLC0415
    except ImportError:
        return f"the package keyring, which reads {entry}, is missing; install it: pip install 'optafly[decide]'"
    try:
        found = secret_of(keyring.get_password(service, user) or "")
    except keyring.errors.KeyringLocked:
        return f"the system keyring, which is to hold {entry}, is locked; unlock it and try again"
    except keyring.errors.NoKeyringError:
        return f"there is no system keyring here, which is to hold {entry}; use key_env or key_command {WHERE}"
    except Exception as error:
        # The backends raise whatever they like, and any of it may quote what they read.
        return f"the system keyring failed at {entry} ({type(error).__name__}); use key_env or key_command {WHERE}"
    if found == EMPTY:
        return f"the system keyring holds no key for {entry}; put it there: keyring set {service} {user}"
    return f"what the system keyring holds for {entry} {found}" if isinstance(found, str) else found
