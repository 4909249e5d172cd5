"""Programs that are compared, in environments of their own: their packages never mix with ours."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

_INSTALL_S: Final = 600
_DONE: Final = "installed"


class CannotBeHad(Exception):
    """A program cannot be installed or run here; the message says why, in one line."""


def environment(cache_dir: Path, name: str, version: str, packages: Sequence[str], say: Callable[[str], None]) -> Path:
    """The Python of a program's environment, made where it is not there yet; raises `CannotBeHad`."""
    python_version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = cache_dir / "benchmark" / f"{name.lower()}-{version}-py{python_version}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (folder / _DONE).is_file() and python.is_file():
        return python
    say(f"{name} {version} is installed into an environment of its own")
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
    for command in ([sys.executable, "-m", "venv", "--clear", str(folder)], install):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotBeHad(f"it cannot be installed here ({type(error).__name__})") from None
        if done.returncode:
            last = (done.stderr.strip() or "no message").splitlines()[-1]
            raise CannotBeHad(f"it cannot be installed here: {last[:200]}")
    (folder / _DONE).write_text("\n".join(packages) + "\n", "utf-8")
    return python
