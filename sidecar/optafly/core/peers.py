"""Whose a connection over the loopback interface is, as far as this system says."""

import os
import socket
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED: Final = "01"
_ROOT: Final = 0


def is_own_connection(client_port: int, port: int) -> bool:
    """Whether a program of this user, or of root, made the connection from ``client_port`` to our ``port``.

    Where the system does not say (other ones than Linux), it is taken for one.
    """
    if sys.platform == "win32":  # which has no numbers for users
        return True
    return owned_by(os.getuid(), client_port, port, _lines())


def owned_by(user: int, client_port: int, port: int, table: Iterable[str]) -> bool:
    """Whether the connection is one of that user or of root, by the lines of a table as in ``/proc/net/tcp``."""
    ours, theirs = f"{_address()}:{port:04X}", f"{_address()}:{client_port:04X}"
    is_told = False
    for line in table:
        fields = line.split()
        if len(fields) < 8:
            continue
        local, remote, state, owner = fields[1], fields[2], fields[3], fields[7]
        # Our own end is in every table that can be believed.
        is_told = is_told or (local.endswith(ours) and remote.endswith(theirs))
        # What is just being closed is said to be root's, whosever it was.
        if local.endswith(theirs) and remote.endswith(ours) and state == _ESTABLISHED:
            return owner in {str(user), str(_ROOT)}
    return not is_told


def _address() -> str:
    """127.0.0.1 as these tables write it: the number as it lies in memory."""
    return f"{int.from_bytes(socket.inet_aton('127.0.0.1'), sys.byteorder):08X}"


def _lines() -> Iterator[str]:
    for table in _TABLES:
        try:
            yield from table.read_text("ascii", "replace").splitlines()
        except OSError:
            continue
