"""The models the stand-in knows; release dates and windows are made up where they do not matter."""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

_DATE: Final = re.compile(r"-20\d{6}$")


class Model(msgspec.Struct, frozen=True):
    """A model; ``minimum_tokens`` is the shortest prefix that the prompt cache takes."""

    id: str
    display_name: str
    minimum_tokens: int
    chars_per_token: float = 2.5
    max_input_tokens: int = 1_000_000
    max_tokens: int = 128_000
    created_at: str = "2026-06-01T00:00:00Z"

    def listed(self) -> dict[str, Any]:
        """The entry of ``GET /v1/models``."""
        return {
            "type": "model",
            "id": self.id,
            "display_name": self.display_name,
            "created_at": self.created_at,
            "max_input_tokens": self.max_input_tokens,
            "max_tokens": self.max_tokens,
            "capabilities": None,
            "lifecycle": "active",
            "line": self.id.split("-")[1],
        }


# A million tokens hold some 3.4 million characters up to the 4.6 models and Haiku 4.5, 2.5 million since Opus 4.7.
MODELS: Final = (
    Model("claude-fable-5-1", "Claude Fable 5.1", 512),
    Model("claude-opus-5-5", "Claude Opus 5.5", 512),
    Model("claude-sonnet-5-5", "Claude Sonnet 5.5", 512),
    Model("claude-haiku-5-5", "Claude Haiku 5.5", 512),
    Model("claude-opus-5", "Claude Opus 5", 512),
    Model("claude-sonnet-5", "Claude Sonnet 5", 1024),
    Model("claude-opus-4-8", "Claude Opus 4.8", 1024),
    Model("claude-opus-4-7", "Claude Opus 4.7", 2048),
    Model("claude-opus-4-6", "Claude Opus 4.6", 4096, 3.4),
    Model("claude-sonnet-4-6", "Claude Sonnet 4.6", 1024, 3.4),
    Model("claude-opus-4-5-20251101", "Claude Opus 4.5", 4096, 3.4, 200_000, 64_000, "2025-11-24T00:00:00Z"),
    Model("claude-haiku-4-5-20251001", "Claude Haiku 4.5", 4096, 3.4, 200_000, 64_000, "2025-10-15T00:00:00Z"),
    Model("claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", 1024, 3.4, 200_000, 64_000, "2025-09-29T00:00:00Z"),
)
_BY_NAME: Final[Mapping[str, Model]] = {
    **{_DATE.sub("", model.id): model for model in MODELS},
    **{model.id: model for model in MODELS},
}


def find_model(name: str) -> Model | None:
    """The model of that name, with or without its date."""
    return _BY_NAME.get(name.removesuffix("-latest"))


def list_models(query: Mapping[str, str]) -> dict[str, Any] | str:
    """One page of models, or what is wrong with the query."""
    raw = query.get("limit", "20")
    if not raw.isdecimal() or not 1 <= int(raw) <= 1000:
        return "limit: Input should be a number from 1 to 1000"
    limit = int(raw)
    ids = [model.id for model in MODELS]
    cursors: tuple[Literal["after_id", "before_id"], ...] = ("after_id", "before_id")
    for name in cursors:
        if name in query and query[name] not in ids:
            return f"{name}: not a model of this list"
    if "before_id" in query:
        stop = ids.index(query["before_id"])
        start = max(0, stop - limit)
        has_more = start > 0
    else:
        start = ids.index(query["after_id"]) + 1 if "after_id" in query else 0
        stop = min(len(ids), start + limit)
        has_more = stop < len(ids)
    data = [model.listed() for model in MODELS[start:stop]]
    return {
        "data": data,
        "has_more": has_more,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
    }
