"""Directories of OptaFly; ``OPTAFLY_HOME`` moves them all."""

import os
import warnings
from collections.abc import Mapping
from pathlib import Path

import msgspec
import platformdirs

APP_NAME = "optafly-zed"
CONFIG_FILE_NAME = "prompt-manager-config.yaml"


class Paths(msgspec.Struct, frozen=True):
    """Where configuration, data, cache, state and logs live, and how a running core is found (``runtime_dir``)."""

    config_dir: Path
    data_dir: Path
    cache_dir: Path
    state_dir: Path
    log_dir: Path
    runtime_dir: Path

    @property
    def config_file(self) -> Path:
        """The person's configuration file (it need not exist)."""
        return self.config_dir / CONFIG_FILE_NAME

    @property
    def models_dir(self) -> Path:
        """Where downloaded models are kept, one file each."""
        return self.data_dir / "models"


def resolve_paths(environ: Mapping[str, str] = os.environ) -> Paths:
    """Return the directories for this user without creating any of them."""
    home = environ.get("OPTAFLY_HOME")
    if home:
        # Not Path.expanduser, which raises for a "~someone" who is not a user here.
        base = Path(os.path.expanduser(home)).absolute()  # noqa: PTH111
        return Paths(base / "config", base / "data", base / "cache", base / "state", base / "log", base / "run")
    dirs = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
    return Paths(
        dirs.user_config_path,
        dirs.user_data_path,
        dirs.user_cache_path,
        dirs.user_state_path,
        dirs.user_log_path,
        _runtime_dir(dirs),
    )


def _runtime_dir(dirs: platformdirs.PlatformDirs) -> Path:
    with warnings.catch_warnings():
        # It warns where no login session made one; what it takes instead is checked before it is used.
        warnings.simplefilter("ignore")
        return dirs.user_runtime_path
