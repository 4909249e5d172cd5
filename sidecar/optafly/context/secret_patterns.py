"""Shapes by which secrets are known wherever they stand, and which detectors of detect-secrets know others."""

import re
from functools import cache
from typing import Final, Literal, NamedTuple

Check = Literal["token", "password", "connection", "bearer", "basic", "cookie"]


class Shape(NamedTuple):
    """A pattern whose group, or whole match, is a secret of that type, if it also passes the check.

    Patterns are compiled when first needed: only for texts that contain ``hint``. With ``command``, that word must
    stand before the match on its line.
    """

    type: str
    hint: str
    source: str
    check: Check = "token"
    command: str = ""


class Detector(NamedTuple):
    """A detector of detect-secrets, a pattern for where its match may begin, and text that is part of every match."""

    module: str
    name: str
    type: str
    hint: str
    literal: str = ""


# No token below is shorter: only texts with a word of this length are searched for them.
SHORTEST_TOKEN: Final = 20


def _alone(length: int) -> str:
    """A condition on the last ``length`` characters: that they do not end a longer word, escapes before them aside."""
    dots = "." * length
    return rf"(?:(?<![A-Za-z0-9+]{dots})|(?<=\\[nrt]{dots})|(?<=%[0-9A-F][0-9A-F]{dots}))"


# Left out, because their match is not the value, is only the first of a line, or misses formats now in use: keyword,
# entropy, basic auth, JWT, npm, OpenAI, Slack, Azure, private key, Artifactory, Cloudant, IBM and Softlayer. What they
# look for is found by the shapes below and in secret_assignments.py.
DETECTORS: Final = (
    Detector(
        "aws",
        "AWSKeyDetector",
        "aws-access-key",
        rf"A(?:3T[A-Z0-9]|BIA|CCA|KIA|SIA){_alone(4)}[0-9A-Z]{{16}}(?![0-9A-Za-z+])",
    ),
    Detector("discord", "DiscordBotTokenDetector", "discord-token", r"[MNO][\w-]{23,25}\.[\w-]{6}\."),
    Detector("github_token", "GitHubTokenDetector", "github-token", r"gh[opusr]_[A-Za-z0-9_]{30}", "gh"),
    Detector("gitlab_token", "GitLabTokenDetector", "gitlab-token", r"(?:gl[a-z]{2,5}-|GR1348941)[\w-]{20}"),
    Detector(
        "mailchimp",
        "MailchimpDetector",
        "mailchimp-key",
        r"(?:(?<![0-9A-Za-z])|(?<=\\[nrt]))[0-9a-f]{32}-us[0-9]",
        "-us",
    ),
    Detector("pypi_token", "PypiTokenDetector", "pypi-token", r"pypi-AgE[A-Za-z0-9_-]{40}", "pypi-"),
    Detector("sendgrid", "SendGridDetector", "sendgrid-key", r"SG\.[\w-]{22}\.", "SG."),
    Detector("square_oauth", "SquareOAuthDetector", "square-secret", r"sq0csp-[0-9A-Za-z]"),
    Detector("stripe", "StripeDetector", "stripe-key", r"[rs]k_live_[0-9a-zA-Z]{20}", "k_live_"),
    Detector(
        "telegram_token", "TelegramBotTokenDetector", "telegram-token", r"(?<![0-9])[0-9]{8,10}:AA[\w-]{30}", ":AA"
    ),
    Detector("twilio", "TwilioKeyDetector", "twilio-key", rf"(?:AC|SK){_alone(2)}[0-9a-f]{{32}}(?![A-Za-z0-9])"),
)

# Tokens that begin with letters of their own: type, prefix, least length of what follows.
_PREFIXED: Final = (
    ("age-secret-key", "AGE-SECRET-KEY-1", 50), ("anthropic-key", "sk-ant-", 16), ("artifactory-key", "AKCp", 60),
    ("atlassian-token", "ATATT3", 60), ("databricks-token", "dapi", 32), ("digitalocean-token", "dop_v1_", 40),
    ("digitalocean-token", "doo_v1_", 40), ("docker-token", "dckr_pat_", 20), ("figma-token", "figd_", 36),
    ("github-token", "github_pat_", 20), ("gitlab-token", "glpat-", 20), ("google-api-key", "AIza", 30),
    ("google-oauth-secret", "GOCSPX-", 20), ("google-oauth-token", "ya29.", 20), ("grafana-token", "glsa_", 32),
    ("groq-key", "gsk_", 40), ("huggingface-token", "hf_", 30), ("linear-key", "lin_api_", 32),
    ("newrelic-key", "NRAK-", 20), ("notion-token", "ntn_", 40), ("npm-token", "npm_", 36), ("openai-key", "sk-", 20),
    ("openai-key", "sk-admin-", 16), ("openai-key", "sk-proj-", 16), ("openai-key", "sk-svcacct-", 16),
    ("openrouter-key", "sk-or-v1-", 20), ("perplexity-key", "pplx-", 40), ("planetscale-token", "pscale_tkn_", 32),
    ("postman-key", "PMAK-", 40), ("pypi-token", "pypi-AgE", 40), ("replicate-token", "r8_", 32),
    ("sentry-token", "sntrys_", 40), ("sentry-token", "sntryu_", 40), ("shopify-token", "shpat_", 32),
    ("shopify-token", "shpca_", 32), ("shopify-token", "shpss_", 32), ("slack-token", "xapp-", 20),
    ("sourcegraph-token", "sgp_", 40), ("stripe-key", "rk_live_", 16), ("stripe-key", "rk_test_", 16),
    ("stripe-key", "sk_live_", 16), ("stripe-key", "sk_test_", 16), ("stripe-webhook-secret", "whsec_", 24),
    ("supabase-token", "sbp_", 40), ("vault-token", "hvb.", 24), ("vault-token", "hvs.", 24), ("xai-key", "xai-", 60),
)  # fmt: skip
# What follows is letters and digits only, except after these.
_PLAIN: Final = frozenset({"sk-", "dapi", "AKCp"})
_WITH_UNDERSCORES: Final = frozenset(
    {"github_pat_", "glsa_", "figd_", "sntrys_", "sntryu_", "pscale_tkn_", "dckr_pat_"}
)


def _prefixed(kind: str, prefix: str, length: int) -> Shape:
    # A short prefix may also end a word ("task-"). Only where the prefix is short can what follows be other words.
    in_words = len(prefix) < 5 and prefix not in {"AIza", "AKCp"}
    boundary = _alone(len(prefix)) if in_words else ""
    plain = prefix in _PLAIN or (prefix.endswith("_") and prefix not in _WITH_UNDERSCORES)
    characters = "A-Za-z0-9" if plain else "A-Za-z0-9_-"
    # A dot belongs to a token only between two of its characters, not at the end of a sentence.
    body = rf"[{characters}]{{{length},}}+(?:[.=][A-Za-z0-9_-]{{2,}}+){{0,3}}={{0,2}}"
    return Shape(kind, prefix, re.escape(prefix) + boundary + body)


# Searched for in the text as it is.
TOKENS: Final = (
    *(_prefixed(*row) for row in _PREFIXED),
    Shape("slack-token", "xox", r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}+"),
    Shape("slack-webhook", "hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/([\w/-]{20,}+)"),
    Shape("discord-webhook", "/api/webhooks/", r"/api/webhooks/[0-9]{10,25}/([\w-]{30,}+)"),
    Shape("jwt", "eyJ", r"eyJ[\w-]{8,}+={0,2}\.[\w-]{8,}+={0,2}(?:\.[\w-]+){0,3}={0,2}"),
    Shape("password-hash", "$2", r"\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53}"),
    Shape("password-hash", "$argon2", r"\$argon2(?:id|i|d)\$[\w$=,+/]{30,}+"),
    Shape("signature", "sig=", r"[?&]sig=([A-Za-z0-9%+/=_-]{20,}+)"),
    Shape("signature", "X-Amz-Signature", r"X-Amz-Signature=([0-9a-f]{64})"),
    Shape("connection-string", "AccountKey=", r"AccountKey=([A-Za-z0-9+/=]{40,}+)"),
    Shape("connection-string", "SharedAccessKey=", r"SharedAccessKey=([A-Za-z0-9+/=]{20,}+)"),
)

# Searched for in the text in lowercase.
PHRASES: Final = (
    Shape("basic-auth", "://", r"://[^\s:/@\"'`<>?#\\]{0,100}:([^\s/\"'`<>?\\]{1,300})@(?=[\w.$%{\[-])", "password"),
    Shape("basic-auth", "://", r"://([\w-]{16,}+)@(?=[\w.-])", "bearer"),
    Shape(
        "basic-auth",
        "auth",
        r"auth\s{0,2}=?\s{0,2}\(\s{0,3}[\"'][^\"'\r\n]{0,100}[\"'],\s{0,3}[\"']([^\"'\r\n]{1,200})[\"']",
        "password",
    ),
    Shape("basic-auth", "basic ", r"basic ([a-z0-9+/=]{8,}+)", "basic"),
    Shape("bearer-token", "bearer", r"bearer(?: |%20){1,3}([a-z0-9._~+/=-]{8,}+)", "bearer"),
    Shape(
        "bearer-token",
        "authorization",
        r"authorization[\"']?\s{0,3}[:=,]\s{0,3}[\"'`]?(?:token|api-?key) ([\w.~+/=-]{8,}+)",
        "bearer",
    ),
    Shape("session-cookie", "cookie", r"cookie[\"']?: ?[\"']?([^\r\n\"']{8,4096}+)", "cookie"),
    Shape(
        "password",
        "identified",
        r"identified\s{1,9}(?:with\s{1,9}[\w']{1,40}\s{1,9})?(?:by|as)\s{1,9}(?:password\s{1,9})?'([^'\r\n]{1,200})'",
        "password",
    ),
    Shape("password", "password", r"password (?:= |to )?'([^'\r\n]{1,200})'", "password"),
    Shape("password", "password(", r"password\('([^'\r\n]{1,200})'\)", "password"),
    Shape("password", "sshpass", r"sshpass\s{1,9}-p ?[\"']?([^\s\"']{1,200}+)", "password"),
    Shape("password", "mysql", r"\s-p([^\s\"'$-][^\s\"']{2,200}+)", "password", "mysql"),
    Shape("basic-auth", "curl", r"\s(?:-u|--user)[ =]?[\"']?[^\s:\"'$]{1,100}:([^\s\"']{1,200}+)", "password", "curl"),
    Shape("password", "redis-cli", r"\s-a\s{1,3}[\"']?([^\s\"']{1,200}+)", "password", "redis-cli"),
    Shape(
        "secret", "jwt.", r"jwt\.(?:sign|verify)\([^()\"'\r\n]{1,100},\s{0,3}[\"']([^\"'\r\n]{1,200})[\"']", "password"
    ),
    Shape("secret", "hmac", r"hmac\([\"'][\w-]{1,20}[\"'],\s{0,3}[\"']([^\"'\r\n]{1,200})[\"']", "password"),
    Shape("password", "login", r"login\s{1,9}\S{1,100}\s{1,9}password\s{1,9}(\S{1,200})", "password"),
    Shape("connection-string", "password", r"password=([^\s;\"'`()]{1,200}+)", "connection"),
    Shape("connection-string", "pwd", r"pwd=([^\s;\"'`()]{1,200}+)", "connection"),
)


@cache
def compiled(source: str) -> re.Pattern[str]:
    """The pattern, compiled once; letters of other scripts are never part of a token."""
    return re.compile(source, re.ASCII)
