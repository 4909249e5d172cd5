"""Writes the part of the card about the training, from ``training.json``.

python models/refiner/report.py
"""

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1])]

from tests.bench.document import write_part  # noqa: E402

COMMAND = "make train-refiner"


def training_part(about: dict[str, Any]) -> str:
    """The settings and the epochs of a training, as Markdown."""
    words = ", ".join(f"{name} {value}" for name, value in about["settings"].items())
    on = f"{about['machine']}, torch {about['torch']}, {about['peak_memory_mb']} MB at most"
    epochs = about["epochs"]
    names = list(epochs[0])
    lines = ["| " + " | ".join(name.replace("_", " ") for name in names) + " |", "|" + "---:|" * len(names)]
    lines += ["| " + " | ".join(_shown(epoch[name]) for name in names) + " |" for epoch in epochs]
    kept = f"Kept: epoch {about['best_epoch']}, with the lowest loss on {about['held_out_rows']} rows"
    head = ["## Training", "", f"Made by `{COMMAND}` on {on}. {about['rows']} rows; {words}.", ""]
    return "\n".join([*head, f"{kept} ({about['validated_on']}).", "", *lines])


def _shown(value: object) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def main() -> int:
    """Write the part."""
    about = json.loads((HERE / "training.json").read_text("utf-8"))
    write_part(COMMAND, training_part(about), HERE / "README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
