"""Families of sessions as people and agents have them: invented, of realistic sizes, the same in every run."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

_SEED: Final = 20261122
_WORDS: Final = (
    "the parser reads each line and keeps what it found in a table so that later steps need not look again when a name "
    "is used twice we return the first value unless the caller asks for all of them which is rare in practice but "
    "happens in tests of the retry queue where every attempt is counted and the last error is shown with its place "
    "file module function argument result buffer index offset total invoice customer order ledger session request"
).split()
_MINUTE: Final = 60.0


class Sent(msgspec.Struct, frozen=True):
    """One request: when it is sent (seconds), its body, its conversation, and whether our own code wrote it."""

    at: float
    body: dict[str, Any]
    conversation: str
    assembled: bool = False


class Session(msgspec.Struct, frozen=True):
    """Requests in the order in which they are sent by one person to one model."""

    model: str
    requests: tuple[Sent, ...]


class Family(msgspec.Struct, frozen=True):
    """Sessions of one kind."""

    name: str
    sessions: tuple[Session, ...]


def families(sessions: int = 4) -> list[Family]:
    """Every family, with so many sessions each."""
    return [
        Family(name, tuple(make(random.Random(f"{_SEED} {name} {number}")) for number in range(sessions)))
        for name, make in _MAKERS.items()
    ]


def prose(source: random.Random, words: int) -> str:
    """Invented sentences."""
    chosen = source.choices(_WORDS, k=words)
    lines = [" ".join(chosen[start : start + 14]).capitalize() + "." for start in range(0, words, 14)]
    return "\n".join(lines)


def tools(source: random.Random, count: int, words: int) -> list[dict[str, Any]]:
    """Tool definitions with a description of so many words each."""
    return [
        {
            "name": f"tool_{number}",
            "description": prose(source, words),
            "input_schema": {
                "type": "object",
                "properties": {name: {"type": "string", "description": prose(source, 12)} for name in ("path", "text")},
            },
        }
        for number in range(count)
    ]


class Talk:
    """A conversation that grows; `ask` and `work` give the body of the next request."""

    def __init__(self, source: random.Random, model: str, **body: Any) -> None:
        self._source, self._fixed, self._calls = source, {"model": model, "max_tokens": 4096, **body}, 0
        self.messages: list[dict[str, Any]] = []

    def say(self, content: Any) -> None:
        """Add a user turn."""
        self.messages.append({"role": "user", "content": content})

    def body(self, **changed: Any) -> dict[str, Any]:
        """The body of a request as it stands now."""
        return {**self._fixed, **changed, "messages": list(self.messages)}

    def reply(self, words: int) -> None:
        """Add an answer."""
        self.messages.append({"role": "assistant", "content": prose(self._source, words)})

    def work(self, calls: int, words: Sequence[int]) -> None:
        """Add a turn of tool uses and one with their results, of ``words`` (least, most) each."""
        names = [f"call_{self._calls + number}" for number in range(calls)]
        self._calls += calls
        uses: list[dict[str, Any]] = [{"type": "text", "text": prose(self._source, 25)}]
        uses += [
            {"type": "tool_use", "id": name, "name": "tool_1", "input": {"path": f"src/{name}.py"}} for name in names
        ]
        results = [
            {"type": "tool_result", "tool_use_id": name, "content": prose(self._source, self._source.randint(*words))}
            for name in names
        ]
        self.messages += [{"role": "assistant", "content": uses}, {"role": "user", "content": results}]


def _chat(
    source: random.Random, model: str, turns: int, pauses_s: Sequence[float], asked: int, answered: int, **body: Any
) -> Session:
    talk, at, sent = Talk(source, model, **body), 0.0, []
    for turn in range(turns):
        talk.say(prose(source, source.randint(asked // 2, asked * 2)))
        sent.append(Sent(at, talk.body(), "one"))
        talk.reply(source.randint(answered // 2, answered * 2))
        at += pauses_s[turn % len(pauses_s)]
    return Session(model, tuple(sent))


def _quick(source: random.Random, count: int = 40) -> list[float]:
    return [source.uniform(15, 150) for _ in range(count)]


def _short_chat(source: random.Random) -> Session:
    return _chat(source, "claude-opus-5-5", source.randint(3, 8), _quick(source), 25, 110)


def _long_system(source: random.Random) -> Session:
    return _chat(source, "claude-sonnet-5", source.randint(5, 12), _quick(source), 40, 150, system=prose(source, 2200))


def _large_minimum(source: random.Random) -> Session:
    return _chat(source, "claude-haiku-4-5", 12, _quick(source), 90, 220, system=prose(source, 900))


def _long_pauses(source: random.Random) -> Session:
    pauses = [source.choice((source.uniform(20, 200), source.uniform(400, 2700))) for _ in range(12)]
    return _chat(source, "claude-opus-5-5", 10, pauses, 60, 250, system=prose(source, 2500))


def _one_pause(source: random.Random) -> Session:
    pauses = _quick(source, 14)
    pauses[source.randint(2, 10)] = source.uniform(600, 3000)
    return _chat(source, "claude-opus-5-5", 14, pauses, 60, 250, system=prose(source, 2500))


def _hours_between(source: random.Random) -> Session:
    pauses = [source.uniform(70, 600) * _MINUTE for _ in range(10)]
    return _chat(source, "claude-opus-5-5", 8, pauses, 60, 250, system=prose(source, 2500))


def _agent(source: random.Random, turns: int = 30) -> Session:
    model = "claude-opus-5-5"
    talk = Talk(source, model, tools=tools(source, 14, 110), system=prose(source, 1500))
    talk.say(prose(source, 60))
    at, sent = 0.0, []
    for turn in range(turns):
        sent.append(Sent(at, talk.body(), "one"))
        talk.work(source.randint(12, 24) if turn % 9 == 5 else source.randint(1, 4), (40, 600))
        at += source.uniform(4, 45)
    return Session(model, tuple(sent))


def _agent_with_person(source: random.Random) -> Session:
    """Bursts of tool calls, and between them a person who reads, tries things out and has lunch."""
    model, at, sent = "claude-sonnet-5-5", 0.0, []
    talk = Talk(source, model, tools=tools(source, 10, 90), system=prose(source, 900))
    for _ in range(6):
        talk.say(prose(source, 45))
        for _ in range(source.randint(3, 6)):
            sent.append(Sent(at, talk.body(), "one"))
            talk.work(source.randint(1, 3), (40, 400))
            at += source.uniform(4, 40)
        talk.reply(120)
        at += source.choice((source.uniform(30, 250), source.uniform(360, 1500)))
    return Session(model, tuple(sent))


def _many_files(source: random.Random) -> Session:
    """Turns to which two dozen files are attached: more blocks than a read looks back."""
    model, at, sent = "claude-opus-5-5", 0.0, []
    talk = Talk(source, model, system=prose(source, 600))
    for _ in range(6):
        files = [
            {"type": "text", "text": prose(source, source.randint(60, 300))} for _ in range(source.randint(18, 30))
        ]
        talk.say([*files, {"type": "text", "text": prose(source, 30)}])
        sent.append(Sent(at, talk.body(), "one"))
        talk.reply(200)
        at += source.uniform(30, 200)
    return Session(model, tuple(sent))


def _document(source: random.Random) -> Session:
    model, at, sent = "claude-sonnet-5", 0.0, []
    talk = Talk(source, model)
    document = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": prose(source, 9000)}}
    talk.say([document, {"type": "text", "text": prose(source, 20)}])
    for _ in range(source.randint(4, 8)):
        sent.append(Sent(at, talk.body(), "one"))
        talk.reply(150)
        talk.say(prose(source, 20))
        at += source.uniform(30, 200)
    return Session(model, tuple(sent))


def _single_questions(source: random.Random, assembled: bool) -> Session:
    """One document, and questions about it that do not know of each other."""
    model, at, sent = "claude-opus-5-5", 0.0, []
    text = f"<context>\n{prose(source, 3000)}\n</context>\n"
    for number in range(8):
        question = f"<task>{prose(source, 25)}</task>"
        parts = [{"type": "text", "text": text}, {"type": "text", "text": question}]
        talk = Talk(source, model)
        talk.say(text + question if assembled else parts)
        sent.append(Sent(at, talk.body(), f"question {number}", assembled))
        at += source.uniform(60, 200)
    return Session(model, tuple(sent))


def _dated_system(source: random.Random, own_block: bool) -> Session:
    model, at, sent = "claude-sonnet-5", 0.0, []
    talk = Talk(source, model, tools=tools(source, 8, 90))
    rules = prose(source, 1500)
    for turn in range(10):
        talk.say(prose(source, 40))
        date = f"It is 14:{turn:02} on Monday."
        system = [{"type": "text", "text": rules}, {"type": "text", "text": date}] if own_block else f"{date}\n{rules}"
        sent.append(Sent(at, talk.body(system=system), "one"))
        talk.reply(150)
        at += source.uniform(30, 90)
    return Session(model, tuple(sent))


def _volatile_end(source: random.Random) -> Session:
    """A client that puts what the editor shows behind each question, and takes it away again with the next."""
    model, at, sent = "claude-opus-5-5", 0.0, []
    talk = Talk(source, model, system=prose(source, 800))
    for turn in range(10):
        question = prose(source, 40)
        talk.say(
            [{"type": "text", "text": question}, {"type": "text", "text": f"Open now:\n{prose(source, 150)}{turn}"}]
        )
        sent.append(Sent(at, talk.body(), "one"))
        talk.messages[-1] = {"role": "user", "content": [{"type": "text", "text": question}]}
        talk.reply(250)
        at += source.uniform(30, 120)
    return Session(model, tuple(sent))


def _many_talks(source: random.Random) -> Session:
    """Short conversations with one agent, a quarter to three quarters of an hour apart."""
    model, at, sent = "claude-opus-5-5", 0.0, []
    fixed: Mapping[str, Any] = {"tools": tools(source, 14, 110), "system": prose(source, 1500)}
    for number in range(8):
        talk = Talk(source, model, **fixed)
        talk.say(prose(source, 60))
        for _ in range(source.randint(2, 4)):
            sent.append(Sent(at, talk.body(), f"talk {number}"))
            talk.work(source.randint(1, 3), (40, 300))
            at += source.uniform(5, 40)
        at += source.uniform(15, 45) * _MINUTE
    return Session(model, tuple(sent))


_MAKERS: Final[Mapping[str, Callable[[random.Random], Session]]] = {
    "short chat": _short_chat,
    "long system prompt": _long_system,
    "agent with tools, 30 turns": _agent,
    "agent and person, some pauses": _agent_with_person,
    "two dozen files in each turn": _many_files,
    "one long document, questions in one conversation": _document,
    "one document, single questions, two blocks": lambda source: _single_questions(source, assembled=False),
    "one document, single questions, one text of ours": lambda source: _single_questions(source, assembled=True),
    "pauses of 7 to 45 minutes": _long_pauses,
    "one such pause": _one_pause,
    "hours between turns": _hours_between,
    "minimum of 4,096 tokens": _large_minimum,
    "system begins with the time": lambda source: _dated_system(source, own_block=False),
    "system ends with the time": lambda source: _dated_system(source, own_block=True),
    "volatile end of each turn": _volatile_end,
    "many short conversations": _many_talks,
}
