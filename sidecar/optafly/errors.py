"""The exception tree.

OptaFlyError
├── InputError            what the person gave is wrong: named, with what is allowed (exit status 2)
├── ConfigError           a configuration file that cannot be read at all
├── ModelError            the local model cannot be had or used
│   ├── ModelUnknown      no such name in the registry and no such file
│   ├── ModelMissing      known, but not on this machine
│   ├── ModelCorrupt      on this machine, but not what it should be
│   ├── DownloadFailed    could not be fetched (no network, full disk, wrong checksum)
│   └── EngineFailed      loading or generating failed
├── Cancelled             the work was stopped, by the person or by a newer request
│   ├── Superseded        by a newer request of the same document
│   └── TimedOut          by its time limit
├── CoreUnavailable       the core process cannot be started or reached
├── NotFound              the core knows nothing of that name, identity or workspace
├── NoApprover            no attached editor can ask its person about that workspace
├── NotSetUp              a part that this installation does without
├── KeyMissing            no usable API key where the settings look for it
├── SendFailed            Claude's API could not be reached, refused, or broke off; the prompt is kept
│   └── KeyRefused        the API does not take the key
└── CacheUnavailable      the cache's database cannot be used; work goes on without

Messages are one line, say what to do next, and never carry a prompt, a secret or the text of a file.
"""

from typing import Literal

FailedBy = Literal["unreachable", "timed_out", "upstream_error", "broke_off", "internal"]


class OptaFlyError(Exception):
    """Base of everything this package raises on purpose."""

    exit_status = 1


class InputError(OptaFlyError):
    """The input is wrong; the message names what and says what is allowed."""

    exit_status = 2


class ConfigError(OptaFlyError):
    """A configuration file cannot be read at all."""

    exit_status = 2


class ModelError(OptaFlyError):
    """The local model cannot be had or used."""


class ModelUnknown(ModelError):
    """No model of that name in the registry, and no file at that path."""

    exit_status = 2


class ModelMissing(ModelError):
    """The model is known but not on this machine."""


class ModelCorrupt(ModelError):
    """The model's file is not what it should be."""


class DownloadFailed(ModelError):
    """The model could not be fetched; nothing half-written is left behind."""


class EngineFailed(ModelError):
    """Loading the model or generating with it failed."""


class Cancelled(OptaFlyError):
    """The work was stopped."""


class Superseded(Cancelled):
    """A newer request of the same document took the place of this one."""


class TimedOut(Cancelled):
    """The time limit passed."""


class CoreUnavailable(OptaFlyError):
    """The core process cannot be started or reached."""


class NotFound(OptaFlyError):
    """The core knows nothing of that name, identity or workspace."""


class NoApprover(OptaFlyError):
    """No attached editor can ask its person about that workspace."""


class NotSetUp(OptaFlyError):
    """A part that this installation does without."""


class KeyMissing(OptaFlyError):
    """There is no usable API key where the settings look for it; the message names the variable, keyring or command."""


class SendFailed(OptaFlyError):
    """Claude's API could not be reached, refused, or broke off in the middle of an answer.

    ``status`` is what the API answered with, 0 where it did not, 200 where it failed in the middle of an answer.
    """

    def __init__(self, message: str, kind: FailedBy = "internal", *, status: int = 0) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


class KeyRefused(SendFailed):
    """Claude's API does not take the key."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "upstream_error", status=401)


class CacheUnavailable(OptaFlyError):
    """The cache's database cannot be used; what is asked for goes on without it."""
