"""What a command knows of the running core's proxy."""

import msgspec

from optafly.cli.output import visible
from optafly.core.connection import Connection
from optafly.core.launcher import running_core
from optafly.core.wire import ProxyState, Status
from optafly.paths import Paths


def proxy_state(paths: Paths) -> ProxyState | None:
    """What the running core says of its proxy; None where no core runs."""
    found = running_core(paths)
    if found is None:
        return None
    return msgspec.json.decode(Connection(found).ask("GET", "/v1/status"), type=Status).proxy


def proxy_in_words(state: ProxyState) -> str:
    """The same in one line."""
    if state.problem:
        return visible(state.problem)
    if not state.enabled:
        return "switched off (proxy.enabled)"
    if not state.port:
        return "just starting"
    return f"http://127.0.0.1:{state.port}, on to {visible(state.upstream)}"
