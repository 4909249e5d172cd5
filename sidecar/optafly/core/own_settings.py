"""The settings of the person's file and of this process, read anew only where the file has changed."""

import threading
from collections.abc import Mapping
from typing import Final

from optafly.config import Config, load_config
from optafly.paths import Paths
from optafly.settings import ENVIRONMENT_PREFIX

_NOT_THERE: Final = (0, 0, 0)


class OwnSettings:
    """For any thread. Reading the file takes milliseconds, and requests that pass through have few of them."""

    def __init__(self, paths: Paths, environ: Mapping[str, str]) -> None:
        self._file = paths.config_file
        self._environ = environ
        self._lock = threading.Lock()
        self._read: tuple[object, Config] | None = None

    def get(self) -> Config:
        """The settings as they are now."""
        ours = {name: text for name, text in self._environ.items() if name.startswith(ENVIRONMENT_PREFIX)}
        state = (self._stamp(), ours)
        with self._lock:
            if self._read is None or self._read[0] != state:
                self._read = (state, load_config(self._file, self._environ))
            return self._read[1]

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = self._file.stat()
        except OSError:
            return _NOT_THERE
        return found.st_mtime_ns, found.st_size, found.st_ino
