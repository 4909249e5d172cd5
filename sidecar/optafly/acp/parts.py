"""Puts together what decides about prompts and what answers them."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from optafly.acp.alone import Alone
from optafly.acp.core_link import CoreLink
from optafly.acp.core_port import Memory
from optafly.acp.gate import Gate
from optafly.paths import Paths


class Parts(msgspec.Struct, frozen=True):
    """What `optafly acp` needs besides the relay; closing one of them leaves the core for both."""

    gate: Gate
    alone: Alone


def make_parts(paths: Paths, environ: Mapping[str, str]) -> Parts:
    """Both, with one tie to the core and one memory; the core is not reached for yet."""
    core, memory, home = CoreLink(paths, environ), Memory(), Path.home().resolve()
    return Parts(Gate(core, memory, home), Alone(core, memory, home))
