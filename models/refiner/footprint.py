"""What it takes to make the trained model on this machine, and to refine with it."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

COMMAND = (sys.executable, "-m", "optafly")
EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "example"
REQUEST = (
    "Fix this bug", "--in-process", "--workspace", str(EXAMPLE), "--file", "shop/bill.py", "--selection", "10:1-11:28",
)  # fmt: skip


def footprint(name: str) -> str:
    """Seconds and the most memory of making a model in a new home, and of one refinement with it, in words."""
    with tempfile.TemporaryDirectory(prefix="optafly-made-") as home:
        made = _watched(home, "models", "pull", name)
        used = _watched(home, "refine", *REQUEST, "--model", name)
        size = sum(file.stat().st_size for file in Path(home).rglob("*.gguf"))
    return f"{name} ({size / 1e6:.0f} MB) made by the command: {made}; one refinement, from nothing: {used}."


def _watched(home: str, *arguments: str) -> str:
    began = time.perf_counter()
    silent = subprocess.DEVNULL
    environ = os.environ | {"OPTAFLY_HOME": home}
    process = psutil.Popen([*COMMAND, *arguments], env=environ, stdin=silent, stdout=silent, stderr=silent)
    most = 0
    while process.poll() is None:
        most = max(most, _resident(process))
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    failed = f", and failed with status {process.returncode}" if process.returncode else ""
    return f"{seconds:.1f} s, {most / 1e6:.0f} MB resident at most{failed}"


def _resident(process: psutil.Popen) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
