"""A home and a project for each test, and no core left of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.lsp.conftest import end_core, write_project


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "home"
    yield made
    end_core(made)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project")
