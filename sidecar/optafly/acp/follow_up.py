"""Whether a prompt that follows others says by itself what it is about.

One that goes on with what was said ("now do the same for the other file") means nothing without it, and who reads the
conversation understands it best as it is. Only a prompt that names a thing of the project, and points at nothing, is
refined; whatever is in doubt is left alone.
"""

import re
from typing import Final

_FEWEST_WORDS: Final = 4
_LONGEST: Final = 20_000
"""Characters: in what is longer everything is named, and such words mean little."""
# A path or file name, code in backticks, or a name as code has them.
_NAMES: Final = re.compile(
    r"`[^`\s][^`]*`"
    r"|(?<![\w/.-])(?:[\w.-]+/)+[\w.-]*\w"
    r"|(?<![\w.-])[\w-]+\.[A-Za-z][A-Za-z0-9]{0,4}(?![\w.])"
    r"|(?<!\w)(?:[A-Za-z]\w*_\w+|_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*)(?!\w)"
    r"|(?<![\w.])[A-Za-z_][\w.]*\(\)"
)
_WORDS: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# Scripts that the words below are not for.
_OTHER_SCRIPTS: Final = re.compile(r"[\u0370-\u1dff\u2e80-\ud7ff\uf900-\uffdc]")
# What points at what was said before.
_POINTING: Final = frozenset(
    """
    this that these those it its it's them they their he she there here such same again also too else other others
    another instead either neither both rest remaining likewise similarly similar former latter previous previously
    before earlier above below last next first second third one ones now then still yet already more less further back
    continue proceed keep undo revert redo retry you your yours yourself we our us rather otherwise

    das dies diese diesem diesen dieser dieses es sie ihn ihm ihr dort hier da selbe selben dasselbe dieselbe gleiche
    gleichen nochmal nochmals noch wieder auch andere anderen anderer anderes stattdessen vorher vorherige vorherigen
    oben unten jetzt nun dann weiter du deine deinen dein wir

    ça cela ceci ce cet cette ces celui celle il elle ils elles même mêmes autre autres aussi encore maintenant puis
    ensuite plutôt tu ton ta tes vous votre

    eso esto ese esa este esta lo misma mismo mismos otra otro otros también ahora luego entonces tú isso isto esse essa
    ele ela mesmo mesma outro outra também agora depois

    questo questa quello quella stesso stessa altro altra anche ancora adesso ora poi

    dit dat deze die het hetzelfde dezelfde ander andere ook nog nu dan
    """.split()
)
# What goes on with it, at the beginning.
_STARTS: Final = frozenset(
    """
    and but or so because actually yes yeah yep no nope ok okay right correct wrong exactly sure thanks thank great good
    nice perfect hmm well except go ja nein und oder aber sondern danke so gut et ou mais oui non merci y e o u pero sí
    no sim não mas obrigado gracias sì ma grazie en of maar nee dank
    """.split()
)


def stands_for_itself(text: str) -> bool:
    """Whether a prompt that follows others may be refined by itself."""
    if len(text) > _LONGEST or _OTHER_SCRIPTS.search(text) or _NAMES.search(text) is None:
        return False
    # In what is quoted such words mean nothing.
    rest, names = _NAMES.subn(" ", text)
    words = [word.lower().replace("’", "'") for word in _WORDS.findall(rest)]
    goes_on = bool(words) and words[0] in _STARTS
    return len(words) + names >= _FEWEST_WORDS and not goes_on and _POINTING.isdisjoint(words)
