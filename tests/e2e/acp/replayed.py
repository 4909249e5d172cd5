"""An agent that says what was recorded, in its turn: ``python -m tests.e2e.acp.replayed RECORDING PROJECT HEARD``.

A recording holds lines as ``[who, line]`` in the order they passed; it was made of a real agent before the stand-in,
its words shortened. What the agent hears is written to HEARD.
"""

import json
import sys
from pathlib import Path


def recorded(file: Path, project: Path) -> list[tuple[str, bytes]]:
    """Who said what, about this project."""
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    places = (("{project}", str(project)), ("{home}", str(project.parent)))
    found = []
    for who, said in lines:
        for mark, place in places:
            said = said.replace(mark, place)  # noqa: PLW2901
        found.append((who, said.encode() + b"\n"))
    return found


def main(file: str, project: str, heard: str) -> None:
    """Play the agent."""
    with Path(heard).open("wb", buffering=0) as hears:
        for who, said in recorded(Path(file), Path(project)):
            if who == "agent":
                sys.stdout.buffer.write(said)
                sys.stdout.buffer.flush()
            else:
                hears.write(sys.stdin.buffer.readline())


if __name__ == "__main__":
    main(*sys.argv[1:])
