"""The core's log."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from optafly.core.logs import KEPT_FILES, LARGEST_BYTES, LOG_NAME, begin_log, end_log
from optafly.paths import Paths, resolve_paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return resolve_paths({"OPTAFLY_HOME": str(tmp_path / "home")})


@pytest.fixture
def handler(paths: Paths) -> Iterator[logging.Handler]:
    root, ours = logging.getLogger(), logging.getLogger("optafly")
    levels = root.level, ours.level
    handler = begin_log(paths)
    yield handler
    end_log(handler)
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def test_it_is_kept_small_and_private(paths: Paths, handler: logging.Handler) -> None:
    line = "x" * 10_000
    for _ in range(5 * LARGEST_BYTES // len(line)):
        logging.getLogger("optafly.core").info(line)
    files = list(paths.log_dir.iterdir())
    assert sorted(file.name for file in files) == [LOG_NAME, *(f"{LOG_NAME}.{n + 1}" for n in range(KEPT_FILES))]
    assert all(file.stat().st_size <= LARGEST_BYTES for file in files)
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert paths.log_dir.stat().st_mode & 0o777 == 0o700


def test_of_others_only_warnings_are_noted(paths: Paths, handler: logging.Handler) -> None:
    logging.getLogger("uvicorn.error").info("quiet")
    logging.getLogger("uvicorn.error").warning("loud")
    logging.getLogger("optafly.core").info("ours")
    text = (paths.log_dir / LOG_NAME).read_text()
    assert "quiet" not in text
    assert "loud" in text
    assert "ours" in text


def test_what_no_encoding_can_write_is_written_as_an_escape(paths: Paths, handler: logging.Handler) -> None:
    # Not through a logger: pytest keeps what those get, and its workers (pytest-xdist) cannot send a lone surrogate.
    handler.handle(logging.LogRecord("optafly.core", logging.INFO, __file__, 1, "a name \udcff", None, None))
    assert "a name \\udcff" in (paths.log_dir / LOG_NAME).read_text()


def test_a_full_disk_disturbs_nobody(
    paths: Paths, handler: logging.Handler, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(handler, "flush", full)
    logging.getLogger("optafly.core").info("lost")
    monkeypatch.undo()
    assert capsys.readouterr().err == ""
