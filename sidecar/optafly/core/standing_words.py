"""The words of `optafly.core.standing`: patterns in several languages, for requests without politeness."""

import re
from typing import Final


def _words(table: str) -> re.Pattern[str]:
    """One of these lines, as whole words."""
    return re.compile(rf"\b(?:{'|'.join(table.split(chr(10)))})(?!\w)", re.IGNORECASE)


ASKS_WHAT: Final = re.compile(
    r"\b(?:vs\.?|versus|differ\w*|what (?:is|are)|what's|was (?:ist|sind)|unterschied|qu'est-ce qu\w*|qué es|o que é|"
    r"(?:che )?cos'è|что такое|що таке|co to jest|wat is|nedir|what does \S+ mean)(?!\w)|"
    r"什么是|是什么|区别|とは|뭐야|क्या (?:है|होता)",
    re.IGNORECASE,
)
DEFINES: Final = re.compile(r"^什么是(?!这|那|它)|^(?!これ|それ|この)[^\s、]{2,}とは")
"""The network knows little of these languages; nothing is left to it where a definition is asked for."""
ASKS_HOW: Final = re.compile(
    r"^(?:(?:and|so|hi|hey|hello)\b[ ,]*)*(?:how (?:do|can|could|would|should|does|to)\b|"
    r"what is the (?:command|way) to|wie (?:kann|geht|macht|\w+e) (?:ich|man)\b|"
    r"comment (?:peut|puis|faire|je|on|\w+(?:er|ir|dre|tre))\b|¿?cómo\b|como (?:eu|faço|posso|\w+r)\b|"
    r"come (?:si|posso|faccio|\w+o)\b|как\b|hoe\b|jak\b|nasıl\b|怎么|如何)",
    re.IGNORECASE,
)
GIT: Final = _words("rebase|squash|stash|cherry-pick|bisect|reflog|worktrees?|submodules?")
COMMON_GIT: Final = _words(r"git|commits?|branch(?:es)?|merge conflicts?|коммит\w*|ветк\w+")
"""Where it is asked how, these are those of git, whose answer is the same in every repository."""

CHECKS_THAT: Final = re.compile(
    r"^(?:check|test|verify|prove|show|assert|make sure|ensure) (?:\w+ )?that ", re.IGNORECASE
)
"""This "that" points at nothing."""
RELATIVE_CE: Final = re.compile(r"\b(?:qu')?est-ce (?:que\b|qu'|qui\b)|\bce (?:que\b|qu'|qui\b)", re.IGNORECASE)
"""Neither does this French "ce"."""
SHOWN: Final = re.compile(r"\n|[\"“«„「][^\"”»“」]{8,}|`[^`]{8,}`|:\s*\S+.*[{}=;]")
LINE_NUMBER: Final = re.compile(r"\b(?:lines?|zeilen?|lignes?|línea|linha|riga|строк\w+)\s+\d+\b", re.IGNORECASE)
IT: Final = _words("it|its|them|they")
HERE: Final = _words("hier|ici|aquí|aqui|здесь|тут|here")
DEMONSTRATIVE: Final = re.compile(
    r"\b(?:this|these|dies(?:e[nrsm]?)?|cette|cet|ces|est[ea]s?|es[ea]s?|quest[aoei]|deze|dit|эт(?:а|от|у|ой|о|их|и))\s+"
    r"(?!(?:hours?|days?|heures?|jours?|stunden?|way|case|order|kind|sort)\b)[^\W\d_]{3,}",
    re.IGNORECASE,
)
"""With a noun. English "that" is left out, it is more often a conjunction."""
ABOVE: Final = _words(
    r"""
(?:line|error|message|query|code|text|class|function|method|test|example|output|trace|answer|log)s? (?:above|below)
(?:fehler|meldung|zeile|funktion|klasse|methode|abfrage|text|ausgabe|code) (?:oben|unten|darüber|darunter)
(?:obige|untige)[nrsm]?
ci-(?:dessus|dessous)
de (?:arriba|abajo)
(?:qui|di) (?:sopra|sotto)
(?:выше|ниже)
""".strip()
)
TO_YOU: Final = _words(
    r"""
your (?:\w+ )?(?:solution|variant|version|answer|example|suggestion|code|approach|proposal|plan|change|edit)
(?:as|like|what|which) you (?:had|wrote|said|did|made|proposed|suggested)
(?:what|as) i (?:told|asked|said to) you
what did we (?:decide|discuss|say|agree)\w*
""".strip()
)
"""Said to somebody who has answered before."""
FOLLOWS: Final = re.compile(
    r"^(?:now|and|but|then|also|again|jetzt|nun|und|aber|nochmal|et|mais|maintenant|encore|y|pero|ahora|otra vez|e|ma|"
    r"ora|ancora|а|и|но|теперь|ещё|mas|agora|en nu|maar)\b|"
    r"\b(?:instead|stattdessen|à la place|en su lugar|invece|вместо этого|em vez disso|nochmal|noch einmal)$|"
    r"^(?:(?:do|is it|is|does|use|apply|it's|mach|fais|haz|fai) )?(?:the same|the other way|das ?gleiche|dasselbe|"
    r"la même chose|le même|lo mismo|lo stesso|o mesmo|то же)\b",
    re.IGNORECASE,
)
"""Said after something else."""
OF_WHAT: Final = re.compile(r"^what(?: is|'s) the (?:difference|problem|point|reason|cause)$", re.IGNORECASE)
WHY_IT_FAILS: Final = re.compile(
    r"^(?:but |und |et )?(?:why|warum|wieso|weshalb|pourquoi|¿?por ?qu[eé]|perché|почему|waarom|dlaczego|neden)\b.*"
    r"\b(?:fail\w*|broken?|breaks?|crash\w*|not work\w*|fehl|kaputt|klappt|funktionier\w+|geht|échoue\w*|marche\w*|"
    r"plante\w*|fonctionne\w*|falla\w*|funciona\w*|funziona\w*|fallisce|работает|падает|werkt|çalışmıyor)(?!\w)",
    re.IGNORECASE,
)
_ACRONYM: Final = re.compile(r"\b[A-Z][A-Z0-9]{1,6}\b")
_OF_ANY_PROJECT: Final = frozenset(
    "TODO TODOS FIXME PR PRS CI README API UI DB OK ASAP WIP NOT AND OR ID IDS URL II".split()
)


def names_acronym(text: str) -> bool:
    """Whether an acronym says what is meant, as in "explain RAII"; every project has its own CI, API and README."""
    return text.upper() != text and any(word not in _OF_ANY_PROJECT for word in _ACRONYM.findall(text))
