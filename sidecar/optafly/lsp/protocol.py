"""pygls with our own documents, our own answer to `initialize`, and an answer to every request that cannot be read."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

from optafly import __version__
from optafly.errors import OptaFlyError
from optafly.log_file import where

NOT_INITIALIZED: Final = -32002
PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
REQUEST_FAILED: Final = -32803
TOO_EARLY: Final = "the server is not initialized yet"
_OPENING: Final = frozenset({types.INITIALIZE, types.EXIT})

log = logging.getLogger(__name__)


class Protocol(LanguageServerProtocol):
    """JSON-RPC as pygls does it, with the errors that the specification asks for."""

    def __init__(self, server: LanguageServer, converter: Any) -> None:
        super().__init__(server, converter)
        self.initialized = False
        self.answered_early: int | str | None = None
        self.initialize_params: Any = None
        """As they came: what lsprotocol does not know is among them."""

    def replace_handlers(self, handlers: Mapping[str, Callable[..., Any]]) -> None:
        """Handle these methods, and no other ones than the progress of pygls itself."""
        # pygls keeps documents of its own, with lines that end where LSP's do not.
        self.fm.builtin_features.clear()
        for method, handler in handlers.items():
            self.fm.features[method] = _clear_errors(method, handler)

    def receive(self, body: bytes) -> None:
        """Handle one message; nothing that a client sends may raise."""
        try:
            message = json.loads(body, object_hook=self.structure_message)
        except JsonRpcException:
            return  # answered already
        except (ValueError, RecursionError):
            self._refuse(None, PARSE_ERROR, "the message is not JSON")
            return
        if isinstance(message, dict | list | str | int | float) or message is None:
            self._refuse(None, INVALID_REQUEST, "the message is not JSON-RPC 2.0")
            return
        try:
            self.handle_message(message)
        except Exception as error:
            # What goes on from here is printed with the message, which may hold anything.
            log.error("a message could not be handled: %s", where(error))

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Make a message of plain data; a request that is not what its method takes is answered with an error."""
        if data.get("method") == types.INITIALIZE and "jsonrpc" in data:
            self.initialize_params = data.get("params")
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if (simpler := simplified(data)) is not None:
                with contextlib.suppress(JsonRpcException):
                    return super().structure_message(simpler)
            identity = data.get("id")
            if "method" in data and isinstance(identity, int | str):
                refused = JsonRpcException(TOO_EARLY, NOT_INITIALIZED) if not self.initialized else error
                self._send_response(identity, error=refused.to_response_error())
            log.info("a message could not be read: %s", str(data.get("method"))[:60])
            raise

    def handle_message(self, message: Any) -> None:
        """Handle a message in its turn: nothing but `initialize` comes first."""
        method = getattr(message, "method", None)
        if method is not None and not self.initialized and method not in _OPENING:
            if hasattr(message, "id"):
                self._refuse(message.id, NOT_INITIALIZED, TOO_EARLY)
            return
        if method == types.INITIALIZE and self.initialized and hasattr(message, "id"):
            self._refuse(message.id, INVALID_REQUEST, "the server is initialized already")
            return
        if method is not None and self._shutdown and method != types.EXIT and hasattr(message, "id"):
            self._refuse(message.id, INVALID_REQUEST, "the server is shutting down")
            return
        super().handle_message(message)

    def _handle_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        future = self._request_futures.get(msg_id)
        if future is not None and future.done():  # nobody waits for the answer any longer
            del self._request_futures[msg_id]
            return
        super()._handle_response(msg_id, result, error)

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        if msg_id is not None and msg_id == self.answered_early:
            self.answered_early = None
            return
        super()._send_response(msg_id, result, error)

    def _refuse(self, msg_id: Any, code: int, message: str) -> None:
        self._send_data({"jsonrpc": "2.0", "id": msg_id, "error": {"code": code, "message": message}})


class Server(LanguageServer):
    """The server object of pygls; errors outside of requests go to the log, not to the person."""

    def __init__(self) -> None:
        super().__init__("optafly", __version__, protocol_cls=Protocol)

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ARG002  as pygls calls it
        """Note an error that no request can be answered with."""
        log.error("%s", where(error))


def simplified(data: dict[str, Any]) -> dict[str, Any] | None:
    """A request with what a later version of LSP may have added left out; None where nothing can be left out."""
    given = data.get("params")
    params: dict[str, Any] = given if isinstance(given, dict) else {}
    match data.get("method"):
        case types.INITIALIZE:
            folders = params.get("workspaceFolders")
            return data | {
                "params": {
                    "processId": None,
                    "capabilities": {},  # read from the parameters as they came
                    "rootUri": _text(params.get("rootUri")),
                    "rootPath": _text(params.get("rootPath")),
                    "workspaceFolders": [
                        {"uri": item["uri"], "name": ""}
                        for item in (folders if isinstance(folders, list) else [])
                        if isinstance(item, dict) and isinstance(item.get("uri"), str)
                    ],
                    "initializationOptions": params.get("initializationOptions"),
                }
            }
        case types.TEXT_DOCUMENT_CODE_ACTION if isinstance(params.get("context"), dict):
            found = params["context"].get("diagnostics")
            plain = [
                {key: item[key] for key in ("range", "message", "source") if key in item}
                for item in (found if isinstance(found, list) else [])
                if isinstance(item, dict)
            ]
            return data | {"params": params | {"context": {"diagnostics": plain}}}
        case _:
            return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _clear_errors(method: str, handler: Callable[..., Any]) -> Callable[..., Any]:
    """Our errors with their message; any other one with its type only, since its text may hold anything."""

    def handle(*params: Any) -> Any:
        try:
            return handler(*params)
        except OptaFlyError as error:
            raise JsonRpcException(str(error), REQUEST_FAILED) from None
        except (JsonRpcException, asyncio.CancelledError):
            raise
        except Exception as error:
            log.exception("%s failed: %s", method, where(error), exc_info=False)
            raise JsonRpcInternalError(f"{method} failed ({type(error).__name__}); the log says where") from None

    return handle
