"""What it takes to make the trained model on this machine."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

COMMAND = (sys.executable, "-m", "optafly", "models", "pull")


def making(name: str) -> str:
    """How long it takes to make a model in a new home and the most memory that takes, in words."""
    with tempfile.TemporaryDirectory(prefix="optafly-made-") as home:
        began = time.perf_counter()
        process = psutil.Popen([*COMMAND, name], env=os.environ | {"OPTAFLY_HOME": home}, stdout=subprocess.DEVNULL)
        most = 0
        while process.poll() is None:
            most = max(most, _resident(process))
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        if process.returncode != 0:
            return f"Making {name} failed with status {process.returncode}."
        size = sum(file.stat().st_size for file in Path(home).rglob("*.gguf"))
    return f"Made by the command in {seconds:.1f} s with {most / 1e6:.0f} MB resident at most; {size / 1e6:.0f} MB."


def _resident(process: psutil.Popen) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
