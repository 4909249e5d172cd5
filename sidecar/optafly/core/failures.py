"""Errors on their way between the core and its front-ends."""

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import msgspec

from optafly import errors
from optafly.core.wire import ErrorAnswer, Failure, decode
from optafly.errors import OptaFlyError

_log = logging.getLogger(__name__)

# Clients take 5xx for worth another try, and 401 for a wrong token of the core itself. So what only the person can
# bring or mend, a key or a model, is 424: the request is fine, what it depends on is missing.
_STATUS: Final[Mapping[type[OptaFlyError], HTTPStatus]] = MappingProxyType(
    {
        errors.OptaFlyError: HTTPStatus.INTERNAL_SERVER_ERROR,
        errors.InputError: HTTPStatus.BAD_REQUEST,
        errors.ConfigError: HTTPStatus.INTERNAL_SERVER_ERROR,
        errors.ModelError: HTTPStatus.INTERNAL_SERVER_ERROR,
        errors.ModelUnknown: HTTPStatus.NOT_FOUND,
        errors.ModelMissing: HTTPStatus.FAILED_DEPENDENCY,
        errors.ModelCorrupt: HTTPStatus.FAILED_DEPENDENCY,
        errors.DownloadFailed: HTTPStatus.BAD_GATEWAY,
        errors.EngineFailed: HTTPStatus.INTERNAL_SERVER_ERROR,
        errors.Cancelled: HTTPStatus.CONFLICT,
        errors.Superseded: HTTPStatus.CONFLICT,
        errors.TimedOut: HTTPStatus.GATEWAY_TIMEOUT,
        errors.CoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
        errors.NotFound: HTTPStatus.NOT_FOUND,
        errors.NoApprover: HTTPStatus.CONFLICT,
        errors.NotSetUp: HTTPStatus.NOT_IMPLEMENTED,
        errors.KeyMissing: HTTPStatus.FAILED_DEPENDENCY,
        errors.SendFailed: HTTPStatus.BAD_GATEWAY,
        errors.KeyRefused: HTTPStatus.FAILED_DEPENDENCY,
        errors.CacheUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    }
)


def failure_of(error: BaseException) -> Failure:
    """An error in the words of the protocol; only the type of one that is not ours, whose text may hold anything."""
    if isinstance(error, OptaFlyError):
        return Failure(type(error).__name__, str(error))
    return Failure(OptaFlyError.__name__, f"the core failed ({type(error).__name__}); its log says where: core.log")


def error_of(failure: Failure) -> OptaFlyError:
    """The exception that a failure names, an `OptaFlyError` where there is none of that name."""
    kind = getattr(errors, failure.kind, None)
    if isinstance(kind, type) and issubclass(kind, OptaFlyError):
        return kind(failure.message)
    return OptaFlyError(failure.message)


def error_in(body: bytes, status: int) -> OptaFlyError:
    """The exception that the body of an unsuccessful answer names."""
    try:
        return error_of(decode(body, ErrorAnswer).error)
    except msgspec.DecodeError:
        return OptaFlyError(f"the core answered {status}; restart it: optafly core stop")


def status_of(error: BaseException) -> int:
    """The HTTP status that goes with an error."""
    return _STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR) if isinstance(error, OptaFlyError) else 500


def log_unexpected(error: BaseException) -> None:
    """Note where an error happened; its text may hold anything, a prompt included."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    _log.error("unexpected %s at %s", type(error).__name__, " < ".join(reversed(places[-8:])))
