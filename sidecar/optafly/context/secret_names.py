"""What the name beside a value says about the value: a password, a token, a key, or nothing."""

import re
from functools import lru_cache
from typing import Final, Literal

Kind = Literal["password", "secret", "token", "key", "weak"]

_TYPES: Final[dict[Kind, str]] = {
    "password": "password", "secret": "secret", "token": "token", "key": "api-key", "weak": "high-entropy",
}  # fmt: skip

# Every name that `kind_of` can say something about contains one of these.
KEYWORDS: Final = "pass|pwd|pw|secret|token|key|cred|auth|jwt"

# Whole names that mean something else, or more, than their words: the working directory, the result of a test.
_ARE: Final[dict[str, Kind | None]] = {
    "PWD": None, "OLDPWD": None, "PASS": None, "pass": "password", "pw": "password",
}  # fmt: skip

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PASSWORD: Final = re.compile(r"\w*(?:password|passwd|passphrase|passcode|passwort|pwd)s?")
# "pass" and "pw" say it only behind the name of what the password is for: ``db_pass``, ``rootpw``.
_OWNERS: Final = (
    "account|admin|api|app|auth|db|elastic|email|ftp|http|imap|jwt|kafka|key|ldap|login|mail|mongo|mq|mqtt|my|mysql|pg"
    "|postgres|proxy|rabbit|rabbitmq|redis|root|service|smtp|sql|ssh|store|sudo|user|vpn|wifi"
)
_PASS: Final = re.compile(rf"(?:{_OWNERS})(?:pass|pw)")
_SECRET: Final = re.compile(r"\w*secrets?|\w*credentials?|creds?")
_TOKEN: Final = re.compile(r"\w*tokens?|jwt|jwts")
_KEY: Final = re.compile(
    r"\w*(?:api|secret|access|private|auth|signing|signature|encryption|master|account|shared|service)keys?"
)
_KEY_WORDS: Final = frozenset({"key", "keys"})
_OTHER_WORDS: Final = frozenset({"auth", "authorization"})

# "key" alone says little: what stands before it decides.
_SECRET_KEYS: Final = frozenset(
    "api secret access private priv auth encryption encrypt decryption crypto cipher signing signature sign sig master "
    "account shared service client app application admin hmac aes rsa ed25519 jwt session cookie webhook deploy ssh "
    "gpg pgp wireguard license licence integration ingest write read subscription function host bot user developer dev "
    "consumer server csrf flask django rails laravel vault kms openai anthropic claude gemini google stripe sendgrid "
    "twilio mailgun mailchimp datadog dd algolia github gitlab aws azure gcp firebase supabase heroku pinecone cohere "
    "mistral groq huggingface hf deepl openrouter maps sentry segment newrelic linear notion shopify square".split()
)
_PUBLIC_WORDS: Final = frozenset({"public", "pub", "publishable", "verification", "verifying"})

# Tokens that are places in a list, words of a model's vocabulary or names of requests.
_OPEN_TOKENS: Final = frozenset(
    "change next page continuation pagination sync cancellation cancel idempotency input output special eos bos pad "
    "unk sep cls mask stop start end begin delimiter separator lookahead lexer".split()
)

# Words after the one that counts which leave its meaning alone: ``PASSWORD_PROD``, ``secretValue``, ``token2``.
_NEUTRAL: Final = frozenset(
    "value val str string plain plaintext raw clear default prod production dev development staging stage test testing "
    "qa uat live local sandbox ci primary secondary old new current previous backup main admin root user base b64 "
    "base64 hex env pem data content contents material bytes confirm confirmation again repeat".split()
)
# Words after it which say that the value is something about the secret, not the secret.
_ABOUT: Final = frozenset(
    "id ids name names url uri urls path paths file files filename dir folder type types field fields label labels "
    "length len size count counts limit limits max min expiry expires expiration expire lifetime age ttl timeout index "
    "idx pattern regex format header headers param params prefix suffix policy policies rule rules hint hints "
    "placeholder title message messages msg error errors input endpoint provider providers class manager store storage "
    "service version arn ref refs reference kind alias algorithm alg usage budget at in by email required enabled "
    "disabled strength reset help text description desc schema column columns table attr attribute validator strategy "
    "stream parser lexer scheme source mode status state event action form page view screen link button icon".split()
)


@lru_cache(maxsize=4096)
def kind_of(name: str) -> Kind | None:
    """What a variable, field or header of that name holds; ``None`` where the name says that it is no secret.

    ``weak`` means that the name mentions secrets without saying that the value is one (``key``, ``token_for_ci``): the
    value itself must then look like one.
    """
    if name in _ARE:
        return _ARE[name]
    words = [word.lower() for word in _WORD.findall(name)]
    while words and (words[-1] in _NEUTRAL or words[-1].isdigit()):
        words.pop()
    if not words or words[-1] in _ABOUT or not _PUBLIC_WORDS.isdisjoint(words):
        return None
    if len(words) > 1 and words[-2] in _OPEN_TOKENS and _TOKEN.fullmatch(words[-1]):
        return None
    return _kind_of_last(words) or ("weak" if any(_mentions(word) for word in words) else None)


def type_of(name: str, kind: Kind) -> str:
    """The TYPE that is written in place of a secret with that name."""
    lowered = name.lower()
    if kind == "key" and "private" in lowered:
        return "private-key"
    if kind == "key" and "secret" in lowered:
        return "aws-secret-key" if "access" in lowered else "secret-key"
    return _TYPES[kind]


def _kind_of_last(words: list[str]) -> Kind | None:
    last = words[-1]
    if _PASSWORD.fullmatch(last) or _PASS.fullmatch("".join(words[-2:])) or _PASS.fullmatch(last):
        return "password"
    if _SECRET.fullmatch(last):
        return "secret"
    if _TOKEN.fullmatch(last):
        return "token"
    if _KEY.fullmatch(last) or (last in _KEY_WORDS and len(words) > 1 and words[-2] in _SECRET_KEYS):
        return "key"
    return None


def _mentions(word: str) -> bool:
    patterns = (_PASSWORD, _SECRET, _TOKEN, _KEY)
    return word in _KEY_WORDS or word in _OTHER_WORDS or any(pattern.fullmatch(word) for pattern in patterns)
