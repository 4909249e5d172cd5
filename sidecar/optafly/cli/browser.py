"""Opening a page in the person's browser, where there is one."""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from optafly.programs import search_path

_BOUND_S: Final = 10.0
# A process of its own, without a terminal: browsers print, some take over the terminal, and some end only when they are
# closed. It waits for three seconds; a browser that is still there by then is open. Standard input has the address.
_OPEN: Final = """
import os, sys, threading, webbrowser
address, opened = sys.stdin.read(), []
work = threading.Thread(target=lambda: opened.append(webbrowser.open(address)), daemon=True)
work.start()
work.join(3)
os._exit(0 if work.is_alive() or opened == [True] else 1)
"""


def why_not(environ: Mapping[str, str], platform: str) -> str | None:
    """Why no browser should be looked for here; None where one may be. ``BROWSER`` names one in any case."""
    if environ.get("BROWSER"):
        return None
    if any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")):
        return "this terminal came over SSH"
    if platform not in {"darwin", "win32"} and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return "there is no display"
    return None


def open_page(address: str) -> bool:
    """Start the person's browser with an address, and do not wait for it; False where none could be started."""
    # Without TERM no browser of the terminal is taken.
    environ = {name: value for name, value in os.environ.items() if name != "TERM"}
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _OPEN],
            input=address.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environ | {"PATH": search_path(environ)},
            cwd=os.sep,
            start_new_session=True,
            timeout=_BOUND_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
