"""How a core proves that it is the one of the discovery file, before a front-end sends it anything worth having.

What stands in the file outlives a core that is killed; its port may then be another user's. Only the core that wrote
the file, and who can read it, know the token.
"""

import hashlib
import hmac
import secrets
from typing import Final

import msgspec

from optafly.core.wire import Discovery, Proof, ProveCall, decode, encode

PROVE_PATH: Final = "/v1/prove"
LARGEST_BYTES: Final = 1024
"""Of the call, which anybody may make, and of an answer, which anybody may give."""


class Challenge:
    """One question to whoever listens on the port of a discovery file; each is asked once."""

    def __init__(self, discovery: Discovery) -> None:
        self._discovery = discovery
        self._nonce = secrets.token_hex(32)
        self.body = encode(ProveCall(self._nonce))

    def is_met_by(self, answer: bytes) -> bool:
        """Whether that is the answer of the core that wrote the file."""
        try:
            given = decode(answer, Proof).proof
        except msgspec.DecodeError:
            return False
        right = proof_of(self._discovery.token, self._nonce, self._discovery.port, self._discovery.pid)
        return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode("ascii"))


def proof_of(token: str, nonce: str, port: int, pid: int) -> str:
    """HMAC-SHA256 (RFC 2104) with the token as its key, in hexadecimal digits."""
    said = f"optafly core\n{nonce}\n{port}\n{pid}"
    return hmac.new(token.encode("ascii"), said.encode("ascii"), hashlib.sha256).hexdigest()
