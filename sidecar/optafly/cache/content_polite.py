"""How people begin and end a request without saying anything, and words whose capital letters say nothing."""

from typing import Final

_GREETING: Final = (
    r"(?:hi|hello|hey|hey there|hi there|hello there|good (?:morning|afternoon|evening)|dear claude|hi claude"
    r"|hallo|moin|servus|guten (?:tag|morgen|abend)|bonjour|salut|hola|buenos días|olá|oi|ciao|buongiorno"
    r"|привет|здравствуйте|добрый день|hej|cześć|你好|您好|こんにちは)(?:\s+(?:all|everyone|folks|guys))?"
)
# Verbs that only a request for an answer has: "can you sort a map" may well ask whether one can.
_ASKING: Final = (
    r"(?:explain|tell me|show me|give me|write|help me|describe|summari[sz]e|review|suggest|recommend|walk me)\b"
)
# Regular expressions for the beginning of a text, letter case ignored. After a greeting there must be more than a
# word: "hello world" is no greeting.
BEGINNINGS: Final = (
    rf"{_GREETING}\s*(?:[,!.:，！。]\s*|:\)\s*)+",
    rf"{_GREETING}\s+(?=(?:please|can|could|how|what|why|when|where|which|who|i|is|are|does|do|wie|warum|kannst)\b)",
    r"(?:(?:just )?(?:a )?(?:quick|short|small|simple|basic|silly) question|just wondering|i was wondering"
    r"|just curious"
    r"|out of curiosity|kurze frage|eine frage|une question|una pregunta|uma pergunta|una domanda|вопрос)"
    r"\s*[,:!.-]+\s+",
    r"(?:ok|okay|so|well|um+|uh+|er|hmm+|sorry|excuse me)\s*,\s+",
    r"(?:could|can|would|will) you (?:please|pls|plz|kindly) ",
    rf"(?:could|can|would) you (?={_ASKING})",
    rf"i(?:'d| would) like you to (?={_ASKING})",
    r"(?:please|pls|plz|kindly)\s*,?\s+",
    r"(?:bitte|könntest du bitte|kannst du bitte|könnten sie bitte)\s*,?\s+",
    r"(?:s'il te plaît|s'il vous plaît|svp|stp)\s*,?\s+",
    r"(?:por favor|per favore|alsjeblieft|alstublieft|пожалуйста|proszę)\s*,?\s+",
    r"(?:请问|请)[,，]?\s*",
)
_PLEASE: Final = (
    r"(?:please|pls|plz|bitte|s'il te plaît|s'il vous plaît|svp|stp|por favor|per favore|alsjeblieft|alstublieft"
    r"|пожалуйста|proszę)"
)
_THANKS: Final = (
    r"(?:(?:many |much )?thanks(?: a lot| so much| very much)?(?: in advance)?|thank you(?: so much| very much)?"
    r"(?: in advance)?|thx|tia|cheers|danke(?: schön| dir| im voraus)?|vielen dank(?: im voraus)?|merci(?: beaucoup)?"
    r"(?: d'avance)?|(?:muchas )?gracias|obrigad[oa]|grazie(?: mille)?|dank je(?: wel)?|bedankt|(?:заранее )?спасибо"
    r"|谢谢|ありがとう(?:ございます)?)"
)
_END: Final = r"\s*[.!?。！？]*\s*(?:[:;]-?\))*\s*\Z"
# Regular expressions for the end of a text, letter case ignored. The mark before the comma is kept.
ENDINGS: Final = (
    rf"(?:\s*[,;-]|(?<=[.!?。！？]))\s*(?:{_PLEASE}|{_THANKS}|{_PLEASE}[,;]? (?:and )?{_THANKS}){_END}",
    r"\s+[:;]-?\)\s*\Z",
)
# Without a mark before it "please" ends a request unless it may be what the request is about.
BARE_PLEASE: Final = rf"(?<=\w)\s+{_PLEASE}{_END}"
# Where one of these is said, the request may be about words, letters or marks themselves.
ABOUT_WORDS: Final = (
    r"\b(?:say|says|saying|said|words?|phrases?|spell\w*|british|american|translat\w*|wording|pronounc\w*|typos?"
    r"|capital\w*|uppercase|lowercase|(?:upper|lower)[ -]case|case|letters?|punctuation|whitespace|apostrophes?"
    r"|quot\w+|dash\w*|contractions?|greetings?|polite\w*|übersetz\w*|tradui\w*|traduc\w*|traduz\w*|перевед\w*|翻译|翻訳)\b"
)
# Words that begin a sentence with a capital letter. None is the name of a type, a command or a constant that is told
# from its small form by that letter.
SMALL_WORDS: Final = frozenset(
    """
    a an the and or but so because although how what which why when where who whose whom is are was were does did can
    could should would will has have had there here my our your his her their its it we you they i he she this that
    these those please what's how's who's where's that's there's isn't aren't doesn't don't can't won't it's i'm i've
    i'd we're whats hows dont doesnt explain describe tell give write fix show find suggest recommend compare rewrite
    summarize
    summarise shorten implement build make add remove delete rename refactor review convert change improve optimize
    optimise prove generate calculate compute draw plan help need want with without according about after before during
    until since also every few many most several whether once someone somebody nobody everyone at of to by onto under
    not between using
    wie was warum wann wo wer welche welcher welches ist sind kann erkläre erklär schreibe schreib zeige gib der die das
    ein eine ich wir mein comment pourquoi quand où quel quelle quelles quels écris explique le la les un une je cómo
    qué cuál cuándo dónde por explica escribe el los las como quando onde qual escreva o os come perché quale spiegami
    scrivi hoe waarom wanneer wat schrijf leg het een как почему что где когда напиши объясни jak dlaczego kiedy co
    napisz wyjaśnij
    """.split()
)
