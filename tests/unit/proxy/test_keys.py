"""Whose key goes where, and that nothing shows one."""

import logging
from pathlib import Path

import msgspec
import pytest

from optafly.proxy.aside import Aside
from optafly.proxy.decide import Decider
from optafly.proxy.request import MessagesRequest
from tests.standin import Failure, Standin
from tests.unit.proxy.parts import KEY, Answers, Decisions, selector
from tests.unit.proxy.played import TOKEN, Played, ask, body, played

OWN = "sk-ant-api03-of-the-client-fedcba9876543210"
BESIDE = {"x-optafly-token": TOKEN}


def sent_credentials(standin: Standin) -> list[tuple[str, str]]:
    return [(name, value) for name, value in standin.requests[-1].header_list if name in {"x-api-key", "authorization"}]


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-api-key": "", "authorization": f"Bearer {TOKEN}"}, {"authorization": f"Bearer {OWN}"},
     {"x-api-key": OWN, "authorization": f"Bearer {TOKEN}"}, {"x-api-key": "", **BESIDE}, BESIDE,
     {**BESIDE, "authorization": f"Bearer {TOKEN}"}],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens"])
def test_who_shows_the_token_goes_with_the_key_of_the_settings(
    proxy: Played, standin: Standin, headers: dict[str, str], path: str
) -> None:
    assert ask(proxy.url, body(), headers=headers, path=path).status == 200
    assert sent_credentials(standin) == [("x-api-key", KEY)]


@pytest.mark.parametrize(
    "own",
    [{"x-api-key": OWN}, {"x-api-key": "", "authorization": f"Bearer {OWN}"},
     {"x-api-key": OWN, "authorization": f"Bearer {OWN}"}],
)  # fmt: skip
def test_who_brings_a_key_goes_with_it(proxy: Played, standin: Standin, own: dict[str, str]) -> None:
    assert ask(proxy.url, body(), headers=BESIDE | own).status == 200
    assert sorted(sent_credentials(standin)) == sorted((name, value) for name, value in own.items() if value)


def test_the_token_and_our_own_headers_never_reach_the_api(proxy: Played, standin: Standin) -> None:
    headers = {**BESIDE, "x-api-key": OWN, "x-optafly-project": "/home/me/shop", "x-optafly-new": "1", "te": "trailers",
               "connection": "x-private, keep-alive", "x-private": "1", "proxy-authorization": "Basic eDp5",
               "anthropic-beta": "one,two", "x-claude-code-session-id": "7"}  # fmt: skip
    ask(proxy.url, body(), headers=headers)
    (request,) = standin.requests

    names = [name for name, _ in request.header_list]
    assert not [name for name in names if name.startswith("x-optafly-")]
    assert not {"x-private", "te", "proxy-authorization", "expect"} & set(names)
    assert TOKEN not in repr(request.header_list)
    assert TOKEN.encode() not in request.body
    assert (request.headers["anthropic-beta"], request.headers["x-claude-code-session-id"]) == ("one,two", "7")
    assert request.headers["host"] == standin.url.removeprefix("http://")
    assert len(names) == len(set(names))


def test_answers_of_one_key_are_not_given_to_another(proxy: Played) -> None:
    own = BESIDE | {"x-api-key": OWN}
    bearer = BESIDE | {"x-api-key": "", "authorization": f"Bearer {OWN}"}
    for count, headers in enumerate([{}, own, BESIDE | {"x-api-key": OWN + "x"}, bearer], 1):
        assert ask(proxy.url, body(), headers=headers).own["cache"] == "miss"
        proxy.answers.wait_stored(count)
    for headers in (own, bearer, {}):
        assert ask(proxy.url, body(), headers=headers).own["cache"] == "hit"
    # The same key is the same key, wherever it comes from.
    assert ask(proxy.url, body(), headers=BESIDE | {"x-api-key": KEY}).own["cache"] == "hit"


def test_whose_key_it_is_cannot_be_told_of_two(proxy: Played) -> None:
    both = BESIDE | {"x-api-key": OWN, "authorization": f"Bearer {KEY}"}
    for _ in range(2):
        assert ask(proxy.url, body(), headers=both).own["reason"] == "whose key it is cannot be told"
    assert proxy.answers.looked == []


def test_without_a_key_the_client_is_told_what_to_do(tmp_path: Path, standin: Standin) -> None:
    with played(tmp_path, standin.url, keys=selector(tmp_path, {})) as proxy:
        found = ask(proxy.url, body())
        assert found.error == (401, "authentication_error")
        assert "ANTHROPIC_API_KEY is not set" in found.json["error"]["message"]
        outcome = proxy.noted.wait(1)
        assert (outcome.path, outcome.reason, outcome.status) == ("refused", "no_key", 401)
        assert ask(proxy.url, body(), path="/v1/messages/count_tokens").error == (401, "authentication_error")
        assert ask(proxy.url, body(), headers=BESIDE | {"x-api-key": OWN}).status == 200
        assert len(standin.requests) == 1


def test_a_key_of_another_provider_is_never_sent(tmp_path: Path, standin: Standin) -> None:
    with played(tmp_path, standin.url, keys=selector(tmp_path, provider="openai")) as proxy:
        assert ask(proxy.url, body()).error == (401, "authentication_error")
    assert standin.requests == []


def test_a_key_that_was_refused_is_looked_for_anew(tmp_path: Path, standin: Standin) -> None:
    keys = selector(tmp_path)
    forgotten: list[str] = []
    keys.forget = lambda choice: forgotten.append(choice.name)  # type: ignore[method-assign]
    with played(tmp_path, standin.url, keys=keys) as proxy:
        standin.script(Failure(401), Failure(401), Failure(403))
        ask(proxy.url, body())
        ask(proxy.url, body(), headers=BESIDE | {"x-api-key": OWN})
        ask(proxy.url, body())
    assert forgotten == ["anthropic"]


@pytest.mark.parametrize("own", [False, True])
def test_no_key_and_no_word_is_shown_anywhere(
    tmp_path: Path, standin: Standin, own: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = BESIDE | {"x-api-key": OWN} if own else {}
    standin.script(Failure(401), Failure(500))
    replies = []
    with played(tmp_path, standin.url) as proxy:
        replies += [ask(proxy.url, body(), headers=headers) for _ in range(4)]
        proxy.decisions.failure = proxy.answers.failure = RuntimeError(KEY + OWN)
        replies.append(ask(proxy.url, body("Why is the sea blue?"), headers=headers))
        told = repr(proxy.noted.outcomes)
    with played(tmp_path, "http://127.0.0.1:1") as proxy:
        replies.append(ask(proxy.url, body(), headers=headers))
    ours = "\n".join(f"{record.name} {record.getMessage()} {record.exc_text}" for record in caplog.records)
    answered = "".join(repr(reply.headers) + reply.content.decode() for reply in replies)
    for secret in (KEY, OWN, TOKEN):
        assert secret not in ours + told + answered
        assert not [file for file in tmp_path.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]
    assert "sky" not in ours + told


def test_two_projects_that_begin_alike_have_each_their_own_conversation() -> None:
    def named(project: str) -> str:
        headers = [(b"x-optafly-project", project.encode())]
        return MessagesRequest(headers, b"", msgspec.json.encode(body("hi"))).conversation

    assert named("/home/me/a") == named("/home/me/a") != named("/home/me/b")


async def test_answers_of_one_place_are_not_given_for_another(tmp_path: Path) -> None:
    request = MessagesRequest([], b"", msgspec.json.encode(body("hi")))
    keys = selector(tmp_path)

    async def scope(upstream: str) -> str:
        decider = Decider(Decisions(keys), Answers(), "words/1", Aside(), upstream=upstream)
        decided = await decider.decide(request, "a key")
        assert decided.query is not None
        return decided.query.scope.key()

    assert await scope("") == await scope("") != await scope("http://127.0.0.1:9")
