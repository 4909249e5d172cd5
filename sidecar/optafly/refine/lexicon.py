"""Closed word lists: verbs by intent, words that point, markers of expectation and of scope, words that say nothing.

Kept apart from the logic so that a language can be added without touching it. Matching is on lower-case whole words.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

Intent = Literal[
    "fix", "optimize", "implement", "refactor", "test", "explain", "document", "review", "migrate", "other"
]

# Most specific first: of two intents that both match at the same place, the earlier one is meant.
INTENT_PHRASES: Final[Mapping[Intent, tuple[str, ...]]] = MappingProxyType({
    "test": (
        "write tests", "write a test", "write unit tests", "add tests", "add a test", "add unit tests", "unit test",
        "cover with tests", "test coverage", "needs tests", "need tests", "write some tests", "add some tests",
        "test this", "test cases for", "schreib tests", "schreibe tests", "escribe pruebas", "écris des tests",
        "テストを書", "写测试", "more tests", "tests for", "escribe tests", "ajoute des tests", "ajoute un test",
        "füge tests hinzu", "добавь тесты", "напиши тесты", "テスト追加",
    ),
    "document": (
        "document", "docstring", "docstrings", "javadoc", "jsdoc", "rustdoc", "add comments", "write docs", "add docs",
        "comment this", "add documentation", "write documentation", "dokumentiere", "documenta", "documente",
        "write a readme", "docs for", "kommentiere", "documentar", "ドキュメント", "文档",
    ),
    "review": (
        "review", "code review", "critique", "look over", "check this over", "any issues", "anything wrong with",
        "überprüfe", "prüfe", "revisa", "relis", "レビュー", "reviewe", "审查", "проверь", "for bugs", "for problems",
        "second opinion", "feedback on",
    ),
    "migrate": (
        "migrate", "port", "upgrade", "convert", "switch to", "move to", "switch from", "migriere", "migra", "migrer",
        "bump", "移行", "migra a", "迁移",
    ),
    "optimize": (
        "optimize", "optimise", "faster", "quicker", "speed up", "speed this up", "slow", "performance",
        "too much memory", "less memory", "performant", "efficient", "schneller", "langsam", "optimiere", "optimiza",
        "más rápido", "lento", "optimiser", "plus rapide", "最適化", "速く", "遅い", "bottleneck", "slower", "hot path",
        "lent", "lente", "takes too long", "takes forever", "too many queries", "reduce the number of", "fewer queries",
        "seconds to", "minutes to", "优化", "太慢", "оптимизируй", "медленно", "ottimizza", "otimiza", "重い",
        "accélère",
    ),
    "refactor": (
        "refactor", "clean up", "cleanup", "clean this up", "simplify", "tidy", "restructure", "extract", "split",
        "rename", "deduplicate", "dedupe", "dry this", "more readable", "readable", "inline", "move", "aufräumen",
        "vereinfache", "refactoriza", "simplifica", "simplifie", "nettoie", "リファクタ", "重构", "decouple",
        "duplicated code", "duplicate code", "copy paste", "copy-paste", "räum auf", "räume auf", "refaktorisiere",
        "refaktoriere", "refactorise", "整理して", "отрефактори", "упрости", "semplifica",
    ),
    "explain": (
        "explain", "what does", "what is", "what are", "what's this", "whats this", "how does", "how do", "why does",
        "why is", "understand", "walk me through", "what happens", "erkläre", "erklär", "was macht", "wie funktioniert",
        "explica", "qué hace", "explique", "que fait", "説明", "解释", "describe", "going on", "wtf", "where is",
        "where are", "where do", "where does", "purpose of", "meaning of", "what do", "make sense of", "was ist",
        "explícame", "explicame", "explique-moi", "à quoi sert", "что делает", "объясни", "spiega", "教えて",
        "什么意思",
    ),
    "fix": (
        "fix", "bug", "broken", "breaks", "broke", "crash", "crashes", "crashed", "crashing", "wrong", "error",
        "errors", "fails", "fail", "failing", "failed", "failure", "doesn't work", "doesnt work", "not working",
        "does not work", "panics", "panic", "exception", "throws", "repair", "resolve", "debug", "leak", "leaks",
        "hangs", "hang", "stuck", "flaky", "correct", "incorrect", "missing", "dies", "stops", "drops", "gone",
        "warning", "regression", "behebe", "repariere", "korrigiere", "fehler", "kaputt", "arregla", "corrige",
        "se cuelga", "falla", "corriger", "répare", "erreur", "plante", "直して", "修正", "バグ", "エラー", "修复",
        "исправь", "исправить", "почини", "ошибка", "doppelt", "en boucle", "二重", "overwrites", "ignores", "segfault",
        "segfaults", "null", "undefined", "none", "deadlock", "race", "freezes", "doesn't", "doesnt", "can't", "cant",
        "isn't", "isnt", "never", "outdated", "leaves out", "does nothing", "nothing happens", "off by one",
        "off-by-one", "typo", "typos", "work again", "stopped working", "won't", "wont", "blows up",
        "funktioniert nicht", "geht nicht", "stürzt ab", "no funciona", "ne marche pas", "ne fonctionne pas", "cassé",
        "correggi", "non funziona", "corrija", "não funciona", "動かない", "报错", "不工作", "не работает", "падает",
    ),
    "implement": (
        "implement", "add", "create", "build", "support", "introduce", "write", "make", "needs", "need", "should",
        "must", "allow", "enable", "handle", "füge", "hinzufügen", "implementiere", "baue", "añade", "agrega", "crea",
        "implementa", "ajoute", "ajouter", "crée", "implémente", "追加", "実装", "添加", "实现", "добавь", "change",
        "replace", "remove", "delete", "use", "update", "set", "print", "return", "show", "let", "give", "keep", "want",
        "only take", "erstelle", "agregar", "añadir", "adiciona", "aggiungi", "作って", "создай", "сделай", "新增",
    ),
})  # fmt: skip

# What no fixed phrase can say: verbs with their object some words away.
INTENT_SHAPES: Final[Mapping[Intent, str]] = MappingProxyType({
    "test": r"\b(?:write|add|create|generate|needs?|want)\s+(?:(?!(?:to|for|that|in|of|so|and)\b)\w+\s+){0,3}tests?\b",
    "document": r"\b(?:write|add|create|update|improve|needs?)\s+(?:(?!(?:to|for|that|in|of|so|and)\b)\w+\s+){0,2}"
    r"(?:docs|documentation|docstrings?|readme|jsdoc|javadoc)\b",
    "refactor": r"\b(?:remove|reduce|get\s+rid\s+of)\b[^.?!\n]{0,20}"
    r"\b(?:duplication|repetition|boilerplate|dead\s+code)\b",
    "review": r"\b(?:is|does|do)\s+(?:this|that|it|my|the)\b[^.?!\n]{0,40}\b(?:ok|okay|fine|safe|idiomatic|sound)\b",
    "fix": r"\bmake\s+(?:it|this|that|the\s+\w+)\s+(?:work|pass)\b|\bmake\b[^.?!\n]{0,30}\bgo\s+away\b"
    r"|\b(?:gets?|getting|got|throws?|throwing)\b[^.?!\n]{0,24}(?:error|exception)\b",
})  # fmt: skip
# Nouns that are asked for when nothing else says what is wanted: "tests pls".
INTENT_NOUNS: Final[Mapping[str, Intent]] = MappingProxyType({
    "test": "test", "tests": "test", "coverage": "test", "pruebas": "test", "docs": "document", "readme": "document",
    "documentation": "document", "duplication": "refactor", "spaghetti": "refactor", "latency": "optimize",
})  # fmt: skip

# Verbs that say the intent outright: they win over symptoms wherever they stand.
STRONG_VERBS: Final[Mapping[str, Intent]] = MappingProxyType({
    "fix": "fix", "repair": "fix", "debug": "fix", "optimize": "optimize", "optimise": "optimize",
    "refactor": "refactor", "simplify": "refactor", "rename": "refactor", "explain": "explain", "document": "document",
    "review": "review", "migrate": "migrate", "implement": "implement", "port": "migrate", "upgrade": "migrate",
})  # fmt: skip
# Verbs that, as the first word, ask for something new whatever else is named: "add an upgrade button".
CREATING_VERBS: Final = frozenset(
    """
    add create build introduce support generate erstelle füge ajoute crée añade agrega crea aggiungi adiciona добавь
    создай
    """.split()
)
# Before one of these, a word that may be a verb is a noun: "the port", "a review".
DETERMINERS: Final = frozenset("the a an my our your on of in for each every der die das el la le un une".split())
POLITE: Final = frozenset(
    """
    please pls plz can could you we would like to just also now then hey hi hello ok kindly want need should lets let
    us ll go and so bitte por favor merci maybe help me
    """.split()
)

# Words that say that something is wrong, or with what it is checked, and not what it is.
SYMPTOMS: Final = (
    r"broken|breaks|broke|crash(?:es|ed|ing)?|wrong|fail(?:s|ed|ing)?|flaky|works?|working|tests?|correct|incorrect"
)

POINTING: Final = frozenset(
    """
    this these that those here it its thing stuff dies diese dieser dieses diesen hier das da esto
    este esta estos estas esa ese aquí aqui ceci cette cet ces ça cela ici questo questa qui isso isto это этот
    эта здесь тут
    """.split()
)
# The ones that mean what is on the screen; "it" may mean a thing just named.
STRONG_POINTING: Final = frozenset(
    """
    this these here dies diese dieser dieses diesen hier esto este esta aquí aqui ceci cette ici questo questa
    qui это здесь
    """.split()
)
POINTING_CJK: Final = ("これ", "この", "ここ", "それ", "その", "这个", "这里", "這個", "这段", "이거", "이것", "여기")

# Nouns that stand for something only the editor knows ("fix the bug").
GENERIC: Final = frozenset(
    """
    bug bugs error errors issue issues problem problems warning warnings failure crash exception code function
    functions method methods class classes file files line lines thing stuff part section block snippet module
    component fehler funktion klasse datei código error función archivo code fonction fichier erreur
    """.split()
)
GENERIC_CJK: Final = ("バグ", "エラー", "コード", "関数")

STOPWORDS: Final = frozenset(
    """
    a an and are as at be been being but by can could did do does doing done for from get gets got had has have
    how i if in into is just let like lot may me might my no nor not now of off ok on one only or our out over
    own please pls plz so some such than thanks thank thx the their them then there they to too up us use uses
    using very was way we well were what whats when where which while who why will with would yes you your youre
    im ive its it's dont don't doesnt doesn't cant can't isnt isn't wont won't should must needs need want wants
    maybe somehow really still again also else ever every all any both each other more most much many few same
    about after before again once since until because bc cause cuz make makes made making seems seem looks look
    kinda sort think guess know help hey hi hello quick quickly asap sometimes always never whenever anymore
    today yesterday last currently instead give gives given der die das den dem ein eine einen und oder aber mit
    für auf von zu ist sind wird werden nicht kein keine wenn dass el la los las un una y o pero con para por de
    que es son se no en al del cuando le les des du et ou mais avec pour par est sont ne pas dans quand il elle
    faut going don doesn didn isn wasn aren won couldn shouldn wouldn hasn haven ll re ve
    """.split()
)

EXPECTATION: Final = (
    "should", "must", "has to", "have to", "needs to", "so that", "instead of", "instead", "rather than", "expected",
    "accept", "accepts", "return", "returns", "raise", "raises", "throw", "reject", "rejects", "allow", "keep",
    "ensure", "let", "no longer", "as well as", "when", "unless", "default", "at least", "at most", "without", "want",
    "soll", "muss", "debe", "doit", "que devuelva", "bleiben",
)  # fmt: skip
ACCEPTANCE: Final = (
    "done when", "done-when", "passes", "pass", "add a test", "add tests", "add one test", "add cases", "add a case",
    "cover", "acceptance", "green", "until", "verify", "succeeds", "exits with", "compile without", "compiles",
)  # fmt: skip
SCOPE: Final = (
    "only", "don't", "dont", "do not", "must not", "never", "keep", "leave", "without", "no other", "no new",
    "nothing else", "except", "not touch", "stays", "stay", "unchanged", "no change",
)  # fmt: skip
# What a failure is called, whatever is asked about it: "why is this failing".
FAILURES: Final = (
    "fail", "fails", "failing", "failed", "crash", "crashes", "crashing", "broken", "breaks", "broke", "error",
    "errors", "exception", "panic", "panics", "wrong", "red", "bug", "doesn't work", "doesnt work", "not working",
    "throws",
)  # fmt: skip
# Words before a name, and words behind one.
NAMING: Final = frozenset("the our in of for function method class struct module component called named to".split())
KINDS: Final = frozenset("function method class struct module component test tests handler endpoint".split())
NEGATIONS: Final = frozenset(
    """
    no not never without dont doesnt didnt cant cannot wont wouldnt isnt wasnt arent shouldnt couldnt mustnt hasnt
    havent nothing none neither nor except stop avoid nicht kein keine keinen nichts ohne nie no nada sin nunca ne pas
    sans jamais rien non senza mai não sem не без нет
    """.split()
)
NEGATIONS_CJK: Final = ("ない", "ません", "不", "没", "别")

# Words that limit what is asked; a sentence without them asks for more.
LIMITS: Final = frozenset("only unless until before after instead both all always nur solo sólo seulement".split())

# Talk that asks for nothing: courtesy, temper, filling.
NOISE: Final = frozenset(
    """
    mess messy ugly hell damn wtf omg lol ffs ugh argh dude bro mate man thx ty cheers stp svp merci mal bitte danke
    eigentlich gerade aub alsjeblieft bedankt even grazie gracias obrigado favore proszę dzięki spasibo спасибо
    пожалуйста honestly literally actually basically seriously obviously kindly annoying terrible horrible awful crap
    hmm uh um yo gonna gotta wanna somewhat simply quickly asap today now right
    """.split()
)

QUESTION_OPENERS: Final = (
    "what", "what's", "whats", "which", "how", "why", "when", "where", "who", "is", "are", "does", "do", "can",
    "should", "was", "wie", "warum", "welche", "welcher", "qué", "cómo", "cuál", "por", "comment", "pourquoi", "quelle",
    "quel",
)  # fmt: skip
CHITCHAT: Final = frozenset(
    """
    thanks thank you thx ok okay yes no sure great nice cool perfect hello hi hey continue go ahead please looks
    good lgtm done stop
    """.split()
)
# Words that place a request in this project.
PROJECT_WORDS: Final = frozenset(
    "our my project repo repository codebase app here test tests selected selection unser unsere mi mon notre".split()
)
# Parts of a program: of this one, unless a language is named with them ("a Python function that ...").
PARTS: Final = frozenset("file function method class".split())
LANGUAGES: Final = frozenset(
    """
    bash shell zsh powershell python perl ruby php javascript typescript java kotlin scala swift rust go golang haskell
    c cpp csharp lua awk sed sql regex html css yaml json toml dockerfile latex
    """.split()
)

# Words a sentence needs; they carry no fact about the project.
LITTLE: Final = frozenset(
    """
    the a an in of to at by for from with and or so that when where which who it its it's is are be was as on into if
    not no does do only also still then than this these without
    """.split()
)
# Words for the work itself, and for what is wrong in general.
ACTIONS: Final = frozenset(
    """
    find fix make change keep handle check add remove rename simplify explain describe document review write
    cover optimize improve speed reduce refactor implement migrate update correct repair restructure
    """.split()
)
GLUE: Final = LITTLE | ACTIONS | frozenset("code problem cause behaviour result".split())
# Verbs that say what becomes of the code: one for another is another request ("extract" for "inline").
CHANGES: Final = frozenset(
    """
    add create build introduce remove delete drop enable disable allow forbid accept reject replace rename move
    extract inline split merge join wrap unwrap increase decrease raise lower show hide print return set unset
    include exclude open close start stop deprecate restore revert update upgrade downgrade port convert migrate
    """.split()
)
# How a sentence may begin, by intent.
OPENERS: Final[Mapping[Intent, tuple[str, ...]]] = MappingProxyType({
    "fix": ("Fix", "Correct", "Handle", "Find"),
    "optimize": ("Make", "Optimize", "Speed"),
    "implement": ("Add", "Make", "Change"),
    "refactor": ("Refactor", "Simplify", "Rename", "Restructure"),
    "test": ("Write", "Add", "Cover"),
    "explain": ("Explain", "Describe"),
    "document": ("Document", "Write"),
    "review": ("Review", "Check"),
    "migrate": ("Migrate", "Change", "Update"),
    "other": ("Fix", "Make", "Add", "Change", "Explain", "Write", "Check"),
})  # fmt: skip

# Words a sentence needs in other languages; as `LITTLE`, they carry no fact and turn nothing into its opposite.
GLUE_ELSEWHERE: Final = frozenset(
    """
    der die das den dem des ein eine einen einem in im von für mit auf zu zur zum und so dass was wie warum hier sie es
    el la los las un una unos unas de del en para con y que qué cómo por este esta esto
    le les l d du des dans pour avec et que ce qui comment pourquoi une au aux
    il lo gli di da nel nella per con e che come perché questo questa al della dello
    o os as um uma do da dos das no na para com e que como este esta isso
    het een van voor met en wat hoe deze dit om te
    w z na do dla i co jak ten to tę
    в на и с для что как этот эту это почему по из
    """.split()
)
# Words that only a text in one of those languages has.
ELSEWHERE: Final = frozenset(
    """
    der die das dem ein eine nicht und für mit was macht wie warum hier bitte mal el los las una por para qué que esto
    este esta les des une pour dans est ce que cette il gli della nel perché che questo questa um uma isso não het een
    van voor niet deze dit wat jest nie jak ten proszę это что как не почему
    """.split()
)


def openers(intent: Intent) -> frozenset[str]:
    """Words in lower case that a sentence of that intent may begin with, whatever language it is in."""
    single = {phrase for phrase in INTENT_PHRASES.get(intent, ()) if " " not in phrase}
    return frozenset(single | {opener.lower() for opener in OPENERS[intent]})
