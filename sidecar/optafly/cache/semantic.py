"""The semantic cache: the same request again, an equal one, or one that asks for the same in other words."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import msgspec

from optafly.cache.backend import ByKey, CacheBackend, Done, Match, Nearest, Record
from optafly.cache.entries import Entry
from optafly.cache.judge import Judge
from optafly.cache.policy import Turn, Unasked, kept_response, read_turn, why_not_kept
from optafly.cache.scope import Scope, digest, scope_of
from optafly.neural.encoder import MOST_PIECES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Outcome = Literal["exact", "equal", "semantic", "miss"]
DAY_S: Final = 86_400.0
_ID_LETTERS: Final = 32
_CANDIDATES: Final = 5


class TextEncoder(Protocol):
    """What `optafly.neural.encoder.Encoder` does for the cache."""

    def pieces(self, text: str) -> int:
        """How many word pieces the text has."""

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One vector of length 1 for each text."""


class Query(msgspec.Struct, frozen=True):
    """A request as the cache sees it. ``use_cache`` is the router's word: false leaves only the exact tier."""

    scope: Scope
    turn: Turn
    use_cache: bool = True

    @property
    def id(self) -> str:
        """The id of its entry: a digest of scope and whole last message."""
        return digest("exact/1", self.scope.key(), self.turn.whole)[:_ID_LETTERS]

    @property
    def similar_scope(self) -> str:
        """What has to be the same for another text to be compared at all: the scope and all around the text."""
        return digest("similar/1", self.scope.key(), self.turn.rest)


class Lookup(msgspec.Struct, frozen=True):
    """What was found, and why; ``similarity`` is a cosine, ``p`` the verifier's probability where it was asked.

    ``unasked`` is the kind of reason for which nothing was looked for. ``alone``: only the same request was looked for,
    and nothing is stored that it could have been compared with.
    """

    outcome: Outcome
    entry: Entry | None
    similarity: float | None
    p: float | None
    reason: str
    unasked: Unasked = ""
    alone: bool = False


def query_of(
    body: Mapping[str, Any],
    *,
    project: str,
    context: str,
    key_scope: str,
    embedder: str,
    headers: Mapping[str, str] | None = None,
    use_cache: bool = True,
) -> Query:
    """A request to the Messages API as a query, as `scope_of` takes it; raises ValueError for what is no JSON."""
    try:
        scope = scope_of(
            body, project=project, context=context, key_scope=key_scope, embedder=embedder, headers=headers
        )
        return Query(scope, read_turn(body), use_cache)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ValueError(f"the request cannot be read as JSON ({type(error).__name__})") from None


class SemanticCache:
    """Looks answers up and keeps them. One thread owns it, and with it the backend, the encoder and the judge.

    Nothing raises: a part that fails is a miss, or an answer that is not kept, with the reason. ``threshold`` is the
    least cosine of a semantic hit, ``ttl_s`` how long an answer is kept, ``normalise`` takes out of a text what cannot
    matter, ``clock`` gives seconds since 1970.
    """

    def __init__(
        self,
        backend: CacheBackend,
        encoder: TextEncoder,
        judge: Judge,
        normalise: Callable[[str], str],
        *,
        threshold: float = 0.8,
        ttl_s: float = 7 * DAY_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._backend, self._encoder, self._judge, self._normalise = backend, encoder, judge, normalise
        self._threshold, self._ttl_s, self._clock = threshold, ttl_s, clock

    def lookup(self, query: Query, *, bypass: bool = False) -> Lookup:
        """The stored answer to the same request, to an equal one, or to one that the judge takes for the same."""
        if bypass:
            return _miss("the cache was bypassed", "bypassed")
        if query.turn.refused:
            return _miss(query.turn.refused, query.turn.unasked)
        try:
            return self._lookup(query)
        except Exception as error:
            return _miss(f"the lookup failed ({type(error).__name__})")

    def store(self, query: Query, response: Mapping[str, Any], *, took_ms: float, complete: bool = True) -> Done:
        """Keep an answer (a message of the API); ``complete`` is false for a stream that broke off."""
        try:
            reason = query.turn.refused or why_not_kept(response, complete=complete)
            return Done(False, reason) if reason else self._backend.store(self._record(query, response, took_ms))
        except Exception as error:
            return Done(False, f"the answer could not be stored ({type(error).__name__})")

    def make_comparable(self, query: Query, entry: Entry) -> Done:
        """Have a stored answer found by equal and similar requests too, where it was kept without the encoder."""
        try:
            return self._backend.store(self._with_keys(query, entry))
        except Exception as error:
            return Done(False, f"the answer could not be stored ({type(error).__name__})")

    def forget(self, entry_id: str) -> Done:
        """Remove an answer, its text in every file included."""
        try:
            return self._backend.forget(entry_id)
        except Exception as error:
            return Done(False, f"the answer could not be removed ({type(error).__name__})")

    def _lookup(self, query: Query) -> Lookup:
        exact = self._backend.lookup(ByKey("exact", query.id))
        if exact.matches:
            return Lookup("exact", exact.matches[0].entry, None, None, "the same request was answered before")
        if query.turn.exact_only:
            return _miss(_and(f"not the same request, and {query.turn.exact_only}", exact.reason))
        if not query.use_cache:
            reason = _and("not the same request, and the router allows no other", exact.reason)
            return Lookup("miss", None, None, None, reason, alone=self._is_alone(query))
        equal = self._backend.lookup(ByKey("equal", self._equal_key(query)))
        if equal.matches:
            reason = "the same request but for what cannot matter"
            return Lookup("equal", equal.matches[0].entry, None, None, reason)
        nearby = self._backend.lookup(ByKey("scope", query.similar_scope))
        if not nearby.matches:
            return _miss(_and("nothing is stored that may be compared", nearby.reason or exact.reason))
        vector, reason = self._vector(query.turn.text)
        if vector is None:
            return _miss(_and(reason, exact.reason))
        return self._semantic(query, vector)

    def _is_alone(self, query: Query) -> bool:
        """Whether nothing is stored that it could be compared with; takes no network."""
        if self._backend.lookup(ByKey("scope", query.similar_scope)).matches:
            return False
        return not self._backend.lookup(ByKey("equal", self._equal_key(query))).matches

    def _semantic(self, query: Query, vector: "NDArray[np.float32]") -> Lookup:
        found = self._backend.lookup(Nearest(query.similar_scope, vector, self._threshold, _CANDIDATES))
        refusal: Lookup | None = None
        for match in found.matches:
            judged = self._judge.same(match.entry.prompt, query.turn.text, match.similarity)
            if judged.same is True:
                return self._taken(match, judged.p, judged.reason)
            # The most similar one is what people ask about.
            refusal = refusal or Lookup("miss", None, match.similarity, judged.p, judged.reason)
        return refusal or _miss(found.reason or "nothing similar is stored")

    def _taken(self, match: Match, p: float | None, reason: str) -> Lookup:
        # Only what is given counts as used.
        counted = self._backend.lookup(ByKey("exact", match.entry.id))
        entry = counted.matches[0].entry if counted.matches else match.entry
        return Lookup("semantic", entry, match.similarity, p, reason)

    def _record(self, query: Query, response: Mapping[str, Any], took_ms: float) -> Record:
        now = self._clock()
        entry = Entry(
            id=query.id,
            scope=query.scope,
            prompt=query.turn.text,
            response=kept_response(response),
            usage=dict(response.get("usage") or {}),
            model=str(response.get("model") or query.scope.model),
            created=now,
            expires=now + self._ttl_s,
            took_ms=took_ms,
        )
        return self._with_keys(query, entry)

    def _with_keys(self, query: Query, entry: Entry) -> Record:
        """The entry with all that it may be found by."""
        if not query.use_cache or query.turn.exact_only:
            return Record(entry)
        try:
            vector, _ = self._vector(query.turn.text)
            return Record(entry, self._equal_key(query), query.similar_scope, vector)
        except Exception:
            # Without the encoder, or the normaliser, the same request can be answered all the same.
            return Record(entry)

    def _equal_key(self, query: Query) -> str:
        return digest("equal/1", query.similar_scope, self._normalise(query.turn.text))

    def _vector(self, text: str) -> "tuple[NDArray[np.float32] | None, str]":
        """The text's vector, or why it has none."""
        if self._encoder.pieces(text) > MOST_PIECES:
            return None, f"the text is longer than the {MOST_PIECES} word pieces that are compared"
        return self._encoder.embed([text])[0], ""


def _miss(reason: str, unasked: Unasked = "") -> Lookup:
    return Lookup("miss", None, None, None, reason, unasked)


def _and(reason: str, more: str) -> str:
    return f"{reason}; {more}" if more else reason
