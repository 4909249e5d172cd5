"""Questions and bodies of the soak: made, never anybody's own."""

import random
from typing import Any, Final

import msgspec

MODELS: Final = ("claude-sonnet-5-5", "claude-opus-5-5")
TOOLS: Final[tuple[dict[str, Any], ...]] = tuple(
    {
        "name": name,
        "description": f"Use it to {what} in the workspace that is open. It takes a path and gives text. " * 3,
        "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    }
    for name, what in (("read_file", "read a file"), ("list_folder", "list a folder"), ("search", "look for a text"),
                       ("run_tests", "run tests"), ("edit_file", "change a file"))
)  # fmt: skip
WORDINGS: Final = (
    "how do i {task} in {language} with a function called {name}",
    "How can I {task} in {language} with a function called {name}?",
    "Please, how do I {task} in {language} with a function called {name}?",
    "In {language}, how do I {task} with a function called {name}?",
    "How would I {task} in {language} using a function called {name}?",
)

_USUAL: Final = "How do I {task} in {language} with a function called {name}?"
_TASKS: Final = (
    "sort a list of {animal} records by age", "read a CSV file of {animal} sightings",
    "remove duplicates from a list of {animal} names", "group {animal} records by country",
    "write a JSON file of {animal} weights", "parse the dates in a {animal} report",
    "test whether two {animal} records are equal", "count the words in a {animal} diary",
    "download a picture of a {animal} with a time limit", "retry a failed upload of {animal} data",
)  # fmt: skip
_ANIMALS: Final = (
    "walrus", "quagga", "zebra", "otter", "badger", "heron", "lynx", "tapir", "gecko", "newt", "puffin", "marmot",
)  # fmt: skip
_LANGUAGES: Final = ("Python", "Go", "Rust", "Java", "TypeScript", "Kotlin")
_SYSTEM: Final = "You are a careful assistant of a small team. Answer briefly, with an example."
_LINE: Final = "    value = table.get({number}, default)  # {animal} of the {number}th enclosure, as it was counted\n"


class Question(msgspec.Struct, frozen=True):
    """What is asked, in words that can be changed; ``number`` makes it one of its own, with a name that says so."""

    number: int
    task: str
    language: str

    @property
    def meaning(self) -> str:
        return f"question {self.number}"

    def text(self, wording: str = _USUAL) -> str:
        return wording.format(task=self.task, language=self.language, name=f"handle_records_{self.number}")


def new_question(number: int, chance: random.Random) -> Question:
    """A question that no other number has."""
    task = chance.choice(_TASKS).format(animal=chance.choice(_ANIMALS))
    return Question(number, task, chance.choice(_LANGUAGES))


def plain_body(text: str, model: str = MODELS[0]) -> dict[str, Any]:
    """A short request, as an SDK sends it."""
    return {"model": model, "max_tokens": 1000, "system": _SYSTEM, "messages": [{"role": "user", "content": text}]}


def tool_body(text: str) -> dict[str, Any]:
    """A request whose answer calls a tool."""
    return plain_body(text) | {"tools": list(TOOLS), "tool_choice": {"type": "any"}}


def agent_body(text: str, size: int, conversation: int) -> dict[str, Any]:
    """What a coding agent sends in the middle of its work: instructions, tools, files that it has read, some text."""
    per_file = 6000
    messages: list[dict[str, Any]] = [{"role": "user", "content": f"Look into conversation {conversation} first."}]
    for number in range(max(1, (size - 22_000) // per_file)):
        call = f"toolu_{conversation}_{number}"
        path = {"path": f"pkg{conversation}/module_{number}.py"}
        use = {"type": "tool_use", "id": call, "name": "read_file", "input": path}
        content = _lines(per_file, conversation * 1000 + number)
        result = {"type": "tool_result", "tool_use_id": call, "content": content}
        messages += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    messages += [
        {"role": "assistant", "content": "I have read the files."},
        {"role": "user", "content": [{"type": "text", "text": text}]},
    ]
    system = [{"type": "text", "text": _SYSTEM + "\n" + _lines(20_000, conversation)}]
    return plain_body(text) | {"system": system, "tools": list(TOOLS), "messages": messages}


def _lines(size: int, number: int) -> str:
    line = _LINE.format(number=number, animal=_ANIMALS[number % len(_ANIMALS)])
    return line * (size // len(line) + 1)
