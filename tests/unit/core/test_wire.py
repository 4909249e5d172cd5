"""The words of the protocol as JSON, whatever stands in them."""

import importlib
import pkgutil

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import optafly
from optafly import errors
from optafly.core.failures import error_in, error_of, failure_of, status_of
from optafly.core.wire import EditorState, ErrorAnswer, Failure, Progress, RefineCall, decode, encode
from optafly.protocol import Buffer, RefineRequest

ANYTHING = st.text(st.characters(codec=None))  # lone surrogates included


@given(ANYTHING, ANYTHING)
def test_any_text_goes_there_and_back(prompt: str, text: str) -> None:
    call = RefineCall(RefineRequest(prompt, "/project", buffers=(Buffer("a.py", text),)), {"enabled": True})
    data = encode(call)
    assert b"\n" not in data
    assert decode(data, RefineCall) == call


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"surprise": 1}', b'{"file": "\\ud800", "surprise": 1}', b"\xff", b"[" * 100_000]
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(data, EditorState)


@pytest.mark.parametrize("kind", [errors.InputError, errors.Superseded, errors.ModelMissing, errors.NoApprover])
def test_an_error_is_raised_as_what_it_was(kind: type[errors.OptaFlyError]) -> None:
    error = error_of(failure_of(kind("what to do")))
    assert type(error) is kind
    assert str(error) == "what to do"


@pytest.mark.parametrize("kind", ["Unheard", "Exception", "OptaFlyError", "__doc__", ""])
def test_an_unknown_error_is_one_of_ours(kind: str) -> None:
    assert type(error_of(Failure(kind, "what to do"))) is errors.OptaFlyError


def test_an_unexpected_error_says_nothing_of_what_it_holds() -> None:
    failure = failure_of(ValueError("the text of a file"))
    assert "the text" not in failure.message
    assert "ValueError" in failure.message
    assert status_of(ValueError()) == 500
    assert status_of(errors.InputError()) == 400


STATUS = {
    errors.OptaFlyError: 500,
    errors.InputError: 400,
    errors.ConfigError: 500,
    errors.ModelError: 500,
    errors.ModelUnknown: 404,
    errors.ModelMissing: 424,
    errors.ModelCorrupt: 424,
    errors.DownloadFailed: 502,
    errors.EngineFailed: 500,
    errors.Cancelled: 409,
    errors.Superseded: 409,
    errors.TimedOut: 504,
    errors.CoreUnavailable: 503,
    errors.NotFound: 404,
    errors.NoApprover: 409,
    errors.NotSetUp: 501,
    errors.KeyMissing: 424,
    errors.SendFailed: 502,
    errors.KeyRefused: 424,
    errors.CacheUnavailable: 503,
}


# Of one front-end alone, or caught by the module that calls.
NEVER_SENT = {
    "optafly.approval.NotProposed",
    "optafly.lsp.review.NoBounds",
    "optafly.engines.hub.SourceUnavailable",
    "optafly.acp.inner.AgentFailed",
    "optafly.acp.ports.ClientGone",
    "optafly.acp.ports.ClientRefused",
}


def our_errors() -> list[type[errors.OptaFlyError]]:
    """All of the package, wherever they are defined."""
    for module in pkgutil.walk_packages(optafly.__path__, "optafly."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: list[type[errors.OptaFlyError]] = [errors.OptaFlyError]
    for kind in found:  # grows while it is walked
        found += [
            below for below in kind.__subclasses__() if below.__module__.startswith("optafly.") and below not in found
        ]
    return [kind for kind in found if f"{kind.__module__}.{kind.__qualname__}" not in NEVER_SENT]


def test_a_status_is_decided_for_each_error() -> None:
    undecided = set(our_errors()) - set(STATUS)
    assert not undecided, "decide in optafly.core.failures, and here"


@pytest.mark.parametrize("kind", STATUS)
def test_each_error_has_its_status_and_comes_back_as_what_it_was(kind: type[errors.OptaFlyError]) -> None:
    assert status_of(kind("what to do")) == STATUS[kind]
    raised = error_in(encode(ErrorAnswer(failure_of(kind("what to do")))), STATUS[kind])
    assert (type(raised), str(raised), raised.exit_status) == (kind, "what to do", kind.exit_status)


def test_an_answer_that_is_none_of_ours_is_an_error_all_the_same() -> None:
    assert "502" in str(error_in(b"<html>", 502))
    assert isinstance(error_in(encode({"error": Failure("NotFound", "x")}), 404), errors.NotFound)


def test_a_large_text_is_no_trouble() -> None:
    text = "\udcff" * 1_000_000
    assert decode(encode(Progress(text)), Progress).text == text
