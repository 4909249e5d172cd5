"""Whether a value beside a telling name is a secret, or only a placeholder, a reference or a word."""

import math
import re
from collections import Counter
from typing import Final, Literal

from optafly.context.secret_names import Kind

# How the value is written: in quotes; bare where only configuration is written (``NAME=value``, ``?name=value``); bare
# at the end of a line; bare in the middle of what may be code.
Form = Literal["quoted", "config", "bare", "code"]

# Average number of letters of one piece, below which a text is not made of words.
_LONGEST_PIECE: Final = 2.6
_LONGEST_PIECE_IF_VARIED: Final = 4
_MUCH_ENTROPY: Final = 3.9
# Of longer values the beginning is judged.
_LONGEST: Final = 128

MARKER: Final = re.compile(r"«redacted:[a-z0-9-]+»")

_CHUNK: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^A-Za-z0-9]+")
_RUN: Final = re.compile(r"[A-Za-z0-9]+")
_TURN: Final = re.compile(r"[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])")
_TOKEN_TEXT: Final = re.compile(r"[A-Za-z0-9+/=_.~:%-]+")
_SYMBOL: Final = re.compile(r"[!@#$%^&*?~]")
_DIGIT: Final = re.compile(r"[0-9]")
_LETTER: Final = re.compile(r"[A-Za-z]")

# Texts made of nothing but these words are stand-ins, types or labels: "changeme", "your-api-key-here", "string".
_STAND_INS: Final = sorted(
    "abc access account admin ant any api app argon auth authentication authorization auto aws bar basic baz bcrypt "
    "bearer blah bool boolean bytes change changed changeit changeme client config confirm confirmation confirmed "
    "contrasena correct cred credential credentials crypt current custom db default demo deprecated disabled dummy "
    "email empty enabled encrypted enter example expired fake false field file filtered float foo generate generated "
    "github goes google guest hash hashed header here hidden id in incorrect input insert int integer interactive "
    "invalid is it jwt kennwort kerberos key keyring keys ldap local localhost login masked max me min missing mock "
    "my mysql name new nil no none null nullable number oauth object of off oidc ok old on openai optional or param "
    "pass passphrase passwd password passwords passwort pbkdf plain plaintext please postgres private prompt public "
    "put pwd qux random read redacted replace replaceme required reset root salt saml sample scrypt secret secrets "
    "senha service session set sha sk some sso stdin str string super test tester testing text the this to todo token "
    "tokens true type undefined unknown unset update use user username valid value var variable vault wachtwoord with "
    "wrong x y yes you your".split(),
    key=len,
    reverse=True,
)
# Possessive throughout: no backtracking, whatever the value.
_STAND_IN: Final = re.compile(rf"(?:{'|'.join(_STAND_INS)}|[\W_]|([0-9]{{1,4}}))++", re.IGNORECASE)
_SAYS_SO: Final = re.compile(
    r"example|test|dummy|fake|mock|sample|placeholder|your|foo|demo|x{3}|todo|(?<![a-z])m(?:ax|in)", re.IGNORECASE
)
_REPEATED: Final = re.compile(r"(.)\1*+|[\W_]*+", re.DOTALL)

_TEMPLATE: Final = re.compile(
    r"\$\{[^{}]{0,200}\}|\{\{.*\}\}|\$\([^()]{0,200}\)|#\{[^{}]{0,200}\}|<%.*%>|%\([A-Za-z]\w*\)[sdr]|%[A-Z_]{2,40}%"
    r"|(?:^|[\s:/=@_-])%[sdv](?=$|[\s:/=@_-])|\{[A-Za-z_][\w.]{0,60}(?:[\[(:!][^{}]{0,60})?\}|\{[0-9]?\}"
)
_WRAPPED: Final = re.compile(
    r"<[^<>]*+>|\[[^\[\]]*+\]|@[\w.]++@|\$(?:[A-Z][A-Z0-9_]*+|[a-z_][A-Za-z_]*+|[0-9])|%[^%]*+%|__\w+__"
)
_SCHEME: Final = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://|(?:env|vault|ssm|file|ref|keychain|keyring|arn|urn|data|sm|secretref)[:/]"
    r"|projects/|enc\[|enc\(|\{cipher\}|sha(?:256|384|512)[-:]",
    re.IGNORECASE,
)
_FILE: Final = re.compile(
    r"\.(?:pem|key|json|ya?ml|toml|txt|env|crt|cer|p12|pfx|jks|py|[jt]sx?|rs|go|java|sh|conf|cfg|ini|html?|xml|md|log)",
    re.IGNORECASE,
)
_DOTTED: Final = re.compile(r"[A-Za-z_]\w*+(?:(?:\.|::|->)[A-Za-z_]\w*+){2,}+")
_FACT: Final = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[a-z]{2,6}){1,3}"  # an address
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.Z+-]*)?|v?[0-9]+(?:\.[0-9]+)+(?:[-+.]?(?:alpha|beta|rc|dev|post)[0-9.]*)?"
    r"|v[0-9]{1,3}(?:(?:alpha|beta|rc)[0-9]{1,3})?"
    r"|(?:sha|md|hs|rs|es|ps|aes|rsa|hmac|oauth|base|utf|argon|pbkdf|ed|secp|blake)[-_]?[0-9]{1,4}(?:[-_][\w-]{0,20})?"
    r"|p(?:256|384|521)|x(?:509|25519)"
    r"|[#.][A-Za-z][A-Za-z_-]*+",  # a selector of a style sheet
    re.IGNORECASE,
)
_EXPRESSION: Final = re.compile(r"^\^.*\$$|\(\?[=!:]|\\[dws][+*{]|\[A-Za?-[zZ]|\.[*+]\??[\])$]", re.DOTALL)
_OF_A_PASSWORD: Final = re.compile(r"pass|pwd|login|auth", re.IGNORECASE)
_TYPE_NAME: Final = re.compile(r"(?:[A-Z][0-9]+)?(?:[A-Z][a-z]++[0-9]*+){2,}")
_IDENTIFIER: Final = re.compile(r"[A-Za-z]+(?:[-_.:/ ]{1,2}[A-Za-z]+)*+[0-9]?")
_HUMPED: Final = re.compile(r"[a-z][A-Z]|[-_.:/ ]")
_ENDS_OF_A_PASSWORD: Final = re.compile(r"(?:password|passwd|pwd).*|.*(?:password|passwd|pwd)[0-9]?", re.IGNORECASE)
_SENTENCE_WORDS: Final = re.compile(
    r"\b(?:a|an|and|are|at|be|by|can|do|does|for|from|has|if|in|is|it|least|must|no|not|of|on|only|or|please|required"
    r"|should|the|this|to|too|was|will|with|you|your|enter|invalid|forgot|new|old|current|confirm|\w*pass\w*|\w*log\w*)\b",
    re.IGNORECASE,
)
_PASSPHRASE: Final = re.compile(r"[a-z]{2,12}(?: [a-z0-9]{2,12}){2,11}")
# The secret half of an AWS key pair has no mark of its own, and slashes like a path.
_AWS_SECRET: Final = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9/+]{40}")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{7,}={1,2}")
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_HEX: Final = re.compile(r"[0-9a-f]+", re.IGNORECASE)
# Beginnings of base64 that is an image, a public key or a certificate.
_PUBLIC_DATA: Final = tuple("iVBORw0KGgo /9j/ R0lGOD UklGR PHN2Zy AAABAA AAAAB3Nza AAAAC3Nza AAAAE2Vj MII".split())


def is_secret(kind: Kind, value: str, form: Form) -> bool:
    """Whether a value of that kind, written in that form, is worth hiding."""
    value = value[:_LONGEST]
    if kind == "weak":
        return form != "code" and "«" not in value and _is_high_entropy(value)
    if len(value) < 4 or "«" in value or is_stand_in(value):
        return False
    if _AWS_SECRET.fullmatch(value):
        return True
    if _is_reference(value):
        return False
    if kind == "password":
        return _is_password(value, form)
    return _is_credential(kind, value, form)


def is_stand_in(value: str) -> bool:
    """Whether the value stands in for one: "changeme", "xxx", "<your-key>", "${TOKEN}", "****"."""
    if len(value) <= 64 and (match := _STAND_IN.fullmatch(value)) is not None:
        # A word with a number behind it is a weak password ("admin123"), unless it says that it is an example.
        return match.group(1) is None or value[-2:-1].isalpha() or bool(_SAYS_SO.search(value))
    return bool(_REPEATED.fullmatch(value) or _WRAPPED.fullmatch(value) or _TEMPLATE.search(value))


def looks_random(value: str) -> bool:
    """Whether no person would have chosen the text as a name: letters and digits mixed, or case mixed within words."""
    if len(value) < 8 or not _TOKEN_TEXT.fullmatch(value):
        return False
    longest = max(_RUN.findall(value), key=len, default="")
    if len(longest) >= 10 and len(_TURN.findall(longest)) >= 3 and len(_LETTER.findall(longest)) >= 3:
        return True
    return _is_broken_up(value)


def _is_broken_up(value: str) -> bool:
    """Whether digits and changes of case leave pieces too short for words."""
    chunks = [chunk for chunk in _CHUNK.findall(value) if chunk.isalpha()]
    letters = sum(map(len, chunks))
    if letters < 3:
        return False
    runs = _RUN.findall(value)
    longest = max(map(len, runs))
    if letters / len(chunks) > _LONGEST_PIECE:
        # Chance can leave few digits or changes in a token, but then hardly any character comes twice.
        varied = longest >= 18 and bool(_DIGIT.search(value)) and entropy(value) >= _MUCH_ENTROPY
        return varied and letters / len(chunks) <= _LONGEST_PIECE_IF_VARIED
    if not _DIGIT.search(value):
        return longest >= 16
    return longest >= 8 or all(_DIGIT.search(run) for run in runs)


def entropy(value: str) -> float:
    """Shannon entropy in bits per character."""
    total = len(value)
    return -sum(count / total * math.log2(count / total) for count in Counter(value).values())


def _is_reference(value: str) -> bool:
    """A path, an address, a file, a dotted name, a date, an algorithm or a pattern."""
    if _SCHEME.match(value) or _FACT.fullmatch(value) or _EXPRESSION.search(value):
        return True
    if _FILE.fullmatch(value[-5:], max(value[-5:].rfind("."), 0)):
        return True
    if _DOTTED.fullmatch(value) or ("/" in value and not re.search(r"[+=]", value)):
        chunks = [chunk for chunk in _CHUNK.findall(value) if chunk.isalpha()]
        return bool(chunks) and sum(map(len, chunks)) / len(chunks) >= 3
    return False


def _is_password(value: str, form: Form) -> bool:
    if _names_a_password(value):
        return False
    digits, letters = bool(_DIGIT.search(value)), bool(_LETTER.search(value))
    if form == "quoted":
        if re.search(r"\s", value):
            return bool(_PASSPHRASE.fullmatch(value)) and not _SENTENCE_WORDS.search(value)
        # A label in a language with letters of its own: "Contraseña".
        return digits or (letters and not (value.isalpha() and not value.isascii()))
    if form == "config":
        if digits:
            return letters or len(value) >= 6
        return len(value) >= 5 and not re.fullmatch(r"[A-Z_]+", value)
    if form == "bare":
        return len(value) >= 6 and (digits or _has_symbol(value) or bool(_BASE64.fullmatch(value)))
    mixed = digits and re.search(r"[a-z]", value) and re.search(r"[A-Z]", value)
    return len(value) >= 8 and (bool(mixed) or looks_random(value))


def _has_symbol(value: str) -> bool:
    """A symbol inside: one at either end is more often an operator, a mark of a type or of a sentence."""
    return bool(_SYMBOL.search(value[1:-1]))


def _is_credential(kind: Kind, value: str, form: Form) -> bool:
    if re.search(r"\s", value) or _names_a_password(value):
        return False
    if form == "code":
        return len(value) >= 12 and looks_random(value)
    if looks_random(value) or _UUID.fullmatch(value):
        return True
    if form == "bare" or not (_DIGIT.search(value) and _LETTER.search(value)):
        return False
    if _TYPE_NAME.fullmatch(value):
        return False
    if kind == "secret" and len(value) >= 6 and _RUN.fullmatch(value):
        return True
    if len(value) >= 8 and _SYMBOL.search(value):
        return True
    return any(len(run) >= 16 and _DIGIT.search(run) and _LETTER.search(run) for run in _RUN.findall(value))


def _names_a_password(value: str) -> bool:
    """Identifiers and labels such as "user_password", "resetPassword", "newpassword2"."""
    if not _IDENTIFIER.fullmatch(value) or not _OF_A_PASSWORD.search(value):
        return False
    return bool(_HUMPED.search(value) or _ENDS_OF_A_PASSWORD.fullmatch(value))


def _is_high_entropy(value: str) -> bool:
    if len(value) < 20 or not re.fullmatch(r"[A-Za-z0-9+/=_-]+", value):
        return False
    if _UUID.fullmatch(value) or _HEX.fullmatch(value) or value.startswith(_PUBLIC_DATA):
        return False
    classes = (re.search(r"[a-z]", value), _DIGIT.search(value), re.search(r"[A-Z]", value))
    return all(classes) and entropy(value) >= 3.8 and _is_broken_up(value) and not _is_reference(value)
