import random
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.soak.upstream import BROKEN, HUNG_UP, WELL, Upstream, failure_of, read_calls
from tests.soak.words import NAME_HEADER, Mark, key_digest, mark_of_words
from tests.standin import Answer, Break, Chance, Failure, Raw, Reply, prompt_digest, running_standin

BODY = {"model": "claude-sonnet-5-5", "max_tokens": 1000, "messages": [{"role": "user", "content": "Why?"}]}


def ask(url: str, name: str) -> httpx.Response:
    headers = {"x-api-key": "k", "anthropic-version": "2023-06-01", NAME_HEADER: name}
    return httpx.post(f"{url}/v1/messages", json=BODY, headers=headers, trust_env=False)


@pytest.mark.parametrize(
    ("reply", "failed"),
    [(Answer("x"), WELL), (Failure(529), "529"), (Raw(), HUNG_UP), (Answer("x", breaks=Break("chunk")), BROKEN),
     (Answer("x", error_after=(4, Failure(529))), "error event")],
)  # fmt: skip
def test_how_a_reply_fails(reply: Reply, failed: str) -> None:
    assert failure_of(reply, streamed=True) == failed


def test_an_error_event_is_none_without_a_stream() -> None:
    assert failure_of(Answer("x", error_after=(4, Failure(529))), streamed=False) == WELL


def test_answers_name_their_request_and_each_call_is_written_down(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    with file.open("ab") as calls, running_standin() as standin:
        standin.answer_with(Upstream(Chance(0.0), calls).reply)
        text = ask(standin.url, "3.1").json()["content"][0]["text"]
        standin.answer_with(Upstream(Chance(1.0, _seed_of_a_status()), calls).reply)
        status = ask(standin.url, "4.0").status_code
    assert mark_of_words(text) == Mark("3.1", prompt_digest(BODY), key_digest("k"))
    assert msgspec.to_builtins(list(read_calls(file))) == [
        {"name": "3.1", "failed": WELL},
        {"name": "4.0", "failed": str(status)},
    ]


def _seed_of_a_status() -> int:
    """A seed with which the first failure is one with a status, and no broken connection."""

    def first(seed: int) -> str:
        return failure_of(Chance(1.0, seed).reply(Answer("x")) or Answer("x"), streamed=False)

    return next(seed for seed in random.Random(0).sample(range(1000), 100) if first(seed).isdecimal())
