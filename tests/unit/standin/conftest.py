from collections.abc import Iterator

import pytest

from tests.standin import Standin, running_standin


@pytest.fixture
def standin() -> Iterator[Standin]:
    with running_standin() as running:
        yield running
