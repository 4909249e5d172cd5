from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.standin import Standin, running_standin
from tests.unit.proxy.played import Played, played


@pytest.fixture
def standin() -> Iterator[Standin]:
    with running_standin(repeatable=True) as running:
        yield running


@pytest.fixture
def proxy(tmp_path: Path, standin: Standin) -> Iterator[Played]:
    with played(tmp_path, standin.url) as running:
        yield running
