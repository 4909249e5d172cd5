import subprocess
from pathlib import Path

import pytest

from tests.bench import proxy_servers, run
from tests.bench.environments import CannotBeHad


def test_litellm_that_cannot_be_installed_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "ERROR: no matching distribution\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    server = proxy_servers.litellm(tmp_path, tmp_path / "litellm", "http://127.0.0.1:1", lambda _: None)
    with pytest.raises(CannotBeHad, match="it cannot be installed here: ERROR: no matching distribution"), server:
        pass


def test_litellm_that_ends_at_once_says_its_last_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "litellm"
    program.write_text("#!/bin/sh\necho a long story\necho no such option >&2\nexit 2\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(proxy_servers, "environment", lambda *_: tmp_path / "python")
    server = proxy_servers.litellm(tmp_path, tmp_path / "home", "http://127.0.0.1:1", lambda _: None)
    with pytest.raises(CannotBeHad, match="it does not run here: no such option"), server:
        pass


def test_one_section_alone_is_never_written(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(["--write", "--only", "proxy"])
    assert "whole run" in capsys.readouterr().err
