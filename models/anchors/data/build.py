"""Puts the prompts together from the blocks: ``python models/anchors/data/build.py`` writes ``prompts.jsonl``.

``blocks/*.txt`` hold what was written by hand: topics with instructions, a document and questions, which this script
sets in many layouts, and whole prompts (``loose.txt``). ⟂ marks a boundary; it is taken out and becomes an offset.
The same blocks give the same file. Standard library only.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
OUT: Final = HERE / "prompts.jsonl"
MARK: Final = "⟂"
OF_A_TOPIC: Final = 10

LABELS: Final = {
    "en": ("Instructions", "Document", "Question", "Answer", "User", "Assistant"),
    "de": ("Anweisungen", "Dokument", "Frage", "Antwort", "Nutzerin", "Assistent"),
    "fr": ("Consignes", "Document", "Question", "Réponse", "Visiteur", "Assistant"),
    "es": ("Instrucciones", "Documento", "Pregunta", "Respuesta", "Usuario", "Asistente"),
    "pt": ("Instruções", "Documento", "Pergunta", "Resposta", "Usuário", "Assistente"),
    "zh": ("说明", "文档", "问题", "回答", "用户", "助手"),
    "ja": ("指示", "資料", "質問", "回答", "利用者", "アシスタント"),
    "ru": ("Указания", "Документ", "Вопрос", "Ответ", "Пользователь", "Помощник"),
    "pl": ("Instrukcje", "Dokument", "Pytanie", "Odpowiedź", "Gość", "Asystent"),
}
# What changes from call to call besides the question.
STAMPS: Final = (
    "Date: 2026-11-03\nUser: Kim",
    "Today is Tuesday, 3 November 2026. It is 14:07.",
    "session=4f2a91 turn=6 locale=en-GB",
    "[request 20581, 09:31:22 UTC]",
    "Reader: new this week, asked twice before.",
    "Open file: notes.md, cursor at line 12",
)
REPLIES: Final = {
    "en": "The text settles that; see the part that I named.",
    "de": "Das steht in dem genannten Abschnitt.",
    "fr": "Le texte répond dans la partie citée.",
    "es": "El texto lo dice en la parte citada.",
    "pt": "O texto diz isso na parte citada.",
    "zh": "文中已有说明。",
    "ja": "資料のその箇所に書かれています。",
    "ru": "Об этом сказано в названном пункте.",
    "pl": "Mówi o tym wymieniony punkt.",
}


@dataclass
class Topic:
    """The blocks of one topic."""

    name: str
    lang: str
    rules: str = ""
    role: str = ""
    title: str = ""
    doc: str = ""
    asks: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)

    def label(self, index: int) -> str:
        """A word such as "Question" in the language of the topic."""
        return LABELS[self.lang][index]

    @property
    def role_line(self) -> str:
        """The long instructions on one line."""
        return ("" if self.lang in {"zh", "ja"} else " ").join(self.role.splitlines())


Layout = Callable[[Topic, list[str], random.Random], str]


def titled(t: Topic, between: str = "\n\n") -> str:
    """The document under its title."""
    return f"{t.title}{between}{t.doc}"


def halves(t: Topic) -> tuple[str, str]:
    """The document in two parts."""
    lines = t.doc.splitlines()
    middle = len(lines) // 2
    return "\n".join(lines[:middle]), "\n".join(lines[middle:])


def quoted(text: str) -> str:
    """The text as a quotation in Markdown."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def numbered(text: str) -> str:
    """The text with line numbers, as tools show files."""
    return "\n".join(f"{number:>4}  {line}".rstrip() for number, line in enumerate(text.splitlines(), 1))


def _json(t: Topic, asks: list[str], _: random.Random) -> str:
    one, two = json.dumps(t.role, ensure_ascii=False), json.dumps(t.doc, ensure_ascii=False)
    three = json.dumps(asks[0], ensure_ascii=False)
    return f'{{"instructions": {one},\n{MARK}"document": {two},\n{MARK}"question": {three}}}'


# Each makes a prompt of the blocks: the topic, questions in a changing order, and a source of chance with a seed.
LAYOUTS: Final[dict[str, Layout]] = {
    "paragraphs": lambda t, a, _: f"{t.role}\n\n⟂{t.doc}\n\n⟂{a[0]}",
    "rules, title": lambda t, a, _: f"{t.rules}\n\n⟂{titled(t)}\n\n⟂{a[0]}",
    "document first": lambda t, a, _: f"{t.doc}\n\n⟂{a[0]}",
    "title first": lambda t, a, _: f"{titled(t, chr(10))}\n\n⟂{a[0]}",
    "labels": lambda t, a, _: f"{t.role}\n\n⟂{t.label(1)}:\n{t.doc}\n\n⟂{t.label(2)}: {a[0]}",
    "labels, answer": lambda t, a, _: (
        f"{t.rules}\n\n⟂{t.label(1)}: {t.title}\n{t.doc}\n\n⟂{t.label(2)}: {a[0]}\n{t.label(3)}:"
    ),
    "tags": lambda t, a, _: (
        f"<instructions>\n{t.role}\n</instructions>\n⟂<document>\n<title>{t.title}</title>\n{t.doc}\n"
        f"</document>\n⟂<question>{a[0]}</question>"
    ),
    "tag of the document": lambda t, a, _: f"{t.role_line}\n\n⟂<doc>\n{t.doc}\n</doc>\n\n⟂{a[0]}",
    "tags, question first": lambda t, a, _: f"<question>\n{a[0]}\n</question>\n<document>\n{t.doc}\n</document>",
    "headings": lambda t, a, _: f"# {t.label(0)}\n\n{t.role}\n\n⟂# {t.title}\n\n{t.doc}\n\n⟂# {t.label(2)}\n\n{a[0]}",
    "small headings": lambda t, a, _: f"{t.rules}\n\n⟂### {t.title}\n{t.doc}\n\n⟂### {t.label(2)}\n{a[0]}",
    "rulers": lambda t, a, _: f"{t.role}\n\n---\n\n⟂{t.doc}\n\n---\n\n⟂{a[0]}",
    "capitals": lambda t, a, _: (
        f"=== {t.label(0).upper()} ===\n{t.role}\n⟂=== {t.label(1).upper()} ===\n{t.doc}\n"
        f"⟂=== {t.label(2).upper()} ===\n{a[0]}"
    ),
    "fence": lambda t, a, _: f"{t.rules}\n\n⟂```\n{t.doc}\n```\n\n⟂{a[0]}",
    "fence of a file": lambda t, a, _: f"`{t.title}`:\n\n```\n{t.doc}\n```\n\n⟂{a[0]}",
    "role": lambda t, a, _: f"{t.role}\n\n⟂{a[0]}",
    "role, label": lambda t, a, _: f"{t.role_line}\n⟂{t.label(4)}: {a[0]}",
    "role, same line": lambda t, a, _: f"{t.role_line} ⟂{a[0]}",
    "role, document, same line": lambda t, a, _: f"{t.role_line}\n⟂{titled(t, ': ')} ⟂{a[0]}",
    "reminder at the end": lambda t, a, _: f"{t.role}\n\n⟂{titled(t)}\n\n⟂{a[0]}\n\n{t.rules}",
    "question first": lambda t, a, _: f"{a[0]}\n\n{titled(t)}",
    "question first, labels": lambda t, a, _: f"{t.label(2)}: {a[0]}\n\n{t.label(1)}:\n{t.doc}",
    "role, question, document": lambda t, a, _: f"{t.role}\n\n⟂{a[0]}\n\n{titled(t, chr(10))}",
    "stamp first": lambda t, a, r: f"{r.choice(STAMPS)}\n\n{t.role}\n\n{t.doc}\n\n{a[0]}",
    "stamp in the middle": lambda t, a, r: f"{t.role}\n\n⟂{t.doc}\n\n⟂{r.choice(STAMPS)}\n\n{a[0]}",
    "conversation": lambda t, a, _: (
        f"{t.role}\n\n⟂{titled(t)}\n\n⟂{t.label(4)}: {a[0]}\n{t.label(5)}: {REPLIES[t.lang]}\n{t.label(4)}: {a[1]}"
    ),
    "two documents": lambda t, a, _: (
        f"{t.role}\n\n⟂{t.label(1)} 1\n{halves(t)[0]}\n\n⟂{t.label(1)} 2\n{halves(t)[1]}\n\n⟂{a[0]}"
    ),
    "two tags": lambda t, a, _: (
        f'{t.rules}\n⟂<source id="1">\n{halves(t)[0]}\n</source>\n⟂<source id="2">\n{halves(t)[1]}\n</source>\n⟂{a[0]}'
    ),
    "question alone": lambda _t, a, _: a[0],
    "questions alone": lambda _t, a, _: f"{a[0]}\n\n{a[1]}",
    "quotation": lambda t, a, _: f"{t.role}\n\n⟂{quoted(t.doc)}\n\n⟂{a[0]}",
    "line numbers": lambda t, a, _: f"{t.rules}\n\n⟂{t.title}\n{numbered(t.doc)}\n\n⟂{a[0]}",
    "no blank line": lambda t, a, _: f"{t.role}\n⟂{t.doc}\n⟂{a[0]}",
    "json": _json,
    "three quotes": lambda t, a, _: f'{t.rules}\n\n⟂"""\n{t.doc}\n"""\n\n⟂{a[0]}',
    "several questions": lambda t, a, _: f"{titled(t)}\n\n⟂- {a[0]}\n- {a[1]}\n- {a[2]}",
    "paragraphs of questions": lambda t, a, _: f"{t.role}\n\n⟂{t.doc}\n\n⟂{a[0]}\n\n{a[1]}",
    "context, task": lambda t, a, _: f"<context>\n{titled(t, chr(10))}\n</context>\n⟂<task>{a[0]}</task>",
    "context, task, constraints": lambda t, a, _: (
        f"<context>\n{t.title}\n\n{t.doc}\n</context>\n\n⟂<task>\n{a[0]}\n</task>\n\n<constraints>\n{t.rules}\n</constraints>"
    ),
    "task, context": lambda t, a, _: f"<task>{a[0]}</task>\n\n<context>\n{t.doc}\n</context>",
    "everything": lambda t, a, r: (
        f"{t.role}\n\n{t.rules}\n\n⟂## {t.title}\n\n{t.doc}\n\n⟂## {t.label(2)}\n\n{r.choice(STAMPS)}\n\n{a[0]}"
    ),
}


def topics() -> Iterator[Topic]:
    """The topics, in the order of the files."""
    for path in sorted((HERE / "blocks").glob("*.txt")):
        for part in re.split(r"^@@topic ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            head, _, body = part.partition("\n")
            name, lang = head.split()
            topic = Topic(name, lang)
            if body.startswith("%%"):
                topic.whole = [text.strip("\n") for text in re.split(r"^%%\n", body, flags=re.MULTILINE)[1:]]
            else:
                _read_blocks(topic, body)
            yield topic


def _read_blocks(topic: Topic, body: str) -> None:
    for block in re.split(r"^@@", body, flags=re.MULTILINE)[1:]:
        head, _, text = block.partition("\n")
        kind, _, title = head.partition(" ")
        text = text.strip("\n")
        if kind == "doc":
            topic.title, topic.doc = title, text
        elif kind == "ask":
            topic.asks = text.splitlines()
        else:
            setattr(topic, kind, text)


def prompts() -> Iterator[dict[str, object]]:
    """The rows of the data set."""
    names = list(LAYOUTS)
    place = 0
    for topic in topics():
        chance = random.Random(topic.name)
        if topic.whole:
            made = [("by hand", text) for text in topic.whole]
        else:
            # Layouts go round over the topics, so that each stands in every part of the split.
            chosen = [names[(place + step) % len(names)] for step in range(OF_A_TOPIC)]
            place += OF_A_TOPIC
            made = []
            for turn, name in enumerate(chosen):
                shift = (turn + 2 * (turn // 5)) % len(topic.asks)
                made.append((name, LAYOUTS[name](topic, topic.asks[shift:] + topic.asks[:shift], chance)))
        for number, (layout, text) in enumerate(made, 1):
            yield row(topic, number, layout, text)


def row(topic: Topic, number: int, layout: str, marked: str) -> dict[str, object]:
    """A line of the data set; the marks become offsets in characters."""
    parts = marked.split(MARK)
    offsets, at = [], 0
    for part in parts[:-1]:
        at += len(part)
        offsets.append(at)
    return {
        "id": f"{topic.name}-{number:03}",
        "topic": topic.name,
        "layout": layout,
        "lang": topic.lang,
        "text": "".join(parts),
        "boundaries": offsets,
    }


def lines() -> str:
    """The content of the file."""
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in prompts())


if __name__ == "__main__":
    OUT.write_text(lines(), encoding="utf-8")
    print(f"{OUT.name}: {lines().count(chr(10))} prompts")
