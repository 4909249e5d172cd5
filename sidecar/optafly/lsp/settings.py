"""Settings as the editor gives them: at the start, when asked, and when they change."""

from collections.abc import Callable, Mapping
from typing import Any

from optafly.config import Config, load_config
from optafly.context.private import PrivateFiles
from optafly.paths import Paths
from optafly.settings import SENT

SECTION = "optafly"


class EditorSettings:
    """The effective settings; each message about a wrong value is said once."""

    def __init__(self, paths: Paths, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        """``say`` shows a message to the person."""
        self._paths = paths
        self._environ = environ
        self._say = say
        self._initial: Any = None
        self._current: Any = None
        self._said: set[str] = set()
        self._private: tuple[list[str], PrivateFiles] | None = None
        self.config: Config = load_config(paths.config_file, {})

    def begin(self, initialization_options: Any) -> None:
        """Take the options of `initialize`."""
        self._initial = _section(initialization_options)
        self._read()

    def change(self, settings: Any) -> None:
        """Take the answer to `workspace/configuration`, or what `workspace/didChangeConfiguration` brought."""
        self._current = _section(settings)
        self._read()

    def is_private(self, path: str) -> bool:
        """Whether a file of this name in its workspace is never read."""
        patterns = list(self.config.get("private_files"))
        if self._private is None or self._private[0] != patterns:
            self._private = patterns, PrivateFiles(patterns)
        return self._private[1].matches(path)

    @property
    def values(self) -> dict[str, Any]:
        """Effective values by key, as the core takes them."""
        return {key: self.config.get(key) for key in SENT}

    def _read(self) -> None:
        self.config = load_config(self._paths.config_file, self._environ, editor=_merged(self._initial, self._current))
        for message in self.config.messages:
            if message not in self._said:
                self._said.add(message)
                self._say(message)


def _section(settings: Any) -> Any:
    return settings[SECTION] if isinstance(settings, dict) and SECTION in settings else settings


def _merged(below: Any, above: Any) -> Any:
    """Two settings, the keys of the second over those of the first."""
    if above is None:
        return below
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {key: _merged(below.get(key), value) for key, value in above.items()}
