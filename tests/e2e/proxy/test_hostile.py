"""Clients that ask for much, or slowly, or all at once at the proxy's port of a running core; others go on."""

import contextlib

import psutil
import pytest

from optafly.core.strangers import MOST_STRANGERS
from optafly.proxy.app import LARGEST_BODY_BYTES
from tests.e2e.core.conftest import until
from tests.e2e.proxy.conftest import BOUND_S, Running
from tests.e2e.proxy.strange import connected, head, read_reply
from tests.standin import Answer, Gate, Recorded, answer_text
from tests.unit.proxy.played import Reply, begun, body

MB = 2**20
VERY_LARGE = 64 * MB
JSON = (b'{"model":"claude-opus-5-5","max_tokens":9,"messages":[{"role":"user","content":"', b"x", b'"}]}')
GARBAGE = (b"\xff\x00", b"\xfe", b"[")
HALF = b"POST /v1/messages HTTP/1.1\r\nHost:"


class Upload:
    """A client that sends 64 MB whatever is said, and sees how much memory the core takes meanwhile."""

    def __init__(self, running: Running, parts: tuple[bytes, bytes, bytes], *, chunked: bool) -> None:
        begin, filling, end = parts
        self._running = running
        self._pieces = [begin, *[filling * MB] * (VERY_LARGE // MB), end]
        self._chunked = chunked
        self._core = psutil.Process(running.process.pid)
        self.most = 0

    def send(self) -> Reply:
        """Send all of it, others being answered in the middle, and read the answer to its end."""
        length = "Transfer-Encoding: chunked" if self._chunked else f"Content-Length: {sum(map(len, self._pieces))}"
        with connected(self._running, head(self._running, length)) as connection:
            for number, piece in enumerate(self._pieces):
                connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece)
                self.most = max(self.most, self._core.memory_info().rss)
                if number == len(self._pieces) // 2:
                    others = self._running.ask(body("Who else is here?"), headers={"x-optafly-bypass": "1"})
                    assert others.status == 200
            if self._chunked:
                connection.sendall(b"0\r\n\r\n")
            reply = read_reply(connection)
            assert connection.recv(1) == b""  # closed in order
            return reply


@pytest.mark.parametrize("parts", [JSON, GARBAGE], ids=["JSON", "garbage"])
@pytest.mark.parametrize("chunked", [False, True], ids=["plain", "chunked"])
def test_64_mb_are_refused_and_leave_nothing(
    running: Running, parts: tuple[bytes, bytes, bytes], chunked: bool
) -> None:
    upload = Upload(running, parts, chunked=chunked)
    for _ in range(4):  # what is loaded or reserved once is there from here on
        assert upload.send().error == (413, "request_too_large")
    before, upload.most = psutil.Process(running.process.pid).memory_info().rss, 0
    for _ in range(4):
        assert upload.send().error == (413, "request_too_large")
    after = psutil.Process(running.process.pid).memory_info().rss
    assert after - before < 16 * MB
    # Where no length is announced, it is held up to the limit before it is known to be too large.
    assert upload.most - before < (LARGEST_BODY_BYTES if chunked else 0) + 16 * MB
    assert not [request for request in running.standin.requests if len(request.body) > MB]


@pytest.mark.parametrize("more", [(), ("Expect: 100-continue",)], ids=["", "asked first"])
def test_64_mb_are_refused_before_they_are_sent(running: Running, more: tuple[str, ...]) -> None:
    with connected(running, head(running, f"Content-Length: {VERY_LARGE}", *more)) as connection:
        assert read_reply(connection).error == (413, "request_too_large")


def test_a_client_that_sends_slowly_keeps_nobody_waiting(running: Running) -> None:
    data = b'{"model":"claude-opus-5-5","max_tokens":99,"messages":[{"role":"user","content":"Who is slow?"}]}'
    with connected(running, head(running, f"Content-Length: {len(data)}")) as slow:
        for at in range(0, len(data), 10):
            slow.sendall(data[at : at + 10])
            assert running.ask(path="/v1/models", method="GET").status == 200
        assert read_reply(slow).status == 200


def test_a_client_that_reads_slowly_keeps_nobody_waiting_and_gets_all(running: Running) -> None:
    words = "walrus " * (4 * MB)  # more than the buffers on the way hold
    running.standin.script(Answer(words, pieces=400))
    before = running.standin.counts.requests
    with begun(running.url, body("Tell me everything.", stream=True), **{"x-api-key": running.token}) as slow:
        told = running.standin.wait_requests(before + 1, BOUND_S)[-1]
        for _ in range(10):
            assert running.ask(body("Who else reads?")).status == 200
        assert told.outcome == "open"
        assert read_reply(slow).text == words


def test_half_a_request_is_not_waited_for(running: Running) -> None:
    with contextlib.ExitStack() as stack:
        strangers = [stack.enter_context(connected(running, said)) for said in (b"", HALF, head(running)[:-2])]
        assert running.ask(body("Who is whole?")).status == 200
        for stranger in strangers:
            with contextlib.suppress(ConnectionResetError):
                assert stranger.recv(1000) == b""


@pytest.mark.parametrize("said", [b"", HALF], ids=["nothing", "half a head"])
def test_200_strangers_keep_nobody_out(running: Running, said: bytes) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(connected(running, said))
        for _ in range(5):
            assert running.ask(body("Who came first?")).status == 200
        until(lambda: connections(running) <= MOST_STRANGERS, "the oldest are left")


def connections(running: Running) -> int:
    """How many the proxy holds."""
    found = psutil.Process(running.process.pid).net_connections("tcp")
    held = [item for item in found if item.laddr.port == running.port and item.status == psutil.CONN_ESTABLISHED]
    return len(held)


def test_200_clients_at_once_each_get_their_own(running: Running) -> None:
    gate = Gate()

    def held(request: Recorded) -> Answer:
        return Answer(answer_text(request.json), head_gate=gate)

    running.standin.answer_with(held)
    before = running.standin.counts.requests
    asked = [body(f"Which number is walrus {number}?", stream=number % 2 == 0) for number in range(200)]
    try:
        with contextlib.ExitStack() as stack:
            clients = [
                stack.enter_context(begun(running.url, value, **{"x-api-key": running.token})) for value in asked
            ]
            gate.wait_reached(len(asked), BOUND_S)
            assert running.standin.counts.requests == before + len(asked)
            assert running.ask(path="/v1/models", method="GET").status == 200  # and one more is answered
            gate.open()
            answers = [read_reply(client).text for client in clients]
    finally:
        gate.open()
        running.standin.answer_with(None)
    assert len(set(answers)) == len(asked)
    assert answers == [answer_text(value) for value in asked]
