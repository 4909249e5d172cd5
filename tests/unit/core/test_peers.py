"""Whose a connection is, by tables as Linux writes them."""

import sys

import pytest

from optafly.core.peers import owned_by

HOST = "0100007F" if sys.byteorder == "little" else "7F000001"
MAPPED = "0000000000000000FFFF0000" + HOST
CLIENT, CORE = 40001, 40002
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"


def row(local: int, remote: int, user: int, state: str = "01", host: str = HOST) -> str:
    ends = f"{host}:{local:04X} {host}:{remote:04X}"
    return f"   1: {ends} {state} 00000000:00000000 00:00000000 00000000 {user:>5}        0 4711 1 0000 20 4 30 10 -1"


OURS = row(CORE, CLIENT, 1000)
OTHERS = [HEAD, row(CORE, 0, 1000, "0A"), row(CLIENT, CORE + 1, 1001), row(CLIENT + 1, CORE, 1001)]


@pytest.mark.parametrize(("user", "let_in"), [(1000, True), (0, True), (1001, False), (65534, False)])
def test_own_programs_and_those_of_root_are_let_in(user: int, let_in: bool) -> None:
    assert owned_by(1000, CLIENT, CORE, [*OTHERS, OURS, row(CLIENT, CORE, user)]) is let_in


def test_an_address_of_ipv4_may_stand_among_those_of_ipv6() -> None:
    assert owned_by(1000, CLIENT, CORE, [*OTHERS, OURS, row(CLIENT, CORE, 1000, host=MAPPED)])
    assert not owned_by(1000, CLIENT, CORE, [*OTHERS, OURS, row(CLIENT, CORE, 1001, host=MAPPED)])


@pytest.mark.parametrize("state", ["04", "05", "06"])
def test_who_is_just_hanging_up_is_nobody(state: str) -> None:
    """Such a connection is said to be root's, whosever it was."""
    assert not owned_by(1000, CLIENT, CORE, [*OTHERS, OURS, row(CLIENT, CORE, 0, state)])


def test_who_is_not_there_is_nobody() -> None:
    assert not owned_by(1000, CLIENT, CORE, [*OTHERS, OURS])


def test_where_the_system_does_not_say_nobody_is_kept_out() -> None:
    assert owned_by(1000, CLIENT, CORE, [])
    assert owned_by(1000, CLIENT, CORE, [*OTHERS, "nonsense"])
