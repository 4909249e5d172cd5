"""GPTCache, in an environment of its own: it installs packages at run time and reaches for a hub when it is let."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tests.bench import environments
from tests.bench.environments import CannotBeHad

if TYPE_CHECKING:
    from tests.bench.cache_systems import RememberedEncoder

VERSION: Final = "0.1.44"
PACKAGES: Final = (f"gptcache=={VERSION}", "faiss-cpu", "sqlalchemy", "numpy")
THRESHOLDS: Final = (0.8, 0.9, 0.95, 0.98)
PUBLISHED: Final = {0.95: (425, 25, 549), 0.9: (804, 77, 118), 0.8: (904, 92, 3)}
"""Its own result on its own pairs, counted by index (examples/benchmark of its repository): right, wrong, miss."""
_PROGRAM: Final = Path(__file__).with_name("cache_gptcache_program.py")


class Answers(NamedTuple):
    """Which stored place was given for each text that was asked (None: none), and how long each took."""

    given: tuple[int | None, ...]
    ms: tuple[float, ...]


class Result(NamedTuple):
    """Answers by threshold, and for each pair what its evaluation says (0 to 1)."""

    store: dict[float, Answers]
    pairs: tuple[float, ...]


def equal_cosine(threshold: float) -> float:
    """The cosine at which its distance evaluation reaches a threshold.

    It takes the square of the distance of two vectors of length 1, 2 - 2 cos, from 4, and compares with 4 threshold.
    """
    return 1 - 2 * (1 - threshold)


def environment(cache_dir: Path, say: Callable[[str], None]) -> Path:
    """The Python of its environment, made where it is not there yet; raises `CannotBeHad`."""
    return environments.environment(cache_dir, "GPTCache", VERSION, PACKAGES, say)


def run(
    python: Path,
    encoder: "RememberedEncoder",
    stored: Sequence[str] = (),
    asked: Sequence[str] = (),
    pairs: Sequence[tuple[str, str]] = (),
    thresholds: Sequence[float] = THRESHOLDS,
) -> Result:
    """Let it answer, with the vectors of ``encoder``; raises `CannotBeHad`."""
    import numpy as np

    texts = list(dict.fromkeys([*stored, *asked, *(text for pair in pairs for text in pair)]))
    request: dict[str, Any] = {
        "texts": texts,
        "stored": list(stored),
        "asked": list(asked),
        "pairs": [list(pair) for pair in pairs],
        "thresholds": list(thresholds) if stored else [],
    }
    with tempfile.TemporaryDirectory(prefix="optafly-gptcache-") as name:
        folder = Path(name)
        (folder / "request.json").write_text(json.dumps(request), "utf-8")
        np.save(folder / "vectors.npy", encoder.embed(texts))
        files = [str(folder / file) for file in ("request.json", "vectors.npy", "result.json")]
        # It can reach neither an index nor a hub, and what it might install would not be ours.
        offline = {"PIP_NO_INDEX": "1", "HF_HUB_OFFLINE": "1", "PATH": f"{python.parent}{os.pathsep}{os.defpath}"}
        environ = {**os.environ, **offline, "PYTHONPATH": ""}
        try:
            done = subprocess.run(
                [str(python), "-P", str(_PROGRAM), *files],
                cwd=folder, env=environ, capture_output=True, text=True, timeout=900, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotBeHad(f"it does not run here ({type(error).__name__})") from None
        if done.returncode:
            last = (done.stderr.strip() or "no message").splitlines()[-1]
            raise CannotBeHad(f"it does not run here: {last[:200]}")
        result = json.loads((folder / "result.json").read_text("utf-8"))
    store = {float(key): Answers(tuple(value["given"]), tuple(value["ms"])) for key, value in result["store"].items()}
    return Result(store, tuple(result["pairs"]))
