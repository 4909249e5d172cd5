"""What `optafly doctor` says of the proxy."""

import contextlib

from optafly.cli.checks import Check
from optafly.cli.proxy_state import proxy_in_words, proxy_state
from optafly.config import Config
from optafly.core.wire import ProxyState
from optafly.errors import OptaFlyError
from optafly.paths import Paths


def proxy_check(paths: Paths, config: Config) -> Check:
    """Whether it listens where the core runs."""
    state: ProxyState | None = None
    with contextlib.suppress(OptaFlyError):  # said of the core already
        state = proxy_state(paths)
    if state is not None:
        advice = "correct that, then run: optafly core stop"
        return Check("proxy", not state.problem, proxy_in_words(state), advice)
    if not config.get("proxy.enabled"):
        return Check("proxy", ok=True, found=proxy_in_words(ProxyState()))
    return Check("proxy", ok=True, found=f"starts with the core, on port {config.get('proxy.port')}")
