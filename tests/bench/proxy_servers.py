"""The proxies that are compared, each in a process of its own before the same upstream."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec
import psutil

from optafly.core.connection import Connection
from optafly.core.discovery import read_discovery
from optafly.core.launcher import ensure_core, stop_core
from optafly.core.wire import Discovery, Status, decode
from optafly.paths import resolve_paths
from optafly.proxy.token import FILE_NAME, read_token
from tests.bench.environments import CannotBeHad, environment
from tests.bench.proxy_line import Line, Target
from tests.bench.proxy_requests import MODEL, question

T = TypeVar("T")

LITELLM_VERSION: Final = "1.106.2"
_LITELLM_PACKAGES: Final = (f"litellm[proxy]=={LITELLM_VERSION}",)
# Nobody looks at it: what stands behind the proxies is the stand-in.
_KEY: Final = "sk-ant-benchmark"
_EXAMPLE: Final = Path(__file__).resolve().parents[2] / "docs" / "example"
_START_S: Final = 120.0
_END_S: Final = 10.0


class Server(NamedTuple):
    """A running proxy and the process that holds it."""

    target: Target
    pid: int


def memory_mb(server: Server) -> float:
    """What the process and those it started hold, resident."""
    process = psutil.Process(server.pid)
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 1e6


@contextlib.contextmanager
def optafly(home: Path, upstream: str) -> Iterator[Server]:
    """A core with default settings but for the port and the upstream of its proxy, once its networks are loaded."""
    paths = resolve_paths({"OPTAFLY_HOME": str(home)})
    environ = _clean() | {
        "OPTAFLY_HOME": str(home),
        "OPTAFLY_PROXY_PORT": "0",
        "OPTAFLY_PROXY_UPSTREAM": upstream,
        "ANTHROPIC_API_KEY": _KEY,
    }
    found = ensure_core(paths, environ)
    try:
        port = _until(lambda: _status(found).proxy.port, "the proxy listens")
        target = Target(f"http://127.0.0.1:{port}", read_token(paths.data_dir / FILE_NAME))
        with Line(target) as line:
            line.ask(question("Load the networks that decide.", stream=False))
        _until(lambda: _status(found).networks, "the networks are loaded")
        yield Server(target, found.pid)
    finally:
        stop_core(paths, found)


def loads_model(home: Path) -> bool:
    """Have the running core refine something with its language model; whether that is in memory then."""
    paths = resolve_paths({"OPTAFLY_HOME": str(home)})
    command = [sys.executable, "-m", "optafly", "refine", "fix this", "--json", "--workspace", str(_EXAMPLE),
               "--file", "shop/bill.py", "--selection", "10:1-11:28"]  # fmt: skip
    environ = _clean() | {"OPTAFLY_HOME": str(home)}
    found = read_discovery(paths)
    if found is None:
        return False
    try:
        subprocess.run(command, env=environ, capture_output=True, timeout=_START_S, check=False)
        # On a busy machine the refinement is given without the model, which is still being loaded.
        _until(lambda: _status(found).model, "the model is loaded")
    except (subprocess.TimeoutExpired, TimeoutError):
        return False
    return True


@contextlib.contextmanager
def litellm(cache_dir: Path, folder: Path, upstream: str, say: Callable[[str], None]) -> Iterator[Server]:
    """LiteLLM's proxy as it comes, one worker, no database; raises `CannotBeHad`."""
    python = environment(cache_dir, "LiteLLM", LITELLM_VERSION, _LITELLM_PACKAGES, say)
    folder.mkdir()
    target = Target(f"http://127.0.0.1:{_free_port()}", f"sk-{secrets.token_hex(16)}")
    config = folder / "config.json"
    config.write_bytes(msgspec.json.encode(litellm_config(upstream, target.key)))
    port = target.url.rpartition(":")[2]
    command = [str(python.with_name("litellm")), "--config", str(config), "--host", "127.0.0.1", "--port", port,
               "--num_workers", "1"]  # fmt: skip
    log = folder / "log"
    with log.open("wb") as out:
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=_litellm_environ(folder), stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        except OSError as error:
            raise CannotBeHad(f"it does not run here ({type(error).__name__})") from None
    try:
        _until_answering(process, target.url, log)
        yield Server(target, process.pid)
    finally:
        _end(process)


def litellm_config(upstream: str, master_key: str) -> dict[str, object]:
    """One model, which goes to ``upstream``; JSON is YAML."""
    served = {"model": f"anthropic/{MODEL}", "api_base": upstream, "api_key": _KEY}
    return {
        "model_list": [{"model_name": MODEL, "litellm_params": served}],
        "general_settings": {"master_key": master_key},
    }


def _status(found: Discovery) -> Status:
    return decode(Connection(found).ask("GET", "/v1/status"), Status)


def _litellm_environ(folder: Path) -> Mapping[str, str]:
    # Prices of its own package: else it fetches them.
    offline = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "NO_PROXY": "*"}
    return {"PATH": os.defpath, "HOME": str(folder), **offline}


def _until_answering(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    def answers() -> bool:
        if process.poll() is not None:
            last = (log.read_text("utf-8", "replace").strip() or "no message").splitlines()[-1]
            raise CannotBeHad(f"it does not run here: {last[:200]}")
        try:
            with urllib.request.urlopen(f"{url}/health/liveliness", timeout=_END_S) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    try:
        _until(answers, "it answers")
    except TimeoutError:
        raise CannotBeHad(f"it did not answer within {_START_S:.0f} s") from None


def _end(process: "subprocess.Popen[bytes]") -> None:
    started = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for left in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            left.kill()


def _until(look: Callable[[], T], what: str) -> T:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if seen := look():
            return seen
        time.sleep(0.1)
    raise TimeoutError(f"not seen within {_START_S:.0f} s: {what}")


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("OPTAFLY_", "ANTHROPIC_"))}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
