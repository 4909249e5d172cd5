"""The log of the language server is its user's alone, rotated or not."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from optafly.lsp.logs import start_log
from optafly.paths import resolve_paths


@pytest.fixture
def package() -> Iterator[logging.Logger]:
    """The package's logger, afterwards as it was."""
    logger = logging.getLogger("optafly")
    before = logger.handlers[:], logger.level, logger.propagate
    yield logger
    for handler in set(logger.handlers) - set(before[0]):
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(before[1])
    logger.propagate = before[2]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_its_user_can_read_it_however_often_it_is_rotated(tmp_path: Path, package: logging.Logger) -> None:
    paths = resolve_paths({"OPTAFLY_HOME": str(tmp_path)})
    before = os.umask(0o022)
    try:
        start_log(paths)
        for _ in range(2500):
            package.info("x" * 1000)
    finally:
        os.umask(before)
    files = list(paths.log_dir.iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_where_it_cannot_be_written_there_is_none(tmp_path: Path, package: logging.Logger) -> None:
    (tmp_path / "home").touch()
    start_log(resolve_paths({"OPTAFLY_HOME": str(tmp_path / "home")}))
    package.info("nothing happens")
