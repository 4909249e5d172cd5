"""docs/benchmarks.md, in parts: each command writes its own and leaves those of the others as they are."""

import re
from pathlib import Path
from typing import Final

DOCUMENT: Final = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
_TOP: Final = """# Benchmarks

Each part is made by the command named in it; not edited by hand. Compare figures of one run only.
"""


def write_part(command: str, text: str, document: Path = DOCUMENT) -> None:
    """Put ``text`` in the place of this command's part, or at the end where there is none yet."""
    old = document.read_text("utf-8") if document.exists() else _TOP
    document.write_text(with_part(old, command, text), "utf-8")


def with_part(document: str, command: str, text: str) -> str:
    """The document with this command's part; everything outside its marks stays to the letter."""
    start, end = f"<!-- made by `{command}` -->", f"<!-- end of `{command}` -->"
    part = f"{start}\n{text.strip()}\n{end}\n"
    pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}\n?", re.DOTALL)
    if pattern.search(document):
        return pattern.sub(lambda _: part, document, count=1)
    return document.rstrip("\n") + "\n\n" + part
