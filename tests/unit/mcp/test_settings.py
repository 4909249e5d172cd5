"""The settings as `optafly mcp` reads them."""

from pathlib import Path

import pytest

from optafly.core.client import CoreClient
from optafly.mcp.ports import Rules
from optafly.mcp_stdio.engine import CoreEngine
from optafly.paths import resolve_paths


async def test_a_setting_that_cannot_be_is_in_the_log_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    environ = {
        "OPTAFLY_HOME": str(tmp_path),
        "OPTAFLY_MCP_WITHOUT_EDITOR": "orignal",
        "OPTAFLY_SENDING_BASE_URL": "sk-ant-zebra-quagga-0123456789",
    }
    paths = resolve_paths(environ)
    engine = CoreEngine(paths, environ, CoreClient(paths, environ))
    for _ in range(2):
        assert await engine.rules() == Rules("refined", "original", 50.0)
    (said,) = caplog.messages
    assert "mcp.without_editor" in said
    assert "refined or original" in said
