"""Looking for secrets in whatever was written or printed, also where they were encoded on the way."""

import base64
import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

# With characters that look otherwise in JSON, in an address and in base64.
KEYS = {
    "of the environment": 'sk-ant-api03-zebra/+"env\\=0123456789abcdef',
    "of a command": 'sk-ant-api03-quagga/+"cmd\\=0123456789abcdef',
    "in the configuration": "sk-ant-api03-okapi0123456789abcdefghijkl",
    "of a client": 'sk-ant-api03-narwhal/+"own\\=0123456789abcdef',
    "of an OAuth client": 'sk-ant-oat01-walrus/+"oauth\\=0123456789abcdef',
}


def forms(secret: str) -> set[bytes]:
    """A secret in plain, in JSON, in an address, as Python shows it; each of them also anywhere within base64."""
    texts = {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret).replace("/", "\\/")[1:-1],
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        repr(secret)[1:-1],
        secret.encode().hex(),
    }
    found = {text.encode() for text in texts}
    for text in texts:
        for before in range(3):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                # What stands before and behind it shows in the first and the last characters.
                whole = encode(b"\0" * before + text.encode()).rstrip(b"=")
                found.add(whole[2 * before : len(whole) - 2])
    return found


def leaked(data: bytes, secrets: Mapping[str, str]) -> list[str]:
    """The names of those secrets that these bytes hold."""
    return [name for name, secret in secrets.items() if any(form in data for form in forms(secret))]


def written(folder: Path, secrets: Mapping[str, str]) -> dict[str, list[str]]:
    """The files below a folder that hold secrets in their text or their name, with the names of those."""
    found = {}
    for file in folder.rglob("*"):
        if not file.is_file() or file.is_symlink():
            continue
        name = str(file.relative_to(folder))
        data = b""
        with contextlib.suppress(FileNotFoundError):  # of work under way
            data = file.read_bytes()
        if names := leaked(name.encode() + b"\0" + data, secrets):
            found[name] = names
    return found
