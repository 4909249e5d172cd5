"""Shapes by which secrets are known wherever they stand, and which detectors of detect-secrets know others."""

import base64
import binascii
import re
from typing import Final, Literal, NamedTuple

Check = Literal["shape", "password", "bearer", "basic", "random"]


class Shape(NamedTuple):
    """A pattern whose last group, or whole match, is a secret of that type.

    It is only searched for in texts that contain ``hint`` (lowercase, letter case ignored). ``check`` says what else
    the value must be: see `secrets.py`.
    """

    type: str
    hint: str
    pattern: re.Pattern[str]
    check: Check = "shape"


class Detector(NamedTuple):
    """A detector of detect-secrets: ``hint`` finds where a match may begin; without ``whole`` its group is the secret."""

    module: str
    name: str
    type: str
    hint: re.Pattern[str]
    whole: bool = True


# Left out, because their match is not the value, is only the first of a line, or misses formats now in use: keyword,
# entropy, basic auth, JWT, npm, OpenAI, Slack, Azure, private key, Artifactory, Cloudant, IBM and Softlayer. What they
# look for is found here and in secret_assignments.py.
DETECTORS: Final = (
    Detector("aws", "AWSKeyDetector", "aws-access-key", re.compile(r"(?:A3T[A-Z0-9]|A[BCKS][CI]A)[0-9A-Z]{16}")),
    Detector("aws", "AWSKeyDetector", "aws-secret-key", re.compile(r"[aA][wW][sS](?=.{0,60}['\"])"), whole=False),
    Detector("discord", "DiscordBotTokenDetector", "discord-token", re.compile(r"[MNO][\w-]{23,25}\.[\w-]{6}\.", re.A)),
    Detector("github_token", "GitHubTokenDetector", "github-token", re.compile(r"gh[opusr]_[A-Za-z0-9_]{30}")),
    Detector("gitlab_token", "GitLabTokenDetector", "gitlab-token", re.compile(r"(?:gl[a-z]{2,5}-|GR1348941)[\w-]{20}", re.A)),
    Detector("mailchimp", "MailchimpDetector", "mailchimp-key", re.compile(r"(?<![0-9a-z])[0-9a-z]{32}-us[0-9]")),
    Detector("pypi_token", "PypiTokenDetector", "pypi-token", re.compile(r"pypi-AgE[A-Za-z0-9_-]{40}")),
    Detector("sendgrid", "SendGridDetector", "sendgrid-key", re.compile(r"SG\.[\w-]{22}\.", re.A)),
    Detector("square_oauth", "SquareOAuthDetector", "square-secret", re.compile(r"sq0csp-[0-9A-Za-z]")),
    Detector("stripe", "StripeDetector", "stripe-key", re.compile(r"[rs]k_live_[0-9a-zA-Z]{20}")),
    Detector("telegram_token", "TelegramBotTokenDetector", "telegram-token", re.compile(r"(?<![0-9])[0-9]{8,10}:AA[\w-]{30}", re.A)),
    Detector("twilio", "TwilioKeyDetector", "twilio-key", re.compile(r"(?<![A-Za-z0-9])(?:AC|SK)[0-9a-f]{32}(?![A-Za-z0-9])")),
)  # fmt: skip

# Tokens that begin with letters of their own: type, prefix, least length of the rest. The prefix may not stand inside a
# word where it is short enough to occur there.
_PREFIXED: Final = (
    ("anthropic-key", "sk-ant-", 16), ("openai-key", "sk-proj-", 16), ("openai-key", "sk-svcacct-", 16),
    ("openai-key", "sk-admin-", 16), ("openrouter-key", "sk-or-v1-", 20), ("google-api-key", "AIza", 30),
    ("google-oauth-secret", "GOCSPX-", 20), ("google-oauth-token", "ya29.", 20), ("github-token", "github_pat_", 20),
    ("gitlab-token", "glpat-", 20), ("npm-token", "npm_", 36), ("pypi-token", "pypi-AgE", 40),
    ("huggingface-token", "hf_", 30), ("slack-token", "xapp-", 20), ("stripe-key", "sk_test_", 16),
    ("stripe-key", "rk_test_", 16), ("stripe-key", "sk_live_", 16), ("stripe-key", "rk_live_", 16),
    ("stripe-webhook-secret", "whsec_", 24), ("shopify-token", "shpat_", 32), ("shopify-token", "shpss_", 32),
    ("shopify-token", "shpca_", 32), ("digitalocean-token", "dop_v1_", 40), ("digitalocean-token", "doo_v1_", 40),
    ("vault-token", "hvs.", 24), ("vault-token", "hvb.", 24), ("linear-key", "lin_api_", 32), ("notion-token", "ntn_", 40),
    ("newrelic-key", "NRAK-", 20), ("postman-key", "PMAK-", 40), ("grafana-token", "glsa_", 32),
    ("atlassian-token", "ATATT3", 60), ("planetscale-token", "pscale_tkn_", 32), ("supabase-token", "sbp_", 40),
    ("perplexity-key", "pplx-", 40), ("groq-key", "gsk_", 40), ("xai-key", "xai-", 60), ("replicate-token", "r8_", 32),
    ("figma-token", "figd_", 36), ("sentry-token", "sntrys_", 40), ("sentry-token", "sntryu_", 40),
    ("databricks-token", "dapi", 32), ("age-secret-key", "AGE-SECRET-KEY-1", 50), ("docker-token", "dckr_pat_", 20),
    ("airtable-token", "pat", 80), ("artifactory-key", "AKCp", 60), ("sourcegraph-token", "sgp_", 40),
)  # fmt: skip


def _prefixed(kind: str, prefix: str, length: int) -> Shape:
    boundary = r"(?<![A-Za-z0-9])" if len(prefix) < 5 and prefix != "AIza" else ""
    # A dot belongs to a token only between two of its characters, not at the end of a sentence.
    body = rf"[A-Za-z0-9_=-]{{{length},}}+(?:\.[A-Za-z0-9_=-]{{2,}}+){{0,3}}"
    return Shape(kind, prefix.lower(), re.compile(boundary + re.escape(prefix) + body))


SHAPES: Final = (
    *(_prefixed(*row) for row in _PREFIXED),
    Shape("openai-key", "sk-", re.compile(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9]{20,}+")),
    Shape("slack-token", "xox", re.compile(r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}+")),
    Shape("slack-webhook", "hooks.slack.com/", re.compile(r"hooks\.slack\.com/(?:services|workflows|triggers)/([\w/-]{20,}+)", re.A)),
    Shape("discord-webhook", "/api/webhooks/", re.compile(r"/api/webhooks/[0-9]{10,25}/([\w-]{30,}+)", re.A)),
    Shape("jwt", "eyj", re.compile(r"eyJ[\w-]{8,}+={0,2}\.[\w-]{8,}+={0,2}(?:\.[\w-]+){0,3}={0,2}", re.A)),
    Shape("password-hash", "$2", re.compile(r"\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53}")),
    Shape("password-hash", "$argon2", re.compile(r"\$argon2(?:id?|d)\$[\w$=,+/]{30,}+", re.A)),
    Shape("basic-auth", "://", re.compile(r"://[^\s:/@\"'`<>?#\\]{0,100}:([^\s/\"'`<>?\\]{1,300})@(?=[\w.$%{\[-])"), "password"),
    Shape("basic-auth", "basic", re.compile(r"\b[bB]asic ([A-Za-z0-9+/=]{8,}+)"), "basic"),
    Shape("bearer-token", "bearer", re.compile(r"\b(?:[bB]earer|BEARER)(?: |%20)+([A-Za-z0-9._~+/=-]{8,}+)"), "bearer"),
    Shape(
        "bearer-token",
        "authorization",
        re.compile(r"\b[aA]uthorization[\"']?\s{0,3}[:=,]\s{0,3}[\"'`]?(?:[tT]oken|[aA]pi-?[kK]ey|ApiKey) ([\w.~+/=-]{8,}+)", re.A),
        "bearer",
    ),
    Shape("session-cookie", "cookie", re.compile(r"\b[cC]ookie[\"']?: ?[\"']?([^\r\n\"']{8,4096}+)"), "random"),
    Shape("signature", "sig=", re.compile(r"[?&]sig=([A-Za-z0-9%+/=_-]{20,}+)")),
    Shape("signature", "x-amz-signature", re.compile(r"X-Amz-Signature=([0-9a-f]{64})")),
    Shape(
        "password",
        "identified",
        re.compile(r"\bidentified\s{1,9}(?:with\s{1,9}[\w']{1,40}\s{1,9})?(?:by|as)\s{1,9}(?:password\s{1,9})?['\"]([^'\"\r\n]{1,200})['\"]", re.I),
        "password",
    ),
    Shape("password", "password '", re.compile(r"\bpassword (?:= |to )?'([^'\r\n]{1,200})'", re.I), "password"),
    Shape("password", "password(", re.compile(r"\bpassword\('([^'\r\n]{1,200})'\)", re.I), "password"),
    Shape("basic-auth", "curl", re.compile(r"\bcurl\b[^\r\n]{0,300}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"'$]{1,100}:([^\s\"']{1,200}+)"), "password"),
    Shape("password", "sshpass", re.compile(r"\bsshpass\s{1,9}-p ?[\"']?([^\s\"']{1,200}+)"), "password"),
    Shape("password", "mysql", re.compile(r"\bmysql(?:dump|admin)?\b[^\r\n]{0,200}?\s-p([^\s\"'$-][^\s\"']{2,200}+)"), "password"),
    Shape("password", "login", re.compile(r"\blogin\s{1,9}\S{1,100}\s{1,9}password\s{1,9}(\S{1,200})"), "password"),
    Shape(
        "connection-string",
        ";",
        re.compile(r"(?:;[ \t]{0,3}|[\"'`])(?:password|pwd)[ \t]{0,3}=[ \t]{0,3}([^;\"'`\r\n]{1,200}+)(?=[;\"'`])", re.I),
        "password",
    ),
    Shape(
        "connection-string",
        ";",
        re.compile(r"(?:AccountKey|SharedAccessKey|SharedAccessSignature)=([^;\"'`\s]{16,512}+)", re.I),
    ),
)  # fmt: skip


def is_basic_credentials(value: str) -> bool:
    """Whether base64 text decodes to ``user:password``."""
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in decoded and decoded.isascii()
