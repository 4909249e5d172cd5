"""What is hidden, what is not, and what redaction never does to a text.

Every value is made up, and put together here so that no scanner of repositories takes it for a real one.
"""

import random
import string
import subprocess
import sys
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from optafly.context.secrets import Redacted, SecretScanner

ALNUM: Final = string.ascii_letters + string.digits
HEX: Final = "0123456789abcdef"
URL_SAFE: Final = ALNUM + "-_"
BASE64: Final = ALNUM + "+/"

PASSWORD: Final = "hunt" + "er2"
KEY: Final = "k9Xm2LpQ" + "7vRt4Wz8"
SECOND_KEY: Final = "z8Wt4RvQ" + "7pLm2Xk9"
AWS_ID: Final = "AKIA" + "IOSFODNN7EXAMPLE"
AWS_SECRET: Final = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
JWT: Final = ".".join(("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N"))
BASIC: Final = "Ym9iOmh1" + "bnRlcjI="

Make = Callable[[random.Random], str]


@pytest.fixture(scope="module")
def scanner() -> SecretScanner:
    return SecretScanner()


def some(alphabet: str, length: int, prefix: str = "", suffix: str = "") -> Make:
    def make(rng: random.Random) -> str:
        return prefix + "".join(rng.choice(alphabet) for _ in range(length)) + suffix

    return make


def of(*parts: Make) -> Make:
    return lambda rng: "".join(part(rng) for part in parts)


SHAPES: Final[tuple[tuple[str, Make], ...]] = (
    ("age-secret-key", some("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58, "AGE-SECRET-" + "KEY-1")),
    ("anthropic-key", some(URL_SAFE, 93, "sk-ant-" + "api03-", "AA")),
    ("aws-access-key", some("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, "AK" + "IA")),
    ("aws-access-key", some("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, "AS" + "IA")),
    ("discord-token", of(some(ALNUM, 23, "M"), some(ALNUM, 6, "."), some(ALNUM, 27, "."))),
    ("github-token", some(ALNUM, 36, "gh" + "p_")),
    ("github-token", some(ALNUM, 36, "gh" + "s_")),
    ("github-token", of(some(ALNUM, 22, "github" + "_pat_"), some(ALNUM, 59, "_"))),
    ("gitlab-token", some(ALNUM, 20, "gl" + "pat-")),
    ("gitlab-token", some(ALNUM, 20, "gl" + "rt-")),
    ("google-api-key", some(URL_SAFE, 34, "AI" + "za", "x")),
    ("google-oauth-secret", some(ALNUM, 28, "GOC" + "SPX-")),
    ("groq-key", some(ALNUM, 52, "gs" + "k_")),
    ("huggingface-token", some(ALNUM, 34, "h" + "f_")),
    ("jwt", of(some(ALNUM, 20, "ey" + "J"), some(ALNUM, 40, ".ey" + "J"), some(ALNUM, 43, "."))),
    ("mailchimp-key", some(HEX, 32, suffix="-u" + "s14")),
    ("npm-token", some(ALNUM, 36, "np" + "m_")),
    ("openai-key", some(ALNUM, 48, "s" + "k-")),
    ("openai-key", some(URL_SAFE, 120, "sk-" + "proj-", "A")),
    ("pypi-token", some(URL_SAFE, 150, "pypi-" + "AgEIcHlwaS5vcmc", "A")),
    ("sendgrid-key", of(some(ALNUM, 22, "S" + "G."), some(ALNUM, 43, "."))),
    ("slack-token", of(some(string.digits, 12, "xo" + "xb-"), some(string.digits, 12, "-"), some(ALNUM, 24, "-"))),
    ("stripe-key", some(ALNUM, 24, "sk_" + "live_")),
    ("stripe-key", some(ALNUM, 99, "rk_" + "live_")),
    ("stripe-key", some(ALNUM, 99, "sk_" + "test_")),
    ("stripe-webhook-secret", some(ALNUM, 32, "wh" + "sec_")),
    ("telegram-token", of(some("123456789", 9), some(ALNUM, 33, ":A" + "A"))),
    ("twilio-key", some(HEX, 32, "S" + "K")),
    ("vault-token", some(ALNUM, 24, "hv" + "s.")),
)


@pytest.mark.parametrize(("kind", "make"), SHAPES)
@pytest.mark.parametrize(
    "around",
    ("{}", 'x = "{}"', "+    {} # note", "curl https://h/?v={}&w=1", '"a\\n{}\\nb"', "see `{}`.", "a,{},b", "({})"),
)
def test_tokens_of_a_known_shape_are_replaced_wherever_they_stand(
    scanner: SecretScanner, kind: str, make: Make, around: str
) -> None:
    secret = make(random.Random(around))
    assert scanner.redact(around.format(secret)) == Redacted(around.format(f"«redacted:{kind}»"), 1, (kind,))


PLACES: Final[tuple[tuple[str, str, str], ...]] = (
    # Python
    ('password = "{}"', PASSWORD, "password"),
    ("self.db_password = '{}'", PASSWORD, "password"),
    ('password: str = "{}"', PASSWORD, "password"),
    ('login(user="bob", password="{}")', PASSWORD, "password"),
    ('config["password"] = "{}"', PASSWORD, "password"),
    ("{{'user': 'bob', 'password': '{}'}}", PASSWORD, "password"),
    ('os.environ["API_KEY"] = "{}"', KEY, "api-key"),
    ('os.environ.get("DB_PASSWORD", "{}")', PASSWORD, "password"),
    ('os.getenv("DB_PASSWORD") or "{}"', PASSWORD, "password"),
    ("SECRET_KEY = '{}'", "django-inse" + "cure-k2(^3b@x9w7!q5$z1&m", "secret-key"),
    ("SECRET_KEY = (\n    '{}'\n)", KEY, "secret-key"),
    ('password = """{}"""', PASSWORD, "password"),
    ("password = b'{}'", PASSWORD, "password"),
    ('password = SecretStr("{}")', PASSWORD, "password"),
    ('user, password = "bob", "{}"', PASSWORD, "password"),
    ('requests.get(url, auth=("bob", "{}"))', PASSWORD, "basic-auth"),
    ('if password == "{}":', PASSWORD, "password"),
    # JavaScript and TypeScript
    ("const password = '{}';", PASSWORD, "password"),
    ("let apiKey: string = `{}`;", KEY, "api-key"),
    ("  clientSecret: '{}',", KEY, "secret"),
    ("auth: {{ user: 'bob', pass: '{}' }}", PASSWORD, "password"),
    ("process.env.JWT_SECRET || '{}'", "sup3" + "rs3cret", "secret"),
    ("process.env.API_TOKEN ?? '{}'", KEY, "token"),
    ('headers.set("X-Api-Key", "{}")', KEY, "api-key"),
    ('jwt.sign(payload, "{}")', "Th1sIs" + "MyJwtS3cret", "secret"),
    ('{{\\"password\\": \\"{}\\"}}', PASSWORD, "password"),
    # Rust, Go, C, Java, PHP
    ('let password = "{}";', PASSWORD, "password"),
    ('const API_KEY: &\'static str = "{}";', KEY, "api-key"),
    ('password: String::from("{}"),', PASSWORD, "password"),
    ('password := "{}"', PASSWORD, "password"),
    ('var password string = "{}"', PASSWORD, "password"),
    ('	Password: []byte("{}"),', PASSWORD, "password"),
    ('char password[] = "{}";', PASSWORD, "password"),
    ('const char *api_key = "{}";', KEY, "api-key"),
    ('#define DB_PASSWORD "{}"', PASSWORD, "password"),
    ('private static final String PASSWORD = "{}";', PASSWORD, "password"),
    ('dataSource.setPassword("{}");', PASSWORD, "password"),
    ('builder.password("{}").build()', PASSWORD, "password"),
    ("define('DB_PASSWORD', '{}');", PASSWORD, "password"),
    ("'password' => '{}',", PASSWORD, "password"),
    # Settings
    ("password: {}", PASSWORD, "password"),
    ("  password: {}  # of staging", PASSWORD, "password"),
    ('password: "{}"', "correct" + "horse", "password"),
    ("- name: DB_PASSWORD\n  value: {}", PASSWORD, "password"),
    ("- name: DB_PASSWORD\n  value: '{}'", PASSWORD, "password"),
    ("api_token: {}", KEY, "token"),
    ("data:\n  password: {}", "aHVudGVy" + "Mg==", "password"),
    ('password = "{}"  # TOML', PASSWORD, "password"),
    ("password = {}", PASSWORD, "password"),
    ("password={}", PASSWORD, "password"),
    ("spring.datasource.password={}", PASSWORD, "password"),
    ("DB_PASSWORD={}", "correct" + "horse", "password"),
    ("DB_PASSWORD={}", "ab(c)," + "d1!", "password"),
    ('  "password": "{}",', PASSWORD, "password"),
    ('"apiKey": "{}"', KEY, "api-key"),
    ('"apiKey": "{}"', "ABCDEFGH" + "12345678", "api-key"),
    ('"token": "{}"', "123e4567-e89b-12d3-" + "a456-426614174000", "token"),
    ("<password>{}</password>", PASSWORD, "password"),
    ('<add key="ApiKey" value="{}"/>', KEY, "api-key"),
    ('<property name="password" value="{}"/>', PASSWORD, "password"),
    ("//registry.npmjs.org/:_authToken={}", "1a2b3c4d-5e6f-7a8b-" + "9c0d-1e2f3a4b5c6d", "token"),
    ("machine h login bob password {}", PASSWORD, "password"),
    ("aws_secret_access_key = {}", AWS_SECRET, "aws-secret-key"),
    ('"SecretAccessKey": "{}"', AWS_SECRET, "aws-secret-key"),
    ('PASSWORDS = ["{}"]', PASSWORD, "password"),
    ('password = "{}"', "admin" + "123", "password"),
    ('password = "{}"', "correct horse " + "battery staple", "password"),
    ('password = "{}"', "Muddy" + "Shoes", "password"),
    ('key = "{}"', KEY + SECOND_KEY, "high-entropy"),
    # Shell, Docker, SQL, HTTP
    ('export API_TOKEN="{}"', KEY, "token"),
    ("export DB_PASSWORD={}", PASSWORD, "password"),
    ("PGPASSWORD={} psql -h db", PASSWORD, "password"),
    ("docker run -e MYSQL_ROOT_PASSWORD={} mysql", PASSWORD, "password"),
    ("ENV DB_PASSWORD {}", PASSWORD, "password"),
    ("ENV DB_PASSWORD={}", PASSWORD, "password"),
    ("${{DB_PASSWORD:-{}}}", PASSWORD, "password"),
    ("deploy --password {}", PASSWORD, "password"),
    ("deploy --api-key={} --dry-run", KEY, "api-key"),
    ("curl -u bob:{} https://h", PASSWORD, "basic-auth"),
    ("mysql -u root -p{} shop", PASSWORD, "password"),
    ("redis-cli -a {} ping", PASSWORD, "password"),
    ("PRIVATE_KEY={}", "0x" + "4c0883a69102937d" * 4, "private-key"),
    ("HEROKU_API_KEY={}", "12345678-abcd-1234-" + "abcd-1234567890ab", "api-key"),
    ("sshpass -p '{}' ssh h", PASSWORD, "password"),
    ("CREATE USER bob IDENTIFIED BY '{}';", PASSWORD, "password"),
    ("ALTER ROLE bob WITH PASSWORD '{}';", PASSWORD, "password"),
    ("SET PASSWORD FOR bob = PASSWORD('{}');", PASSWORD, "password"),
    ("Authorization: Bearer {}", KEY, "bearer-token"),
    ('"Authorization": "Bearer {}"', JWT, "jwt"),
    ("-H 'authorization: token {}'", KEY, "bearer-token"),
    ("Authorization: Basic {}", BASIC, "basic-auth"),
    ("x-api-key: {}", KEY, "api-key"),
    ("cookie: session={}; theme=dark", KEY, "session-cookie"),
    ("https://h/cb?access_token={}&x=1", KEY, "token"),
    ("https://oauth2:{}@gitlab.com/x.git", KEY, "basic-auth"),
    ("https://{}@github.com/org/repo", KEY, "basic-auth"),
    ("postgres://bob:{}@localhost:5432/db", PASSWORD, "basic-auth"),
    ("redis://:{}@cache:6379/0", PASSWORD, "basic-auth"),
    ("jdbc:mysql://h/db?user=root&password={}", PASSWORD, "password"),
    ("Server=h;User ID=bob;Password={};Encrypt=true", "correct" + "horse", "connection-string"),
    ("AccountName=x;AccountKey={};EndpointSuffix=y", "Zm9vYmFyYmF6" * 7 + "PUA==", "connection-string"),
    ("https://hooks.slack.com/services/{}", "T01AB2CD3/B04EF5GH6/" + KEY + "aB3dE5fG", "slack-webhook"),
    ("https://discord.com/api/webhooks/123456789012345678/{}", KEY * 4, "discord-webhook"),
    # Diffs, logs, words
    ("+  password: {}", PASSWORD, "password"),
    ("-DB_PASSWORD={}", PASSWORD, "password"),
    ("level=info user=bob password={} ok=true", PASSWORD, "password"),
    ("User(name=bob, password={}, x=1)", "Hunter" + "22x", "password"),
    ("my password is {} and it fails", PASSWORD, "password"),
    ("the api token is {}", KEY, "token"),
)


@pytest.mark.parametrize(("template", "secret", "kind"), PLACES)
def test_values_beside_a_telling_name_are_replaced_and_nothing_else(
    scanner: SecretScanner, template: str, secret: str, kind: str
) -> None:
    assert scanner.redact(template.format(secret)) == Redacted(template.format(f"«redacted:{kind}»"), 1, (kind,))


HARMLESS: Final = (
    'password = os.environ["DB_PASSWORD"]',
    "password: str",
    "password: str = Field(min_length=8)",
    "password = getpass.getpass('Password: ')",
    "token = get_token()",
    "api_key=None",
    'key = "name"',
    'SECRET_NAME = "projects/x/secrets/y"',
    'password = "changeme"',
    'password = "your-password-here"',
    'api_key = "xxxxxxxxxxxxxxxx"',
    'api_key: "<your-key>"',
    'token: "${TOKEN}"',
    "TOKEN=$GITHUB_TOKEN",
    "GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}",
    "password: process.env.DB_PASSWORD,",
    'const token = req.headers.authorization.split(" ")[1];',
    'token := strings.TrimPrefix(h, "Bearer ")',
    "let token = tokens.next().unwrap();",
    "secret = hashlib.sha256(data).hexdigest()",
    "commit 9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c",
    '"integrity": "sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg=="',
    'checksum = "d7a1d4f8e2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d"',
    "golang.org/x/crypto v0.17.0 h1:r8bRNjWL3GshPW3gkd+RpvzWrZAwPS49OmTGZ/uhM4k=",
    'id = "123e4567-e89b-12d3-a456-426614174000"',
    'src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"',
    "from optafly.context.secrets import SecretScanner",
    "https://example.com/a/b?c=d#e",
    "git@github.com:org/repo.git",
    "http://localhost:8080/path@2x.png",
    "postgres://user:password@localhost/db",
    "postgres://{user}:{password}@{host}/{db}",
    "postgres://${DB_USER}:${DB_PASSWORD}@db:5432/app",
    "max_tokens = 4096",
    'tokenizer = AutoTokenizer.from_pretrained("gpt2")',
    'token_type = "bearer"',
    'if token.kind == "identifier":',
    'PASSWORD = "password"',
    "Token::Secret(value) => value.len(),",
    'primary_key = "user_id"',
    'cache_key = f"user:{user_id}"',
    '<input type="password" name="password" placeholder="Password" />',
    'errors.password = "is too short (minimum is 8 characters)"',
    '"password": {"type": "string", "minLength": 8},',
    "password: z.string().min(8),",
    'public_key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7vbqajDw4o6gJy8UtmIbkcpnkO3Kwc4qsEnSZp"',
    'key_id = "K9XM2LPQ7VRT4WZ8"',
    'private_key_path = "~/.ssh/id_ed25519"',
    'ssh_key = "keys/deploy.pem"',
    'author = "Jane Doe <jane@example.com>"',
    'encryptionKey: "encryptionKey1024"',
    "PASSWORD_RESET_TIMEOUT = 259200",
    'password_hasher = "argon2id"',
    '"service_account_token": "V1ServiceAccountTokenProjection",',
    "tests = {'pass': ['x += ready'], 'password': ['username']}",
    "Cookie: PART_NUMBER=ROCKET_LAUNCHER_0001; path=/",
    'token = "EOF"',
    'tokens = ["if", "else", "while", "sha256"]',
    "fields = ['username', 'password', 'email2']",
    "Access denied for user 'root'@'localhost' (using password: YES)",
    "return hmac.compare_digest(token, expected_token)",
    "-    password: password,",
    "secretName: my-tls-secret",
    "secretKeyRef:\n  name: db-credentials\n  key: password",
    "fn new(password: String, token: Option<String>) -> Self {",
    "func Login(password string, token string) error {",
    "this.password = password;",
    "password: 'Your password must contain 8 characters',",
    'key: "app.kubernetes.io/name"',
    'apiKey: config.apiKey ?? "",',
    'apiKeyHeader = "X-Api-Key"',
    'eos_token = "<|endoftext|>"',
    '"next_page_token": "CAUQAA",',
    "#define CKF_TOKEN_PRESENT 0x00000001UL",
    'cmd.Env = append(base, "PWD="+dir)',
    '"TestLogin": "PASS",',
    "sk-some-css-class-name-that-is-long",
    "task-1234567890abcdefghijklmnop",
    "Authorization: Bearer <token>",
    "Authorization: Bearer $TOKEN",
    "Bearer token authentication",
    "basic authentication is required",
    "the `password` or `salt` of the account",
    "the password is visible while typing, and my token is rejected",
    "pass the --password option, or --token file.txt",
    "cookie: CookieOptions = defaultOptions2,",
    'hf_hub_download(repo_id="x/y", filename="z")',
    "npm_config_registry=https://registry.npmjs.org",
    "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQsw\n-----END CERTIFICATE-----",
    'if "-----BEGIN ' + 'RSA PRIVATE KEY-----" in text:\n    return "-----END ' + 'RSA PRIVATE KEY-----"',
    'password = "«redacted:password»"',
)


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_code_and_prose_stay(scanner: SecretScanner, text: str) -> None:
    assert scanner.redact(text) == Redacted(text, 0, ())


def test_a_stand_in_with_the_shape_of_a_token_stays(scanner: SecretScanner) -> None:
    text = "\n".join(("ANTHROPIC_API_KEY=sk-ant-" + "x" * 40, "sk-ant-" + "your-api-key-here", "AKIA" + "X" * 16))
    assert scanner.redact(text).text == text


KINDS: Final = ("RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "DSA ", "")
BODY: Final = tuple("".join(random.Random(number).choice(BASE64) for _ in range(64)) for number in range(5))
SHORT_LINE: Final = "Ab3dE" + "f9=="


def key_lines(kind: str = "RSA ") -> list[str]:
    return [f"-----BEGIN {kind}PRIVATE " + "KEY-----", *BODY, SHORT_LINE, f"-----END {kind}PRIVATE " + "KEY-----"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lead", ("", "    ", "+", "-  ", " ", "> ", "  12 | "))
@pytest.mark.parametrize("end", ("\n", "\r\n"))
def test_a_private_key_becomes_one_line_between_its_marks(
    scanner: SecretScanner, kind: str, lead: str, end: str
) -> None:
    lines = key_lines(kind)
    text = end.join(("before", *(lead + line for line in lines), "after"))
    kept = (lead + lines[0], f"{lead}«redacted:private-key»", lead + lines[-1])
    assert scanner.redact(text) == Redacted(end.join(("before", *kept, "after")), 1, ("private-key",))


def test_a_pgp_key_and_a_putty_key_are_private_keys(scanner: SecretScanner) -> None:
    pgp = ["-----BEGIN PGP PRIVATE KEY " + "BLOCK-----", "Version: GnuPG v2", "", *BODY, "=Ab1d"]
    pgp.append("-----END PGP PRIVATE KEY " + "BLOCK-----")
    putty = ["PuTTY-User-Key-File-2: ssh-rsa", "Private-" + "Lines: 5", *BODY, "Private-MAC: 12"]
    assert scanner.redact("\n".join(pgp)).text == "\n".join((pgp[0], "«redacted:private-key»", pgp[-1]))
    assert scanner.redact("\n".join(putty)).text == "\n".join((*putty[:2], "«redacted:private-key»", putty[-1]))


@pytest.mark.parametrize("escape", ("\\n", "\\\\n", "\\r\\n", " "))
@pytest.mark.parametrize("first", (0, 1, 3))
@pytest.mark.parametrize("last", (4, 6, 7, 8))
def test_a_private_key_in_a_string_is_hidden_whole_or_cut_off(
    scanner: SecretScanner, escape: str, first: int, last: int
) -> None:
    lines = key_lines()
    text = f'{{"private_key": "{escape.join(lines[first:last])}", "x": 1}}'
    redacted = scanner.redact(text).text
    if first == 0 or last == len(lines):  # with neither mark nothing tells it from other base64
        marks = [line for line in (lines[0], lines[-1]) if line in text]
        assert not any(line in redacted for line in (*BODY, SHORT_LINE))
        assert all(mark in redacted for mark in marks)
        assert redacted.startswith('{"private_key": "')
        assert redacted.endswith('", "x": 1}')


def test_a_private_key_written_as_joined_strings_is_hidden(scanner: SecretScanner) -> None:
    lines = key_lines()
    apart = "\n".join(f'    "{line}\\n"' for line in lines)
    together = " + ".join(f'"{line}\\n"' for line in lines)
    assert scanner.redact(apart).text == f'    "{lines[0]}\\n"\n    "«redacted:private-key»\\n"\n    "{lines[-1]}\\n"'
    assert scanner.redact(together).text == f'"{lines[0]}\\n" + "«redacted:private-key»\\n" + "{lines[-1]}\\n"'


def test_a_private_key_cut_off_at_either_end_is_hidden(scanner: SecretScanner) -> None:
    lines = key_lines()
    head = "\n".join((*lines[:4], lines[4][:11]))
    tail = "\n".join((lines[1][30:], *lines[2:], "def after(): ..."))
    inside = "\n".join(("def before():", *lines[2:]))
    followed = "\n".join((*lines[:4], "def after():", "    return 1"))
    marker = "«redacted:private-key»"
    assert scanner.redact(head).text == f"{lines[0]}\n{marker}"
    assert scanner.redact(tail).text == f"{marker}\n{lines[-1]}\ndef after(): ..."
    assert scanner.redact(inside).text == f"def before():\n{marker}\n{lines[-1]}"
    assert scanner.redact(followed).text == f"{lines[0]}\n{marker}\ndef after():\n    return 1"


def test_a_line_of_a_private_key_is_hidden_elsewhere_too(scanner: SecretScanner) -> None:
    key, error = scanner.redact_all(("\n".join(key_lines()), f"bad base64 in {BODY[2]} at 3"))
    assert key.count == 1
    assert error.text == "bad base64 in «redacted:private-key» at 3"


def test_a_secret_found_once_is_hidden_everywhere(scanner: SecretScanner) -> None:
    text = f'api_key = "{KEY}"\nlog("sent {KEY} to host")\nurl = "https://h/x{KEY}y"'
    marker = "«redacted:api-key»"
    expected = f'api_key = "{marker}"\nlog("sent {marker} to host")\nurl = "https://h/x{marker}y"'
    assert scanner.redact(text) == Redacted(expected, 3, ("api-key",))


def test_a_secret_of_one_text_is_hidden_in_the_others(scanner: SecretScanner) -> None:
    texts = (f"login failed for bob with {PASSWORD}", f"DB_PASSWORD={PASSWORD}", "nothing here", f"see {KEY} x")
    redacted = scanner.redact_all(texts)
    assert [item.text for item in redacted] == [
        "login failed for bob with «redacted:password»",
        "DB_PASSWORD=«redacted:password»",
        "nothing here",
        f"see {KEY} x",
    ]
    assert [item.count for item in redacted] == [1, 1, 0, 0]


def test_a_short_or_plain_secret_is_hidden_only_where_it_stands_out(scanner: SecretScanner) -> None:
    word, number = "zeb" + "ra", "48" + "15"
    text = (
        f'password = "{word}"\nzebra_count = {word}s["{word}"]\nport = {number}\ndb_password = "{number}"\nx{PASSWORD}'
    )
    redacted = scanner.redact(text).text
    assert redacted == (
        'password = "«redacted:password»"\nzebra_count = zebras["«redacted:password»"]\n'
        f'port = {number}\ndb_password = "«redacted:password»"\nx{PASSWORD}'
    )


def test_different_types_are_counted_and_named(scanner: SecretScanner) -> None:
    text = f'password = "{PASSWORD}"; aws = "{AWS_ID}"; again = "{AWS_ID}"'
    redacted = scanner.redact(text)
    assert redacted.count == 3
    assert redacted.types == ("aws-access-key", "password")


def test_every_key_of_a_list_is_hidden(scanner: SecretScanner) -> None:
    redacted = scanner.redact(f'API_KEYS = ["{KEY}", "{SECOND_KEY}"]')
    assert redacted.text == 'API_KEYS = ["«redacted:api-key»", "«redacted:api-key»"]'


def test_secrets_written_in_different_ways_are_all_hidden(scanner: SecretScanner) -> None:
    lines = (
        f"curl -u bob:{PASSWORD} h",
        "x --password {}",
        "my password is {}",
        'password = "{}"',
        "ENV DB_PASSWORD {}",
    )
    secrets = [some(ALNUM, 8, "q1")(random.Random(number)) for number in range(len(lines))]
    text = "\n".join(line.format(secret) for line, secret in zip(lines, secrets, strict=True))
    for order in (text, "\n".join(reversed(text.split("\n")))):
        assert scanner.redact(order).count == len(lines)


def test_a_long_token_is_hidden_to_its_end(scanner: SecretScanner) -> None:
    token = some(ALNUM, 900)(random.Random(1))
    for text in (f"API_TOKEN={token}", f"token: {token}", f"f(token={token}, a)", f'token = "{token}"'):
        assert scanner.redact(text).text == text.replace(token, "«redacted:token»")


def test_a_string_that_was_cut_off_is_hidden(scanner: SecretScanner) -> None:
    assert scanner.redact(f'password = "{PASSWORD}').text == 'password = "«redacted:password»'


@pytest.mark.parametrize(
    "text",
    (
        "",
        "\0",
        "\ud800password = \udfff",
        "a" * 2_000_000,
        "key=" * 500_000,
        '{"token": 1}' * 150_000,
        "-----BEGIN " + "PRIVATE KEY-----\n" * 70_000,
        "((((" * 500_000,
        "password=" + "\\" * 2_000_000,
        "İ" * 1000 + "password",
    ),
    ids=len,
)
def test_texts_that_hide_nothing_come_back_as_they_are(scanner: SecretScanner, text: str) -> None:
    assert scanner.redact(text) == Redacted(text, 0, ())


def test_a_secret_in_a_very_long_line_is_found(scanner: SecretScanner) -> None:
    text = "x" * 1_000_000 + f' password = "{PASSWORD}" ' + "y" * 1_000_000
    assert scanner.redact(text).text == text.replace(PASSWORD, "«redacted:password»")


def test_line_ends_and_odd_characters_around_a_secret_are_kept(scanner: SecretScanner) -> None:
    text = f'İ\ud800\r\npassword = "{PASSWORD}"\r\n\0end\r'
    assert scanner.redact(text).text == text.replace(PASSWORD, "«redacted:password»")


CODE: Final = (
    "def main(argv: list[str]) -> int:",
    '    """Say what is done."""',
    "const total = items.reduce((sum, item) => sum + item.price, 0);",
    "  return { ok: true, items: [] };",
    "if (a < b && c > d) {",
    "}",
    "",
    "\t# a comment, with 'quotes' and \"more\"",
    "server:",
    "  - name: x",
    "@@ -1,3 +1,4 @@",
    "+    let x = y?;",
    "TypeError: Cannot read properties of undefined (reading 'token')",
    "password = get_password()",
    '{"a": [1, 2, {"b": null}]}',
    "SELECT * FROM users WHERE id = 1;",
)
LINES: Final = st.lists(
    st.sampled_from(CODE) | st.text(st.characters(exclude_characters="\r\n"), max_size=20), max_size=8
)


@given(
    before=LINES,
    after=LINES,
    shape=st.sampled_from(SHAPES),
    seed=st.integers(0, 10_000),
    around=st.sampled_from(('x = "{}"', "{}", "  - {}", "+f({}, 1)", "see {} here", "a={};")),
    end=st.sampled_from(("\n", "\r\n")),
)
def test_a_token_put_anywhere_never_survives(
    before: list[str], after: list[str], shape: tuple[str, Make], seed: int, around: str, end: str
) -> None:
    secret = shape[1](random.Random(seed))
    text = end.join((*before, around.format(secret), *after))
    scanner = SecretScanner()
    redacted = scanner.redact(text)
    assert secret not in redacted.text
    assert redacted.text.count("\n") == text.count("\n")
    assert redacted.text.count("\r") == text.count("\r")
    assert scanner.redact(redacted.text) == Redacted(redacted.text, 0, ())


@given(
    before=LINES,
    after=LINES,
    place=st.sampled_from([place for place in PLACES if place[1] in {PASSWORD, KEY}]),
    seed=st.integers(0, 10_000),
)
def test_a_named_value_put_anywhere_never_survives(
    before: list[str], after: list[str], place: tuple[str, str, str], seed: int
) -> None:
    rng = random.Random(seed)
    secret = some(ALNUM, 8)(rng) + "7a3k9" + some(ALNUM, 8)(rng)
    text = "\n".join((*before, place[0].format(secret), *after))
    redacted = SecretScanner().redact(text)
    assert secret not in redacted.text
    assert redacted.text.count("\n") == text.count("\n")


FRAGMENTS: Final = st.sampled_from(
    (
        *"=:\"'`\\\n ()[]{},;<>/@#$-+%&?|.é",
        *(
            "password",
            "PASSWORD",
            "token",
            "api_key",
            "key",
            "secret",
            " = ",
            ": ",
            "\\n",
            "\r\n",
            "://",
            "${",
            "--",
            "||",
        ),
        *(PASSWORD, KEY, AWS_ID, AWS_SECRET, JWT, "«", "»", "redacted", "«redacted:password»", "\ud800", "\0", "İ"),
        *(
            "Bearer ",
            "Authorization: ",
            "Basic ",
            "curl -u ",
            "mysql ",
            "-p",
            "IDENTIFIED BY ",
            "value",
            "or",
            "cookie: ",
        ),
        *(
            "-----BEGIN " + "PRIVATE KEY-----",
            "-----END " + "PRIVATE KEY-----",
            *BODY[:2],
            SHORT_LINE,
            "Private-Lines: 3",
        ),
        *("is ", "my ", "'''", '"""', "Password=", "Server=db;", "login x password ", "Proc-Type: 4,ENCRYPTED"),
    )
)


@given(st.lists(FRAGMENTS, max_size=40).map("".join) | st.text(st.characters(codec=None, exclude_categories=())))
@example("password=" + PASSWORD + "«redacted:password»" + PASSWORD)
def test_redacting_twice_changes_nothing_and_lines_stay(text: str) -> None:
    scanner = SecretScanner()
    redacted = scanner.redact(text)
    assert scanner.redact(redacted.text) == Redacted(redacted.text, 0, ())
    assert redacted.count or redacted.text == text
    if "private-key" not in redacted.types:
        assert redacted.text.count("\n") == text.count("\n")


def test_detect_secrets_is_loaded_only_for_a_text_that_needs_it() -> None:
    program = (
        "import sys; from optafly.context.secrets import SecretScanner; scanner = SecretScanner();"
        "scanner.redact('password = get_password()'); print('detect_secrets' in sys.modules);"
        f"scanner.redact('{AWS_ID}'); print('detect_secrets' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]
