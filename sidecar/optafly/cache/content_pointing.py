"""Requests that mean something only in a conversation or in front of an open file."""

from typing import Final

from optafly.cache.content_stem import stem
from optafly.cache.content_tokens import Reading, Token

_POINTING: Final = frozenset(
    """
    this that these those it them here there above below again former latter
    dies das diese dieses dieser diesen hier esto eso este esta ese esa aquí lo ceci cela ça ce cet cette ces ici truc
    questo questa quello quella qui isso isto esse essa aqui deze dit dat hier это этот эта эту здесь тут то tego ten tę
    これ この ここ それ その 这个 这 那个 那 这里 上面 이거 이것 여기
    """.split()
)
# Mostly these stand for something in the text itself.
_WEAK: Final = frozenset("it them here there again below los lo las les la le del".split())
_DEFINITE: Final = frozenset(
    """
    the my your our der die das den dem mein meine meinen unser dein le la les mon ma mes ton tes notre el los las mi
    mis tu
    o a os as meu minha il lo gli mio mia de het mijn мой мою твой
    """.split()
)
# Said only to somebody who has answered before.
_CONVERSATION: Final = frozenset(
    """
    you said|you just|you suggested|you wrote|you made|you left|your last|your previous|your answer|your suggestion
    |your edit|your version|go ahead|go on|carry on|the other way|as before|like before|what about|and now|try again
    |once more|next step|plan b|no, |nope|that one|the first one|the second one|the last one|the other one|mach weiter
    |weiter so|noch mal|nochmal|continúa|continua|continue avec|vas-y|续|続けて|продолжай
    """.replace("\n", " ").split("|")
)
_STARTS: Final = frozenset(
    "now but and then ok okay yes no nope hmm also instead shorter longer again continue proceed weiter jetzt".split()
)
# Things and deeds of any project: who says nothing else means those that are at hand.
_COMMONPLACE: Final = frozenset(
    stem(word)
    for word in """
    code function method class file line error bug test thing one part script query problem issue snippet module page
    component output result message exception warning change diff text stuff block section loop table build pipeline ci
    readme changelog comment docstring documentation todo typo conflict merge branch commit pull request pr project repo
    repository version argument parameter option name variable import dependency package log output input list index
    type
    hint annotation interface config configuration setting setup job pod container image deploy deployment server app
    application endpoint handler schema migration trace stack dockerfile makefile suggestion edit step point idea plan
    solution answer question example piece item entry element row column field value number paragraph sentence word
    fix repair correct solve resolve help explain describe review check test run rerun retry try add remove delete drop
    rename move extract inline split refactor clean simplify improve optimize speed update upgrade bump change edit
    modify
    rewrite write create make put take use show print list find look search tell document commit push undo revert
    restart
    continue finish complete implement convert translate summarize shorten break fail crash work happen mean need get
    give
    leave keep open close apply revise proofread format
    failing failed broken red green wrong slow fast short long big small new old current selected last first second
    third
    next previous other remaining unused public private staged open missing empty better best clean simple right good
    today yesterday now just again instead also more less all every any some only still once caller callee reason cause
    thread safe ok fine todos left edge shorter longer faster larger smaller nicer accordingly additional extra outside
    inside keep go approach name noun log statement selected suite button english german french
    point staged work locally failure mismatch expected unexpected happen complain borrow checker moment
    fehler funktion klasse datei zeile test code problem frage korrigieren aufräumen erklären error función archivo
    código
    corrige arregla explica fonction fichier erreur corriger explique errore funzione erro função arquivo ошибка исправь
    код функцию explicar
    """.split()
)
_MOST_TOKENS: Final = 16
_MOST_NAMED: Final = 2
_FEW: Final = 7
_EXACT_KINDS: Final = frozenset({"identifier", "path", "flag", "version", "code"})


def points_outside(reading: Reading) -> bool:
    """Whether a request says too little to be understood alone: "fix this", "why is the build red", "go ahead"."""
    tokens = reading.tokens
    lowers = [token.text.lower() for token in tokens]
    if not tokens:
        return True
    strong = not (_POINTING - _WEAK).isdisjoint(lowers)
    kinds = {token.kind for token in tokens}
    if kinds & _EXACT_KINDS or len(tokens) > _MOST_TOKENS or ("name" in kinds and not (strong and len(tokens) <= _FEW)):
        return False
    text = " ".join(lowers)
    if lowers[0] in _STARTS or any(phrase.strip() in text for phrase in _CONVERSATION):
        return len(_named(tokens)) <= _MOST_NAMED
    if strong:
        return len(_named(tokens)) <= (_MOST_NAMED if len(tokens) <= _FEW else 1) and not _defines(lowers[:4])
    if not _POINTING.isdisjoint(lowers):
        return not _named(tokens)
    return not _named(tokens) and (not _DEFINITE.isdisjoint(lowers) or len(tokens) <= 2) and not _defines(lowers)


def _named(tokens: tuple[Token, ...]) -> list[Token]:
    """Tokens that say which thing is meant."""
    return [
        token
        for token in tokens
        if token.role in {"content", "time"}
        and token.kind in {"word", "symbol"}
        and stem(token.text.lower()) not in _COMMONPLACE
        and token.text.lower() not in _POINTING
    ]


def _defines(lowers: list[str]) -> bool:
    return bool({"a", "an", "versus", "vs", "between"} & set(lowers))
