"""A key that is written is found, however it was encoded on the way: what looks for keys can fail."""

import base64
import contextlib
import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.grep import KEYS, leaked, written


def write(data: Callable[[str], bytes]) -> Callable[[Path, str], None]:
    def plant(folder: Path, key: str) -> None:
        (folder / "deep" / "er").mkdir(parents=True)
        (folder / "deep" / "er" / "file").write_bytes(b"some \xff\0 " + data(key) + b" more")

    return plant


def in_sqlite(folder: Path, key: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / "file.sqlite3")) as store:
        store.execute("CREATE TABLE t (x TEXT)")
        store.execute("INSERT INTO t VALUES (?)", (f"a {key} b",))
        store.commit()


@pytest.mark.parametrize(
    "plant",
    [
        write(str.encode),
        write(lambda key: json.dumps({"headers": [["x-api-key", f"Bearer {key}"]]}).encode()),
        write(lambda key: f"http://127.0.0.1/?key={quote(key, safe='')}&x=1".encode()),
        write(lambda key: base64.b64encode(f"{key}:".encode())),
        write(lambda key: base64.b64encode(f"u:{key}".encode())),
        write(lambda key: base64.urlsafe_b64encode(f"x{key}y".encode())),
        write(lambda key: repr([key]).encode()),
        write(lambda key: base64.b64encode(repr([(b"x-api-key", key.encode())]).encode())),
        in_sqlite,
        lambda folder, key: (folder / quote(key, safe="")).write_bytes(b""),
    ],
    ids=[
        "plain",
        "JSON",
        "address",
        "base64",
        "base64 behind 2",
        "base64 for addresses",
        "repr",
        "base64 of repr",
        "SQLite",
        "name",
    ],
)
@pytest.mark.parametrize("name", KEYS)
def test_a_planted_key_is_found(tmp_path: Path, plant: Callable[[Path, str], Any], name: str) -> None:
    assert written(tmp_path, KEYS) == {}
    plant(tmp_path, KEYS[name])
    (found,) = written(tmp_path, KEYS).values()
    assert found == [name]
    assert leaked(b"nothing of it " + os.fsencode(tmp_path), KEYS) == []
