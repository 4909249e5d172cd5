"""The mixed load: what is asked next, the same for the same seed."""

import random
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tests.soak.ledger import Asked, Route
from tests.soak.texts import MODELS, WORDINGS, Question, agent_body, new_question, plain_body, tool_body
from tests.soak.words import key_digest
from tests.standin import prompt_digest

SHARES: Final[Mapping[str, int]] = {
    "new question": 29,
    "repeat": 15,
    "worded otherwise": 12,
    "same body, other key or project": 5,
    "two at once": 6,
    "tool": 7,
    "bypass": 5,
    "agent, 60 kB": 7,
    "agent, 1 MB": 0,
    "left in the middle": 5,
    "count_tokens": 5,
    "models": 4,
}
"""In percent; of those of no whole percent there is one in `_RARELY`."""

_RARELY: Final = 250
_SDK: Final = 0.05
_STREAMED: Final = 0.5
_REMEMBERED: Final = 3000
_JUST_ASKED: Final = 60
_CONVERSATIONS: Final = 24
_SMALL, _LARGE = 60_000, 1_000_000
_PROJECTS: Final = ("aviary", "terrarium")


class Planned(msgspec.Struct, frozen=True):
    """A request to send: with which of the keys (0 is the settings', 1 the client's own), how, and who asks."""

    asked: Asked
    key: int
    project: str
    body: dict[str, Any] | None = None
    by_sdk: bool = False
    leaves: bool = False

    @property
    def streams(self) -> bool:
        return bool(self.body and self.body.get("stream"))


class _Before(msgspec.Struct, frozen=True):
    """A question that was asked, by whom, in which of its wordings."""

    question: Question
    key: int
    project: str
    model: str
    text: str


class Load:
    """Draws requests; ``keys`` are the settings' and the client's own."""

    def __init__(self, seed: int, keys: tuple[str, str]) -> None:
        self._chance = random.Random(seed)
        self._digests = tuple(map(key_digest, keys))
        self._number = 0
        self._before: deque[_Before] = deque(maxlen=_REMEMBERED)
        self._second: tuple[_Before, dict[str, Any]] | None = None

    def draw(self) -> Planned:
        """The next request."""
        self._number += 1
        if self._second is not None:
            before, body = self._second
            self._second = None
            return self._planned("two at once", before, body)
        kind = self._kind()
        before = self._who(kind)
        return self._planned(kind, before, self._body(kind, before))

    def _kind(self) -> str:
        if self._number % _RARELY == 0:
            return "agent, 1 MB"
        kind = self._chance.choices([*SHARES], [*SHARES.values()])[0]
        needs_others = kind in {"repeat", "worded otherwise", "same body, other key or project"}
        return "new question" if needs_others and len(self._before) <= _JUST_ASKED else kind

    def _who(self, kind: str) -> _Before:
        if kind in {"repeat", "worded otherwise", "same body, other key or project"}:
            old = self._before[self._chance.randrange(len(self._before) - _JUST_ASKED)]
            if kind == "worded otherwise":
                return msgspec.structs.replace(old, text=old.question.text(self._chance.choice(WORDINGS)))
            if kind == "repeat":
                return old
            if self._chance.random() < 0.5:
                return msgspec.structs.replace(old, key=1 - old.key)
            return msgspec.structs.replace(old, project=next(name for name in _PROJECTS if name != old.project))
        question = new_question(self._number, self._chance)
        key, project = self._chance.randrange(2), self._chance.choice(_PROJECTS)
        model = self._chance.choice(MODELS)
        found = _Before(question, key, project, model, question.text())
        if kind in {"new question", "two at once"}:
            self._before.append(found)
        return found

    def _body(self, kind: str, before: _Before) -> dict[str, Any] | None:
        conversation = self._chance.randrange(_CONVERSATIONS)
        match kind:
            case "models":
                return None
            case "tool":
                body = tool_body(before.text)
            case "agent, 60 kB":
                body = agent_body(before.text, _SMALL, conversation)
            case "agent, 1 MB":
                body = agent_body(before.text, _LARGE, conversation)
            case _:
                body = plain_body(before.text, before.model)
        if kind == "count_tokens":
            del body["max_tokens"]
            return body
        body["stream"] = kind == "left in the middle" or self._chance.random() < _STREAMED
        if kind == "two at once":
            self._second = before, body
        return body

    def _planned(self, kind: str, before: _Before, body: dict[str, Any] | None) -> Planned:
        route: Route = "models" if kind == "models" else "count_tokens" if kind == "count_tokens" else "messages"
        key = self._digests[before.key]
        asked = Asked(
            number=self._number,
            kind=kind,
            route=route,
            body=prompt_digest(body) if body is not None else "",
            key=key,
            place=" ".join((key, before.project, _around(body) if body is not None else "")),
            meaning=before.question.meaning,
            never_kept=kind in {"tool", "bypass"} or route != "messages",
            bypass=kind == "bypass",
        )
        leaves = kind == "left in the middle"
        by_sdk = route == "messages" and not leaves and self._chance.random() < _SDK
        return Planned(asked, before.key, before.project, body, by_sdk, leaves)


def _around(body: dict[str, Any]) -> str:
    """A digest of everything but the last message."""
    return prompt_digest({**body, "messages": body["messages"][:-1]})
