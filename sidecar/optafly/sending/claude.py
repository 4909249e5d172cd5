"""Anthropic's API by its official SDK; the only module that imports it, in a thread and when it is first needed."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from optafly.errors import FailedBy, NotSetUp, OptaFlyError, SendFailed
from optafly.routing.key_secret import Secret
from optafly.sending.refusals import broke_off, refused, unreachable

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.lib.streaming import AsyncMessageStream

DEFAULT_URL: Final = "https://api.anthropic.com"
RETRIES: Final = 2
_RETRY_HEADER: Final = "x-stainless-retry-count"
_FIRST_ERROR: Final = 400
_NOT_SENT: Final = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "ProxyError"})
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
# At their more talkative levels they show requests, and with them the prompt.
_LOGGERS: Final = ("anthropic", "httpx2", "httpcore2", "httpx", "httpcore")


class Api:
    """The API at an address; nothing is loaded or connected until something is asked."""

    def __init__(self, base_url: str = DEFAULT_URL, *, retries: int = RETRIES) -> None:
        self.base_url = base_url
        self._retries = retries

    @contextlib.asynccontextmanager
    async def ask(
        self, body: Mapping[str, Any], secret: Secret, on_retry: Callable[[str], None]
    ) -> AsyncGenerator["_Reply"]:
        """As `optafly.sending.ports.Claude`."""
        # Loading it takes a second, and making a client reads the system's certificates.
        client = await asyncio.to_thread(self._client, secret, on_retry)
        async with contextlib.AsyncExitStack() as open_things:
            await open_things.enter_async_context(client)
            with _named(self.base_url):
                stream = await open_things.enter_async_context(client.messages.stream(**body))
            yield _Reply(stream, self.base_url)

    def _client(self, secret: Secret, on_retry: Callable[[str], None]) -> "AsyncAnthropic":
        try:
            import anthropic  # noqa: PLC0415
        except ImportError:
            raise NotSetUp("the package anthropic is missing; install it: pip install 'optafly[decide]'") from None
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.WARNING)
        retries = _Retries(on_retry, self._retries)
        # A redirect could carry the key, which is a header of Anthropic's own, to another host.
        http = anthropic.DefaultAsyncHttpxClient(
            follow_redirects=False,
            # A proxy of this machine's environment is for what leaves it.
            trust_env=urlsplit(self.base_url).hostname not in _LOOPBACK,
            event_hooks={"request": [retries.asked], "response": [retries.answered]},
        )
        client = anthropic.AsyncAnthropic(
            api_key=secret.reveal(), base_url=self.base_url, max_retries=self._retries, http_client=http
        )
        # ANTHROPIC_CUSTOM_HEADERS is for other programs: it may hold the proxy's token, or another key than the chosen.
        # The SDK has no other way to leave it out.
        client._custom_headers = {}
        return client


class _Reply:
    """As `optafly.sending.ports.Reply`."""

    def __init__(self, stream: "AsyncMessageStream[None]", base_url: str) -> None:
        self._stream = stream
        self._base_url = base_url

    @property
    def request_id(self) -> str:
        """As `optafly.sending.ports.Reply`."""
        return self._stream.request_id or ""

    async def texts(self) -> AsyncIterator[str]:
        """As `optafly.sending.ports.Reply`."""
        complete = False
        with _named(self._base_url, begun=True):
            async for event in self._stream:
                if event.type == "text":
                    yield event.text
                elif event.type == "message_stop":
                    complete = True
        if not complete:
            raise broke_off()

    def usage(self) -> object:
        """As `optafly.sending.ports.Reply`."""
        try:
            return self._stream.current_message_snapshot.usage.to_dict(mode="json")
        except AssertionError:  # nothing has come yet
            return None

    def message(self) -> dict[str, Any]:
        """As `optafly.sending.ports.Reply`."""
        found: dict[str, Any] = self._stream.current_message_snapshot.to_dict(mode="json")
        return found


class _Retries:
    """Says when the SDK tries again, and after what."""

    def __init__(self, tell: Callable[[str], None], most: int) -> None:
        self._tell = tell
        self._most = most
        self._status = 0

    async def asked(self, request: Any) -> None:
        """A request is about to be sent."""
        count = str(request.headers.get(_RETRY_HEADER, "0"))
        if count.isdecimal() and int(count):
            why = f"answered {self._status}" if self._status else "could not be reached"
            self._tell(f"the API {why}; trying again ({count} of {self._most})")
        self._status = 0

    async def answered(self, response: Any) -> None:
        """The head of an answer came."""
        self._status = response.status_code if response.status_code >= _FIRST_ERROR else 0


@contextlib.contextmanager
def _named(base_url: str, *, begun: bool = False) -> Iterator[None]:
    """Errors of the SDK as ours; what they say may quote the prompt, and what they hold is the request with the key."""
    import anthropic  # noqa: PLC0415

    failure: OptaFlyError | None = None
    try:
        yield
    except anthropic.APIStatusError as error:
        # Inside a stream the status is that of its head, which went well.
        status = 0 if begun and error.status_code < _FIRST_ERROR else error.status_code
        failure = refused(status, error.type or "", error.response.headers.get("retry-after", ""), error.request_id)
    except anthropic.APIConnectionError as error:
        failure = broke_off() if begun else unreachable(base_url, _kind(error.__cause__))
    except anthropic.AnthropicError as error:
        failure = SendFailed(f"the API's answer cannot be read ({type(error).__name__}); try again")
    except OptaFlyError:
        raise
    except (OSError, ValueError, TypeError, AssertionError, RuntimeError) as error:
        failure = broke_off() if begun else SendFailed(f"sending failed ({type(error).__name__}); try again")
    except Exception as error:
        # What the connection's library raises while a stream is read; it has no name here.
        if not _is_transport(error):
            raise
        failure = broke_off() if begun else unreachable(base_url, _kind(error))
    if failure is not None:
        raise failure from None


def _kind(error: BaseException | None) -> FailedBy:
    """Whether the request was sent before the connection failed, where it may have used something."""
    name = type(error).__name__
    if name in _NOT_SENT:
        return "unreachable"
    return "timed_out" if name.endswith("Timeout") else "broke_off"


def _is_transport(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in {"httpx", "httpx2", "httpcore", "httpcore2"}
