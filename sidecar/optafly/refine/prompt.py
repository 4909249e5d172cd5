"""What the model is shown and the only texts it may answer with."""

import re
from typing import Final

import msgspec

from optafly.context.gather import Context, describe
from optafly.context.mentions import subwords
from optafly.refine import lexicon
from optafly.refine.draft import Draft
from optafly.refine.engine import GrammarKind, ModelRequest
from optafly.refine.failing import error_name
from optafly.refine.task import place

MAX_DRAFT_CHARS: Final = 240
MAX_EVIDENCE_CHARS: Final = 140
MAX_WORDS: Final = 24
MAX_TOKENS: Final = 44

# Fixed to the byte: the engine keeps it in its prefix cache. Four short examples, because the model copies a pattern
# better than it follows a rule.
SYSTEM: Final = """Say the request as one clear sentence. Use only words of the request and the notes. Never answer it.
request: fix this
note: function total_price; error KeyError price
say: Fix the KeyError in total_price.
request: make it faster pls
note: function load_rows
say: Make load_rows faster.
request: whats going on here
note: method Cart.merge
say: Explain what Cart.merge does.
request: need tests
note: function parse_date
say: Write tests for parse_date."""

_CHAT_MARK = re.compile(r"<\|[^|>\n]{0,40}\|>|</?s>|\[/?INST\]|<(?:start|end)_of_turn>")
_VOCABULARY_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[.'-][A-Za-z0-9_]+)*|\d+(?:\.\d+)*")


def build_request(
    draft: Draft, context: Context, *, time_limit_s: float, document: str, grammar_kind: GrammarKind = "lark"
) -> ModelRequest:
    """The request for one sentence; the grammar admits words of the draft, of the note and plain glue, no others."""
    asked, known = _tame(context.redacted_body, MAX_DRAFT_CHARS), _tame(note(draft, context), MAX_EVIDENCE_CHARS)
    return ModelRequest(
        system=SYSTEM,
        user=f"request: {asked}\nnote: {known}\nsay:",
        grammar=grammar(draft, context, grammar_kind),
        grammar_kind=grammar_kind,
        max_tokens=MAX_TOKENS,
        time_limit_s=time_limit_s,
        document=document,
    )


def note(draft: Draft, context: Context) -> str:
    """The facts the sentence may use, in a few words: what the place is, what failed there."""
    parts: list[str] = []
    for target in context.located.targets[:2]:
        parts.append(
            f"{target.symbol.kind} {target.symbol.name}" if target.symbol else f"file {target.path.rsplit('/', 1)[-1]}"
        )
    if draft.traces:
        parts.append(f"error {error_name(draft.traces[0].message) or draft.traces[0].message}")
    elif context.diagnostics:
        parts.append(f"{describe(context.diagnostics[0])}")
    return "; ".join(parts) or "none"


def _tame(text: str, limit: int) -> str:
    """One line, cut, without marks that chat templates give a meaning, and encodable."""
    plain = " ".join(_CHAT_MARK.sub(" ", text).split())[:limit]
    return plain.encode("utf-8", "replace").decode("utf-8")


def vocabulary(draft: Draft, context: Context) -> list[str]:
    """The words the sentence may be made of, sorted."""
    source = (
        f"{_tame(context.redacted_body, MAX_DRAFT_CHARS)} {note(draft, context)} {place(draft, context, short=True)}"
    )
    words = {word for word in _VOCABULARY_WORD.findall(source) if len(word) <= 60}
    words |= {part for word in words for part in subwords(word) if len(part) > 2}
    words |= {"test", "tests"} if draft.intent == "test" else set()
    return sorted(words | lexicon.GLUE)


def grammar(draft: Draft, context: Context, kind: GrammarKind) -> str:
    """One sentence that opens with a verb of the intent, names the target, and has only words of the vocabulary."""
    openers = "|".join(lexicon.OPENERS[draft.intent])
    words = "|".join(re.escape(word) for word in vocabulary(draft, context))
    target = context.located.targets[0] if len(context.located.targets) == 1 else None
    # Every word takes time: a draft of two words needs no long sentence.
    said = len(draft.body.split())
    before, behind = min(8, 2 + said), min(14, 4 + said)
    if target is not None and target.symbol is not None and _VOCABULARY_WORD.fullmatch(target.symbol.name):
        sentence = f"({openers})( ({words})){{0,{before}}} {re.escape(target.symbol.name)}( ({words})){{0,{behind}}}\\."
    else:
        sentence = f"({openers})( ({words})){{2,{MAX_WORDS}}}\\."
    if kind == "lark":
        return f"start: S\nS: / {sentence}/"
    if kind == "regex":
        return f" {sentence}"
    schema = {
        "type": "object",
        "properties": {"say": {"type": "string", "pattern": f"^{sentence}$"}},
        "required": ["say"],
        "additionalProperties": False,
    }
    return msgspec.json.encode(schema).decode()


def read_reply(text: str, kind: GrammarKind) -> str:
    """The sentence in a reply; empty when the reply is cut off or of another form."""
    if kind == "json_schema":
        try:
            decoded = msgspec.json.decode(text.encode("utf-8", "replace"))
        except msgspec.DecodeError:
            return ""
        said = decoded.get("say") if isinstance(decoded, dict) else None
        text = said if isinstance(said, str) else ""
    sentence = text.strip()
    return sentence if sentence.endswith(".") else ""
