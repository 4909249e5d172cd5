"""What every command reads first: the settings."""

import os
from collections.abc import Mapping
from typing import Any

from optafly.config import Config, load_config
from optafly.paths import Paths


def read_config(paths: Paths, flags: Mapping[str, Any] | None = None) -> Config:
    """The settings of this run."""
    return load_config(paths.config_file, os.environ, flags)
