"""Names the machine a figure was measured on."""

import os
import platform

import psutil


def machine() -> str:
    """Processor, cores, memory and Python, in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{platform.machine()}, {cores} cores, {memory:.0f} GiB, {system}"
