"""What a prompt names: the words that its request and its diagnostics use, and the lines of a file they point at."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from optafly.context.mentions import find_mentions, plain_words, same_word, subwords
from optafly.context.traces import find_traces
from optafly.routing.token_form import Prompt, is_diagnostic

WORD: Final = re.compile(r"[^\W\d]\w*|\d[\w.]*\w|\d")
_OTHERS: Final = re.compile(r"(?:Called|Tested) in `|`.*` \(.+:\d+\)$")
_FENCED: Final = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_SHORTEST_WORD: Final = 4
# A word that so many of the lines hold says nothing about which of them is meant.
_TOO_COMMON: Final = 8
# Words of requests, and of the sentences that OptaFly puts around them, that name nothing.
_SAYS_NOTHING: Final = frozenset(
    "about above after again also always another because been before behaviour below better between both broken bugs "
    "call called calls cannot change changed changes class clean clear closest code command could crash crashes "
    "defined description diagnostic does doing done each edit edits else error errors even every exception exist "
    "explain expected fail failed failing fails failure faster file files findings first fixed following from "
    "function functions give given gives gone good happen happens have here however improve inside instead into "
    "issue just keep kind know last like line lines look looks made make makes many match maybe mean meant message "
    "method methods module more most much must name named need needs never number only open optimize other ours "
    "over pass passes place please problem project properly question raised random really recent refactor return "
    "returned returning returns review right same should signature silence simple slow slower smallest some "
    "something sometimes stay still such suite sure take takes test tested tests text than that their them then "
    "there these they thing think this those through time times traceback type uncommitted under until used uses "
    "using value values very want warning warnings what when where which while whole will with without words work "
    "working works would write wrong your".split()
)


class Names:
    """Tells which lines hold something that a prompt names.

    Names are what looks like a name in the request, in a diagnostic and in the message of a pasted error (identifiers,
    paths, numbers of two digits and more, flags, everything in quotes and backticks), and what is in ``keep``. Plain
    words of the request count where an identifier is made of them and few of the lines hold one. ``frames`` are the
    places that pasted errors name.
    """

    def __init__(self, prompt: Prompt, keep: Collection[str] = ()) -> None:
        pasted = ["\n".join(quote.lines) for _, quote in prompt.quotes if quote.kind == "trace"]
        traces = [trace for text in pasted for trace in find_traces(text)]
        self.frames = tuple(frame for trace in traces for frame in trace.frames)
        messages = [*_messages(prompt.plain), *(trace.message for trace in traces)]
        self.exact, self._phrases = _named([*prompt.sections, *messages], keep)
        self._words = frozenset(_plain(prompt))

    def in_line(self, line: str, telling: frozenset[str] = frozenset()) -> bool:
        """Whether the line holds one of the names, or an identifier that is ``telling``."""
        if any(phrase in line for phrase in self._phrases):
            return True
        words = WORD.findall(line)
        return not (self.exact.isdisjoint(words) and telling.isdisjoint(words))

    def telling(self, lines: Collection[str]) -> frozenset[str]:
        """Which identifiers of the lines are made of plain words of the request, common words left out."""
        if not self._words:
            return frozenset()
        found = [set(WORD.findall(line)) for line in lines]
        parts: dict[str, set[str]] = {}
        for name in set().union(*found):
            for part in subwords(name):
                parts.setdefault(part, set()).add(name)
        telling: set[str] = set()
        for word in self._words:
            # Forms of a word begin alike.
            names = set().union(*(parts[part] for part in parts if part[:3] == word[:3] and same_word(word, part)), ())
            if names and sum(not names.isdisjoint(line) for line in found) * _TOO_COMMON <= len(found):
                telling |= names
        return frozenset(telling)


def _named(texts: Collection[str], keep: Collection[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    exact: set[str] = set()
    phrases: set[str] = set()
    for text in texts:
        for literal in find_mentions(_FENCED.sub(_as_names, text)).literals:
            inner = literal.text.strip("`\"'“”„«»「」 ") if literal.kind == "quoted" else literal.text
            if WORD.fullmatch(inner) and (len(inner) > 1 or literal.kind == "quoted"):
                exact.add(inner)
            elif literal.kind == "path":
                phrases.add(inner.partition(":")[0])
            elif len(inner) > 1:
                phrases.add(inner)
                exact.update(word for word in _parts(inner) if literal.kind == "name")
    exact.update(name for name in keep if WORD.fullmatch(name))
    phrases.update(name for name in keep if name and not WORD.fullmatch(name))
    return frozenset(exact), tuple(sorted(phrases))


def _as_names(fenced: re.Match[str]) -> str:
    # A block of code in the request is one literal; what it is about are the names in it.
    return " ".join(dict.fromkeys(find_mentions(fenced[0].strip("`")).names))


def _parts(name: str) -> list[str]:
    """The last part of ``a.b.c()``; the others are named a hundred times."""
    return WORD.findall(name)[-1:]


def _plain(prompt: Prompt) -> Iterator[str]:
    for text in prompt.sections[:1]:
        for word in plain_words(text, find_mentions(text).literals):
            if len(word) >= _SHORTEST_WORD and word not in _SAYS_NOTHING:
                yield word


def _messages(plain: Collection[str]) -> Iterator[str]:
    """What diagnostics say, without where; a message may go on for several lines."""
    inside = False
    for line in plain:
        if is_diagnostic(line):
            inside = True
            yield line.rpartition(" at ")[2].partition(": ")[2]
        elif inside and not _OTHERS.match(line):
            yield line


def same_file(printed: str, path: str) -> bool:
    """Whether a path as a tool printed it can be that of a quoted file."""
    short, long = sorted((printed.split("/"), path.split("/")), key=len)
    return long[-len(short) :] == short


def lines_named(text: str, path: str) -> Iterator[range]:
    """The lines of a file that a text names as ``path:12`` or ``path:12-20``."""
    for found in re.finditer(rf"(?<![\w/.-]){re.escape(path)}:(\d{{1,9}})(?:-(\d{{1,9}}))?", text):
        first = int(found[1])
        yield range(first, max(first, int(found[2] or first)) + 1)
