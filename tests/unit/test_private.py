"""Which files are never read."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.context.private import PRIVATE_PATTERNS, PrivateFiles, is_private
from optafly.errors import InputError

PRIVATE = (
    ".env", ".env.local", ".env.production", ".envrc", "prod.env", ".dev.vars",
    "server.pem", "tls.key", "AuthKey.p8", "store.p12", "store.pfx", "store.jks", "release.keystore", "putty.ppk",
    "passwords.kdbx", "client.ovpn",
    "id_rsa", "id_rsa.pub", "id_ed25519", "id_ecdsa_work", "id_dsa",
    ".ssh/config", ".gnupg/secring.gpg", ".aws/credentials", ".aws/config", ".azure/accessTokens.json", ".kube/config",
    ".docker/config.json", ".config/gcloud/access_tokens.db", ".password-store/mail.gpg",
    ".terraform/terraform.tfstate", "terraform.tfstate", "terraform.tfstate.backup", "prod.tfvars", "x.tfvars.json",
    ".netrc", "_netrc", ".npmrc", ".pypirc", ".git-credentials", ".htpasswd", ".pgpass", ".vault-token", "kubeconfig",
    "credentials", "credentials.json", "credentials.yaml", "credentials-prod.yml", "credentials.toml",
    "credentials.ini",
    "application_default_credentials.json", "credentials.yml.enc",
    "secrets.yaml", "secrets.yml", "secrets.json", "secrets.toml", "secrets.ini", "secret.yaml", "db-secret.yaml",
    "service-account.json", "service-account-prod.json", "service_account.json", "x-firebase-adminsdk-1.json",
    ".bash_history", ".python_history",
)  # fmt: skip

READABLE = (
    "README.md", "src/main.rs", "src/secrets.py", "src/secret.ts", "lib/Secrets.java", "secrets/__init__.py",
    "app/credentials.py", "src/credentials/provider.ts", "src/aws-credentials/index.ts", "src/env.ts",
    "environment.yml",
    "vite-env.d.ts", "src/monkey.ts", "keyboard.key.ts", "src/keys.go", "pem.py", "docker/config.json", "config.json",
    "Dockerfile", ".gitignore", ".github/workflows/ci.yml", "tokens.json", "src/ssh/config.py", "terraform/main.tf",
    "history.md", "package-lock.json", "docs/credentials.md", "tests/test_private.py",
)  # fmt: skip


@pytest.mark.parametrize("path", PRIVATE)
@pytest.mark.parametrize("folder", ("", "a/", "deep/er/src/", "./"))
def test_private_files_are_private_anywhere_and_in_any_case(path: str, folder: str) -> None:
    assert is_private(folder + path)
    assert is_private(folder + path.upper())
    assert is_private(folder + path.title())


@pytest.mark.parametrize("path", READABLE)
def test_source_and_ordinary_settings_are_readable(path: str) -> None:
    assert not is_private(path)
    assert not is_private(f"a/b/{path}")


def test_a_private_folder_hides_all_below_it() -> None:
    assert is_private("home/.ssh/keys/old/readme.txt")
    assert is_private(".env/lib/x.py")


def test_what_lies_in_a_folder_called_credentials_is_judged_by_its_own_name() -> None:
    assert not is_private("credentials/loader.go")
    assert is_private("credentials/.env")
    assert is_private("credentials/credentials.json")


def test_extra_patterns_add_to_the_built_in_ones() -> None:
    files = PrivateFiles(("Internal/", "*.Draft.md", "/plans/20??", "a/**/b.txt", "", "# comment"))
    for path in (
        "internal/x.py",
        "docs/INTERNAL/y.md",
        "notes.draft.md",
        "plans/2024",
        "a/b.txt",
        "a/x/y/b.txt",
        ".env",
    ):
        assert files.matches(path), path
    for path in ("internals.py", "notes.md", "docs/plans/2024", "plans/2024b", "x/a/b.txt", "# comment"):
        assert not files.matches(path), path


def test_a_pattern_without_any_literal_text_is_understood() -> None:
    assert PrivateFiles(("*",)).matches("anything.py")
    assert PrivateFiles(("[a-c]",)).matches("src/b")
    assert PrivateFiles(("[]x]",)).matches("src/]")
    assert not PrivateFiles(("?",)).matches("ab")


@pytest.mark.parametrize("pattern", ("!.env", "!**/*.pem"))
def test_extra_patterns_cannot_open_private_files(pattern: str) -> None:
    with pytest.raises(InputError, match="only add"):
        PrivateFiles((pattern,))


@pytest.mark.parametrize("pattern", ("a\\", "[z-a]"))
def test_a_pattern_that_cannot_be_understood_is_named(pattern: str) -> None:
    with pytest.raises(InputError) as caught:
        PrivateFiles((pattern,))
    assert repr(pattern) in str(caught.value)


def test_the_built_in_patterns_have_no_doubles() -> None:
    assert len(set(PRIVATE_PATTERNS)) == len(PRIVATE_PATTERNS)


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60))
def test_any_path_has_an_answer(path: str) -> None:
    assert is_private(path) in {True, False}


@given(st.lists(st.sampled_from(("src", "a.b", ".x", "Lib")), max_size=5), st.sampled_from(PRIVATE))
def test_the_folders_above_do_not_matter(folders: list[str], path: str) -> None:
    assert is_private(str(PurePosixPath(*folders, path)))
