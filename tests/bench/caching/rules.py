"""Anthropic's prompt caching as its documentation describes it, written apart from the code that is judged by it.

An entry is the digest of a prompt up to a block. A request writes entries at its breakpoints only, and reads the
longest entry that it finds at a breakpoint or in the 19 positions before it. Where the documentation is silent, `Rules`
says which reading is taken. Not modelled: nested breakpoints in tool results, entries of requests that run at the same
time, and thinking that older models strip. Deferred tools are no part of the prompt.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from optafly.routing.prices import CacheRates, ModelFacts

Ttl = Literal["5m", "1h"]
LIFE_S: Mapping[Ttl, float] = {"5m": 300.0, "1h": 3600.0}
NEVER_MARKED = frozenset({"thinking", "redacted_thinking"})


class BadRequest(Exception):
    """The API would answer 400."""


class Rules(msgspec.Struct, frozen=True):
    """How unclear rules are read.

    ``runs_count_once``: consecutive tool uses, or tool results, are one position of the look-back (Claude API), or one
    each (other platforms). ``refresh``: a request prolongs the entry it reads only, or those at its other breakpoints
    too, which are then also written where they are missing. ``built_on``: an entry lives no longer than the one that
    the request read when it wrote it, or as long as its own breakpoint says.

    The defaults are the documented rule, and of each silence the reading that saves less.
    """

    runs_count_once: bool = True
    refresh: Literal["read", "marked"] = "read"
    built_on: bool = True
    lookback: int = 20


class Spot(msgspec.Struct, frozen=True):
    """The end of a block: digest and tokens of the prompt so far, look-back position, whether it can be marked."""

    digest: bytes
    tokens: int
    position: int
    markable: bool
    where: str


class Entry(msgspec.Struct, frozen=True):
    """A cache entry: its lifetime, and when it ends if nobody reads it."""

    ttl: Ttl
    ends: float


Cache = Mapping[bytes, Entry]
Marks = Mapping[int, Ttl]


class Usage(msgspec.Struct, frozen=True):
    """Input tokens of a request by how they are charged."""

    plain: int = 0
    write_5m: int = 0
    write_1h: int = 0
    read: int = 0

    @property
    def total(self) -> int:
        return self.plain + self.write_5m + self.write_1h + self.read

    def cost(self, rates: CacheRates) -> float:
        """What they cost, in input tokens at the usual price."""
        written = self.write_5m * rates.write_5m + self.write_1h * rates.write_1h
        return self.plain + written + self.read * rates.read

    def plus(self, other: "Usage") -> "Usage":
        return Usage(
            self.plain + other.plain,
            self.write_5m + other.write_5m,
            self.write_1h + other.write_1h,
            self.read + other.read,
        )


def answer(
    cache: Cache, spots: Sequence[Spot], marks: Marks, at: float, minimum: int, rules: Rules
) -> tuple[Usage, dict[bytes, Entry]]:
    """Charge one request sent at ``at`` (seconds) and return the cache after it; raise BadRequest for bad marks."""
    _check(spots, marks)
    alive = {digest: entry for digest, entry in cache.items() if entry.ends >= at}
    places = [place for place in sorted(marks) if spots[place].tokens >= minimum]
    hit = _hit(alive, spots, places, rules)
    read = 0 if hit is None else spots[hit].tokens
    after = dict(alive)
    if hit is not None:
        found = alive[spots[hit].digest]
        after[spots[hit].digest] = Entry(found.ttl, at + LIFE_S[found.ttl])
    last_1h = last = read
    for place in places:
        ttl, spot = marks[place], spots[place]
        if hit is not None and place <= hit:
            if rules.refresh == "marked" and place != hit:
                kept = alive.get(spot.digest, Entry(ttl, at))
                after[spot.digest] = Entry(kept.ttl, at + LIFE_S[kept.ttl])
            continue
        short = rules.built_on and hit is not None and alive[spots[hit].digest].ttl == "5m"
        lives: Ttl = "5m" if short else ttl
        after[spot.digest] = Entry(lives, at + LIFE_S[lives])
        last = spot.tokens
        last_1h = spot.tokens if ttl == "1h" else last_1h
    total = spots[-1].tokens if spots else 0
    return Usage(total - last, last - last_1h, last_1h - read, read), after


def _hit(alive: Cache, spots: Sequence[Spot], places: Sequence[int], rules: Rules) -> int | None:
    """The longest prefix that is found: the search goes back from the last breakpoint, then from the one before."""
    for place in reversed(places):
        for back in range(place, -1, -1):
            if spots[place].position - spots[back].position >= rules.lookback:
                break
            if spots[back].digest in alive:
                return back
    return None


def _check(spots: Sequence[Spot], marks: Marks) -> None:
    if len(marks) > 4:
        raise BadRequest("a maximum of 4 blocks with cache_control may be provided")
    short = False
    for place in sorted(marks):
        if not spots[place].markable:
            raise BadRequest(f"{spots[place].where}: cache_control cannot be set here")
        if marks[place] == "1h" and short:
            raise BadRequest(f"{spots[place].where}: a 1h breakpoint must not come after one of 5m")
        short = short or marks[place] == "5m"


def read_request(body: Mapping[str, Any], facts: ModelFacts, rules: Rules) -> tuple[list[Spot], dict[int, Ttl]]:
    """The blocks of a request, and its breakpoints, the automatic one included."""
    raw = list(_blocks(body))
    spots: list[Spot] = []
    marks: dict[int, Ttl] = {}
    digest, tokens, position, previous = b"", 0, -1, ""
    for where, salt, block in raw:
        bare = {key: value for key, value in block.items() if key != "cache_control"}
        digest = hashlib.sha256(digest + json.dumps([salt, bare]).encode()).digest()
        tokens += count_tokens(bare, facts)
        kind = str(block.get("type", ""))
        run = rules.runs_count_once and kind in {"tool_use", "tool_result"} and kind == previous
        position, previous = position + (not run), kind
        spots.append(Spot(digest, tokens, position, _can_be_marked(block, where), where))
        if block.get("cache_control") is not None:
            marks[len(spots) - 1] = _ttl(block["cache_control"])
    if body.get("cache_control") is not None:
        _mark_automatically(spots, marks, _ttl(body["cache_control"]))
    return spots, marks


def _mark_automatically(spots: Sequence[Spot], marks: dict[int, Ttl], ttl: Ttl) -> None:
    last = next((place for place in range(len(spots) - 1, -1, -1) if spots[place].markable), None)
    if last is None:
        return
    if marks.get(last, ttl) != ttl:
        raise BadRequest(f"{spots[last].where}: another ttl than that of the request")
    if last not in marks and len(marks) >= 4:
        raise BadRequest("no slot is left for automatic caching")
    marks[last] = ttl


def _blocks(body: Mapping[str, Any]) -> list[tuple[str, object, dict[str, Any]]]:
    """Each block with its name and what its digest depends on besides the blocks before it."""
    found: list[tuple[str, object, dict[str, Any]]] = []
    for number, tool in enumerate(body.get("tools") or []):
        if tool.get("defer_loading") is not True:
            found.append((f"tools.{number}", ["tools", body.get("model")], tool))
    for number, block in enumerate(_as_list(body.get("system") or [])):
        found.append((f"system.{number}", ["system", body.get("model")], block))
    images = any(_shows_image(block) for message in body["messages"] for block in _as_list(message["content"]))
    parameters = [body.get("tool_choice"), body.get("thinking"), body.get("output_config"), images]
    for place, message in enumerate(body["messages"]):
        for number, block in enumerate(_as_list(message["content"])):
            salt = ["messages", body.get("model"), parameters, message["role"], number == 0]
            found.append((f"messages.{place}.content.{number}", salt, block))
    return found


def _as_list(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def _shows_image(block: Mapping[str, Any]) -> bool:
    nested = block.get("content")
    return block.get("type") == "image" or (isinstance(nested, list) and any(_shows_image(item) for item in nested))


def _can_be_marked(block: Mapping[str, Any], where: str) -> bool:
    if where.startswith("tools"):
        return True
    if block.get("type") in NEVER_MARKED:
        return False
    return block.get("type") != "text" or bool(str(block["text"]).strip())


def _ttl(control: Mapping[str, Any]) -> Ttl:
    ttl: Any = control.get("ttl", "5m")
    if control.get("type") != "ephemeral" or ttl not in LIFE_S:
        raise BadRequest("cache_control: unknown type or ttl")
    checked: Ttl = ttl
    return checked


def count_tokens(block: Mapping[str, Any], facts: ModelFacts) -> int:
    """Tokens of a block by its characters: 3.4 to a token up to Claude 4.6, 2.5 since; a picture or a PDF counts 1,500.

    The average of Anthropic's models overview, and deliberately not the estimate that anchors are placed with.
    """
    source = block.get("source")
    if isinstance(source, dict) and source.get("type") == "base64":
        return 1500
    characters = len(json.dumps(block, ensure_ascii=False)) if block.get("type") != "text" else len(block["text"])
    return max(1, round(characters / (2.5 if facts.token_share == 1.0 else 3.4)))
