"""Where programs that this one starts are looked for."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path


def search_path(environ: Mapping[str, str]) -> str:
    """``PATH`` without its relative entries: a workspace could put a program of the same name there."""
    entries = environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if Path(entry).is_absolute())


def find_program(name: str) -> str | None:
    """The absolute path of a program, or None; ``name`` may be a path, which is then taken as it is."""
    if os.path.dirname(name):  # noqa: PTH120
        return shutil.which(name)
    found = shutil.which(name, path=search_path(os.environ))
    # Windows looks in the current folder first, whatever the path says.
    return found if found is not None and Path(found).is_absolute() else None
