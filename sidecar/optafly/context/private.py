"""Files that are never read, whatever ignore files say."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from optafly.errors import InputError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# In the order of a .gitignore: the last pattern that matches wins. A pattern without a trailing slash names a file or
# a folder, so ``.env`` covers what lies below a folder of that name too.
PRIVATE_PATTERNS: Final[tuple[str, ...]] = (
    # Credentials by name. A folder of source code may well be called "credentials"; what lies in it is judged by the
    # patterns below like anything else.
    "credentials", "!credentials/",
    "credentials*.json", "credentials*.y*ml", "credentials*.toml", "credentials*.ini", "credentials*.csv",
    "credentials*.enc", "credentials*.xml", "credentials*.properties", "*[._-]credentials.json",
    # Only data formats: secrets.py, secrets.ts or Secret.java is the source of a library, and the literals in it go
    # through the scanner like those of every other file.
    "secrets.y*ml", "secrets.json", "secrets.toml", "secrets.ini", "secrets.env", "secrets.properties", "secrets.xml",
    "secrets.conf", "secrets.txt", "secrets.enc", "secrets.sh", "secrets.tfvars",
    "secret.y*ml", "secret.json", "secret.toml", "secret.ini", "secret.env", "secret.properties", "secret.xml",
    "secret.conf", "secret.txt", "secret.enc", "secret.sh",
    "*[._-]secret.y*ml", "*[._-]secrets.y*ml", "*[._-]secret.json", "*[._-]secrets.json",
    # Environment files.
    ".env", ".env.*", "*.env", ".envrc", ".dev.vars",
    # Keys and key stores.
    "*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.ppk", "*.kdb", "*.kdbx", "*.agekey", "*.ovpn",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*",
    # Folders of tools that keep credentials.
    ".ssh/", ".gnupg/", ".aws/", ".azure/", ".kube/", "**/.config/gcloud/", ".password-store/", ".terraform/",
    # Single files of tools.
    "**/.docker/config.json", ".dockercfg", ".dockerconfigjson", ".netrc", "_netrc", ".npmrc", ".yarnrc.yml", ".pypirc",
    ".git-credentials", ".htpasswd", ".pgpass", ".my.cnf", ".s3cfg", ".boto", ".vault-token", ".vault_pass*",
    "kubeconfig", "*.kubeconfig", "*.tfstate", "*.tfstate.*", "*.tfvars", "*.tfvars.json",
    "service-account*.json", "service_account*.json", "*firebase-adminsdk*.json", ".*_history",
)  # fmt: skip

# What a pattern means literally: a run without wildcards, classes and escapes.
_LITERAL: Final = re.compile(r"[^*?\[\]\\]+")
_CLASS: Final = re.compile(r"\[.*\]|\\.")


class PrivateFiles:
    """Says which workspace-relative paths are private: ours and those of extra gitignore-style patterns.

    Letter case is ignored. Extra patterns only add: one that starts with ``!`` or cannot be understood raises
    `InputError`, since a project's own settings must not be able to open a person's keys. Blank lines and ``#``
    comments are passed over. Instances do not change and may be shared between threads.
    """

    def __init__(self, extra_patterns: Sequence[str] = ()) -> None:
        extra = [pattern for pattern in extra_patterns if pattern.strip() and not pattern.startswith("#")]
        for pattern in extra:
            if pattern.startswith("!"):
                raise InputError(f"private file pattern {pattern!r}: patterns only add files, '!' is not allowed")
        patterns = [pattern.lower() for pattern in (*PRIVATE_PATTERNS, *extra)]
        self._spec = _compile(patterns)
        # Asking the specification costs about a hundred times as much as this search, and nearly every path of a
        # project contains none of the patterns' literal parts.
        self._possible = re.compile(_any_of({_literal(item) for item in patterns if not item.startswith("!")})).search

    def matches(self, path: str) -> bool:
        """Whether a path, relative to the workspace and with forward slashes, must not be read."""
        lowered = path.lower()
        if self._possible(lowered) is None:
            return False
        return self._spec.match_file(lowered.removeprefix("./").lstrip("/"))


def is_private(path: str) -> bool:
    """Whether the built-in patterns name the path; see `PrivateFiles`."""
    return _built_in().matches(path)


@cache
def _built_in() -> PrivateFiles:
    return PrivateFiles()


def _compile(patterns: Sequence[str]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    for pattern in patterns:
        try:
            GitIgnoreSpec.from_lines([pattern])
        except (ValueError, re.error):
            raise InputError(f"private file pattern {pattern!r} is not a pattern as .gitignore takes them") from None
    return GitIgnoreSpec.from_lines(patterns)


def _literal(pattern: str) -> str:
    """The longest piece of text that every path the pattern matches contains; empty when there is none."""
    return max(_LITERAL.findall(_CLASS.sub("*", pattern)), key=len, default="").strip("/ ")


def _any_of(literals: set[str]) -> str:
    """A regular expression for any of the texts, grouped by first character so that `re` passes over others fast."""
    if "" in literals:
        return ""
    groups = groupby(sorted(literals), key=lambda literal: literal[0])
    return "|".join(
        f"{re.escape(first)}(?:{'|'.join(re.escape(item[1:]) for item in group)})" for first, group in groups
    )
