"""Closed word classes of English requests; forms are looked up by stem where a list is marked as of stems."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CONTRACTIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "can't": ("can", "not"), "cannot": ("can", "not"), "won't": ("will", "not"), "shan't": ("shall", "not"),
    "ain't": ("be", "not"), "let's": ("let", "us"), "what's": ("what", "is"), "who's": ("who", "is"),
    "where's": ("where", "is"), "when's": ("when", "is"), "how's": ("how", "is"), "why's": ("why", "is"),
    "that's": ("that", "is"), "there's": ("there", "is"), "here's": ("here", "is"), "it's": ("it", "is"),
    "he's": ("he", "is"), "she's": ("she", "is"), "i'm": ("i", "am"), "y'all": ("you",), "'cause": ("because",),
    "cant": ("can", "not"), "wont": ("will", "not"), "dont": ("do", "not"), "doesnt": ("does", "not"),
    "didnt": ("did", "not"), "isnt": ("is", "not"), "arent": ("are", "not"), "wasnt": ("was", "not"),
    "werent": ("were", "not"), "hasnt": ("has", "not"), "havent": ("have", "not"), "hadnt": ("had", "not"),
    "shouldnt": ("should", "not"), "wouldnt": ("would", "not"), "couldnt": ("could", "not"),
    "mustnt": ("must", "not"), "neednt": ("need", "not"), "whats": ("what", "is"), "thats": ("that", "is"),
    "hows": ("how", "is"), "wheres": ("where", "is"), "whos": ("who", "is"), "theres": ("there", "is"),
    "im": ("i", "am"), "ive": ("i", "have"), "youre": ("you", "are"), "theyre": ("they", "are"),
    "gonna": ("going", "to"), "wanna": ("want", "to"), "gotta": ("have", "to"), "gimme": ("give", "me"),
    "lemme": ("let", "me"), "w/": ("with",), "w/o": ("without",), "wo": ("without",), "w/out": ("without",),
    "b/c": ("because",), "b/w": ("between",), "vs": ("versus",), "vs.": ("versus",), "v/s": ("versus",),
    "pls": ("please",), "plz": ("please",), "thx": ("thanks",), "ty": ("thanks",), "u": ("you",), "ur": ("your",),
    "abt": ("about",), "bc": ("because",), "btw": (), "imo": (), "afaik": (), "idk": (), "tbh": (),
    "wich": ("which",), "teh": ("the",), "hte": ("the",), "wehn": ("when",), "wat": ("what",), "waht": ("what",),
    "adn": ("and",), "nad": ("and",), "taht": ("that",), "tihs": ("this",), "hwo": ("how",), "wihtout": ("without",),
    "woudl": ("would",), "shoud": ("should",), "coudl": ("could",), "thier": ("their",), "evry": ("every",),
    "frist": ("first",), "lsat": ("last",), "fiel": ("file",), "yuo": ("you",), "jsut": ("just",), "olny": ("only",),
    "thru": ("through",), "tho": ("though",), "cuz": ("because",), "cos": ("because",), "gotten": ("got",),
})  # fmt: skip
# What stands behind an apostrophe, and the word it is short for.
APOSTROPHES: Final[Mapping[str, str]] = MappingProxyType({
    "ll": "will", "ve": "have", "re": "are", "d": "would", "m": "am", "s": "",
})  # fmt: skip

# Words that say nothing about what the answer must be.
STOP: Final = frozenset(
    """
    a an the this that these those it its they them their there here i me my mine we us our ours you your yours he she
    one ones someone somebody something anything thing things stuff oneself itself myself yourself themselves
    be am is are was were been being have has had having do does did done doing can could may might shall should will
    would must ought need needs want wants like liked let lets get gets getting got give gives given make makes made
    and or but nor so if then else than as of to in on at by for from with into onto about via per upon within
    up out off over under out through across along around between among toward against
    who whom whose which what when where why how whether
    also too only very really quite rather pretty even still already yet again ever simply basically actually
    really maybe perhaps possibly somehow kind sort bit little lot lots much many more most some such other
    another own both well right now please kindly thanks thank hi hello hey ok okay um uh er oh yo dear greetings cheers
    way ways means order case cases example examples thing use used uses using usage
    tell show explain know wonder wondering help question ask curious quick quickly briefly short
    say says saying said mean means meant call called calls look looks looking seem seems
    want wanted wish would'd love try trying tried hope need needed
    able possible possibly could going go goes gonna
    good nice great proper properly correct correctly idiomatic easiest easy simple simplest
    there's while because since though now once currently sometimes occasionally although however therefore etc eg ie
    e.g i.e
    d ll s t ve re m
    """.split()
)
FILLERS: Final = frozenset(
    """
    please pls plz kindly thanks thank thx hi hello hey ok okay um uh er oh yo dear greetings cheers basically actually
    just simply maybe somehow like well so really quick quickly question wondering wonder curious again anyway honestly
    folks guys everyone morning afternoon evening advance appreciate appreciated grateful sorry btw
    """.split()
)
NEGATIONS: Final = frozenset(
    "not no never without none neither nor nothing nobody nowhere cannot except excluding non".split()
)
# Words that carry a negation in them, by key: where one is, the other text may say it with "not".
NEGATIVE: Final = frozenset(
    """
    avoid prevent skip ignore omit exclude lack miss fail refuse forbid stop disable unless instead lose free empty only
    keep leave wrong dead finish rest else blank null invalid remove drop cancel hide inside idle missing absent
    automatic except apart bad default
    """.split()
)
NEGATIVE_PREFIXES: Final = ("un", "non", "in", "im", "ir", "dis", "no")
LIMITS: Final = frozenset("only solely exclusively merely nothing".split())
QUANTIFIERS: Final[Mapping[str, str]] = MappingProxyType({
    "all": "all", "every": "all", "each": "all", "everything": "all", "everybody": "all", "everyone": "all",
    "entire": "all", "whole": "all", "any": "any", "either": "any", "anybody": "any", "anyone": "any",
    "none": "none", "single": "#1", "several": "several", "few": "several", "multiple": "several",
    "some": "several", "both": "both", "most": "most", "many": "several",
})  # fmt: skip
ORDINALS: Final[Mapping[str, str]] = MappingProxyType({
    "first": "1st", "1st": "1st", "second": "2nd", "2nd": "2nd", "third": "3rd", "3rd": "3rd", "fourth": "4th",
    "4th": "4th", "fifth": "5th", "5th": "5th", "sixth": "6th", "tenth": "10th", "10th": "10th", "last": "last",
    "final": "last", "latest": "newest", "newest": "newest", "oldest": "oldest", "earliest": "oldest", "next": "next",
    "previous": "previous", "prior": "previous", "preceding": "previous", "following": "next", "nth": "nth",
})  # fmt: skip
TIMES: Final[Mapping[str, str]] = MappingProxyType({
    "today": "today", "yesterday": "yesterday", "tomorrow": "tomorrow", "tonight": "tonight", "daily": "daily",
    "nightly": "nightly", "weekly": "weekly", "hourly": "hourly", "monthly": "monthly", "yearly": "yearly",
    "annually": "yearly", "quarterly": "quarterly", "weekday": "weekday", "weekend": "weekend", "weekdays": "weekday",
    "weekends": "weekend", "monday": "monday", "mondays": "monday", "tuesday": "tuesday", "wednesday": "wednesday",
    "thursday": "thursday", "friday": "friday", "fridays": "friday", "saturday": "saturday", "sunday": "sunday",
    "sundays": "sunday", "january": "january", "february": "february", "march": "march", "april": "april",
    "june": "june", "july": "july", "august": "august", "september": "september", "october": "october",
    "november": "november", "december": "december", "midnight": "midnight", "noon": "noon", "morning": "morning",
    "evening": "evening", "afternoon": "afternoon", "forever": "permanent", "permanent": "permanent",
    "permanently": "permanent", "temporary": "temporary", "temporarily": "temporary", "twice": "twice",
    "always": "always", "periodically": "periodic", "am": "", "pm": "pm",
})  # fmt: skip
QUESTION_OPENERS: Final = frozenset(
    """
    what which who whom whose when where why how is are am was were do does did can could should would will shall may
    must has have whats hows wheres whos
    was wie warum wieso weshalb welche welcher welches wann wo wer kann soll ist sind gibt
    que qué cómo como cuál cuándo cuando dónde por quién es puedo
    comment pourquoi quand où quel quelle quels quelles est quoi qu
    come perché quando dove quale cosa che
    hoe wat waarom wanneer waar welke
    как что почему когда где какой какая какие зачем
    quais qual onde porque
    jak co dlaczego kiedy czy
    """.split()
)
# Words between two things that cannot be exchanged, by the relation they say.
RELATIONS: Final[Mapping[str, str]] = MappingProxyType({
    "to": "to", "into": "to", "onto": "to", "from": "from", "before": "before", "after": "after", "than": "than",
    "over": "over", "under": "under", "without": "without", "except": "without", "instead": "instead", "above": "above",
    "below": "under", "inside": "inside", "against": "against", "behind": "behind", "via": "via", "through": "via",
})  # fmt: skip
PREPOSITIONS: Final = RELATIONS.keys() | frozenset("of in on with as for by at off out outside between per".split())
