"""docs/architecture.md names tests and modules that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_every_invariant_names_a_test_that_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TEXT)
    assert len(named) > 20
    for path, name in named:
        text = (ROOT / path).read_text("utf-8")
        assert re.search(rf"^(?:async )?def {name}\(", text, re.MULTILINE), f"{path}::{name}"


def test_the_code_map_names_folders_that_exist() -> None:
    for path in re.findall(r"^\| `((?:sidecar|tests|docs)/[\w/.]+)`", TEXT, re.MULTILINE):
        assert (ROOT / path).exists(), path
