"""Which human language a request is written in, and the words of each that the lists know."""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from optafly.cache import content_foreign_east, content_foreign_germanic, content_foreign_romance
from optafly.cache.content_lists import entries
from optafly.cache.content_stem import vocabulary, without_accents

_SCRIPTS: Final = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]{3}")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
_LETTERS: Final = re.compile(r"(?<![\w./-])[^\W\d_]{2,}(?![\w/])")
_CODE: Final = re.compile(r"`[^`]*`")
# Words that are common in one language and rare in the others.
_COMMON: Final[Mapping[str, frozenset[str]]] = MappingProxyType({
    language: frozenset(words.split())
    for language, words in {
        "en": """
            the a an is are to of in and for how do does i my what with on it this that why not from can you write
            explain fix make please without which when between use by be versus vs than into should all no find print
            list two file files test get add remove create delete set run change check show read only but if at so
            difference convert give me have has was will would could each all first last name line code
            """,
        "de": """
            der die das und ist nicht wie ich ein eine einen einer für mit auf von zu den dem was mir mein warum wo
            zwischen werden wird kann bitte im zum zur beim sich oder bei sind nur ohne aus wenn noch schreibe schreib
            erkläre alle welche gibt man soll als eines über wieso nach bis vor unter unterschied du dass einem einer
            eines
            kannst sollte umwandeln per jede jeder jedes welcher welches zwei wann erklär mal sind hat durch diese
            dieser
            schreiben prüfen löschen
            """,
        "fr": """
            le la les des du est une un pour dans avec sur que qui comment pourquoi ce cette mon ma et ou je il fichier
            entre sans pas moi au aux qu écris explique cela ça ne se quel quelle sont différence défaut tous toutes
            dois peut faire faut par chaque
            """,
        "es": """
            el los las del una un para con por qué cómo que en mi es cuál entre sin al como esto este esta la
            archivo hago puedo se lo función explica de escribe diferencia cuándo
            """,
        "pt": """
            os da um uma para com por que como em meu não é ou entre sem ao isso este esta arquivo faço posso
            se num no na dos das explique função de escreva diferença
            """,
        "it": """
            il lo gli della del un una per con che come mio non è tra senza questo questa funzione perché di da
            si spiegami codice sono nel su al dei le scrivi differenza
            """,
        "nl": """
            de het een niet hoe ik van voor met op te wat mijn waarom tussen zonder dit dat bestand naar leg uit
            eens alle schrijf verschil
            """,
        "pl": """
            jak nie jest to w na dla czy co mój się plik przez od bez popraw różnica między ze dlaczego napisz
            """,
        "tr": "bir ve nasıl için bu ne ile mi değil dosya neden olarak gibi bunu düzelt arasındaki fark yaz",
        "sv": "och att det är hur jag en ett för med inte på den vad av till som fixa här mellan utan skriv skillnaden",
    }.items()
})  # fmt: skip


class Guess(NamedTuple):
    """A language (ISO 639-1), and whether the text alone is enough to say so."""

    language: str
    sure: bool


def guess_language(text: str) -> Guess:
    """The language by script, or by common words; "en", unsure, where nothing speaks for any."""
    if not text.isascii():
        for language, script in _SCRIPTS:
            if script.search(text):
                return Guess(language, True)
    found = _LETTERS.findall(_CODE.sub(" ", text).lower())
    scores = {language: sum(word in common for word in found) for language, common in _marks().items()}
    best = max(scores, key=lambda language: (scores[language], language == "en"))
    second = max(score for language, score in scores.items() if language != best)
    if scores[best] == 0 or (best != "en" and scores[best] <= scores["en"]):
        return Guess("en", False)
    if best != "en" and scores[best] == 1 and len(found) > 5:
        return Guess("en", False)
    # One word says enough in a short text if it is a common one.
    enough = 1 if len(found) <= 5 and any(word in _COMMON[best] for word in found) else 2
    return Guess(best, scores[best] - second >= enough)


@cache
def _marks() -> Mapping[str, frozenset[str]]:
    """The words that speak for a language: the common ones, and those of its list that are not English as well."""
    english = vocabulary()
    return MappingProxyType(
        {
            language: common | {word for word in foreign(language) if word not in english}
            for language, common in _COMMON.items()
        }
    )


def foreign(language: str) -> Mapping[str, str]:
    """Words of a language to the English word that stands for them in the lists, or to "stop"; none for English."""
    return _tables().get(language, {})


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    lists = {**content_foreign_germanic.WORDS, **content_foreign_romance.WORDS, **content_foreign_east.WORDS}
    return MappingProxyType({language: MappingProxyType(_table(lines)) for language, lines in lists.items()})


def _table(lines: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for english, words in entries(lines):
        for word in words:
            table.setdefault(word, english)
            table.setdefault(without_accents(word), english)
    return table
