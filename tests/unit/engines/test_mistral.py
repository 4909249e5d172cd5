"""The engine over the real local model."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import msgspec
import pytest

from optafly.engines.mistral import MistralEngine, thread_count
from optafly.engines.models import LocalModel, resolve_model
from optafly.errors import Cancelled, EngineFailed, ModelCorrupt, ModelMissing, Superseded, TimedOut
from optafly.paths import resolve_paths
from optafly.refine.engine import CancelToken, GrammarKind, ModelReply, ModelRequest
from optafly.refine.slots import SYSTEM

NAME = "smollm2-135m"
BOUND_S = 120.0  # generous: the machine may be busy
SENTENCE = r"(Fix|Make)( (the|error|in|load_rows|KeyError)){2,8}\."
GRAMMARS: dict[GrammarKind, str] = {
    "lark": f"start: S\nS: / {SENTENCE}/",
    "regex": f" {SENTENCE}",
    "json_schema": '{"type":"object","properties":{"say":{"type":"string","pattern":"^' + SENTENCE.replace("\\", "\\\\")
    + '$"}},"required":["say"],"additionalProperties":false}',
}  # fmt: skip

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def model() -> LocalModel:
    return resolve_model(NAME, resolve_paths())


@pytest.fixture(scope="module")
def engine(model: LocalModel) -> Iterator[MistralEngine]:
    made = MistralEngine(lambda: model, NAME, device="cpu")
    made.warm(SYSTEM)
    yield made
    made.close()


def request(user: str, document: str = "a", **changes: object) -> ModelRequest:
    fields: dict[str, object] = {
        "system": SYSTEM, "user": f"request: {user}\nnote: function load_rows; error KeyError\nsay:",
        "grammar": GRAMMARS["lark"], "grammar_kind": "lark", "max_tokens": 40, "time_limit_s": BOUND_S,
        "document": document,
    }  # fmt: skip
    return ModelRequest(**(fields | changes))  # type: ignore[arg-type]


def endless(user: str, document: str = "a") -> ModelRequest:
    """A request that writes for a long time."""
    return request(user, document, grammar='start: S\nS: /( word){400,600}/', max_tokens=600)  # fmt: skip


def outcome(future: "Future[ModelReply]") -> ModelReply:
    return future.result(timeout=BOUND_S)


def test_it_loads_and_writes_with_token_counts(engine: MistralEngine) -> None:
    reply = outcome(engine.submit(request("fix this bug"), CancelToken()))
    assert re.fullmatch(SENTENCE, reply.text.strip())
    assert reply.prompt_tokens > 50
    assert 0 < reply.completion_tokens <= 40
    assert engine.info.device == "cpu"
    assert engine.loaded


@pytest.mark.parametrize("kind", list(GRAMMARS))
def test_every_kind_of_grammar_is_obeyed(engine: MistralEngine, kind: GrammarKind) -> None:
    asked = request(f"tell me anything but a fix ({kind})", grammar=GRAMMARS[kind], grammar_kind=kind, max_tokens=60)
    text = outcome(engine.submit(asked, CancelToken())).text.strip()
    assert re.search(SENTENCE, text), text


def test_the_same_request_gives_the_same_text_whatever_came_before(engine: MistralEngine) -> None:
    first = outcome(engine.submit(request("fix the total"), CancelToken())).text
    outcome(engine.submit(request("something else entirely"), CancelToken()))
    assert outcome(engine.submit(request("fix the total"), CancelToken())).text == first


def test_cancelling_releases_the_caller_at_once_and_leaves_the_engine_usable(engine: MistralEngine) -> None:
    token = CancelToken()
    future = engine.submit(endless("never stop"), token)
    token.cancel()
    with pytest.raises(Cancelled):
        future.result(timeout=1)
    assert outcome(engine.submit(request("fix after a cancel"), CancelToken())).text


def test_cancelling_in_the_middle_of_writing_stops_the_writing(engine: MistralEngine) -> None:
    # The second request can only be answered in time when the first, of 600 tokens, is really given up.
    token = CancelToken()
    slow = engine.submit(endless("write on and on", "slow"), token)
    later = engine.submit(request("fix while busy", "other"), CancelToken())
    token.cancel()
    assert outcome(later).completion_tokens <= 40
    assert isinstance(slow.exception(timeout=1), Cancelled)


def test_a_newer_request_of_the_same_document_supersedes_the_older(engine: MistralEngine) -> None:
    older = engine.submit(endless("old wish", "same"), CancelToken())
    newer = engine.submit(request("new wish", "same"), CancelToken())
    assert isinstance(older.exception(timeout=1), Superseded)
    assert re.fullmatch(SENTENCE, outcome(newer).text.strip())


def test_requests_of_other_documents_wait_their_turn(engine: MistralEngine) -> None:
    futures = [engine.submit(request(f"fix number {n}", f"document {n}"), CancelToken()) for n in range(4)]
    assert all(re.fullmatch(SENTENCE, outcome(future).text.strip()) for future in futures)


def test_many_threads_may_ask_at_once(engine: MistralEngine) -> None:
    texts: list[str] = []

    def ask(number: int) -> None:
        texts.append(outcome(engine.submit(request(f"from thread {number}", f"thread {number}"), CancelToken())).text)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BOUND_S)
    assert len(texts) == 4


def test_a_time_limit_ends_the_writing(engine: MistralEngine) -> None:
    asked = endless("too slow")
    with pytest.raises(TimedOut, match=r"longer than 0\.01 s"):
        outcome(engine.submit(msgspec.structs.replace(asked, time_limit_s=0.01), CancelToken()))
    assert outcome(engine.submit(request("fix after the limit"), CancelToken())).text


def test_a_grammar_that_cannot_be_read_fails_the_request_and_the_next_one_works(engine: MistralEngine) -> None:
    with pytest.raises(EngineFailed, match=r"^smollm2-135m failed: [^\n]+$"):
        outcome(engine.submit(request("broken", grammar="start: ((("), CancelToken()))
    assert outcome(engine.submit(request("fix after a failure"), CancelToken())).text


def test_a_corrupt_file_is_one_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(b"GGUF" + b"\x03\0\0\0" + b"\xff" * 4096)
    engine = MistralEngine(lambda: resolve_model(str(file), resolve_paths()), str(file))
    try:
        with pytest.raises((EngineFailed, ModelCorrupt)) as caught:
            outcome(engine.submit(request("fix"), CancelToken()))
        assert "\n" not in str(caught.value)
        assert "broken.gguf" in str(caught.value)
    finally:
        engine.close()


def test_a_missing_model_is_reported_each_time_and_never_loaded() -> None:
    def missing() -> LocalModel:
        raise ModelMissing("not here")

    engine = MistralEngine(missing, NAME)
    try:
        for _ in range(2):
            with pytest.raises(ModelMissing):
                outcome(engine.submit(request("fix"), CancelToken()))
        assert not engine.loaded
    finally:
        engine.close()


def test_a_device_this_build_cannot_use_is_named(model: LocalModel) -> None:
    engine = MistralEngine(lambda: model, NAME, device="cuda:7")
    try:
        with pytest.raises(EngineFailed, match="cuda:7 needs a cuda build"):
            outcome(engine.submit(request("fix"), CancelToken()))
    finally:
        engine.close()


def test_the_model_is_unloaded_when_idle_and_comes_back(model: LocalModel) -> None:
    engine = MistralEngine(lambda: model, NAME, idle_unload_s=0.05)
    try:
        assert outcome(engine.submit(request("fix before"), CancelToken())).text
        assert engine.unloaded.wait(BOUND_S)
        assert not engine.loaded
        assert outcome(engine.submit(request("fix after"), CancelToken())).text
    finally:
        engine.close()


def test_a_closed_engine_refuses_and_closing_twice_is_fine(model: LocalModel) -> None:
    engine = MistralEngine(lambda: model, NAME)
    engine.close()
    engine.close()
    with pytest.raises(EngineFailed, match="closed"):
        outcome(engine.submit(request("fix"), CancelToken()))


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (4, 3), (64, 8)])
def test_one_core_is_left_to_others(cores: int, threads: int) -> None:
    assert thread_count(cores) == threads
