import pytest

from tests.unit.mcp.played import PlayedEngine


@pytest.fixture
def engine() -> PlayedEngine:
    return PlayedEngine()
