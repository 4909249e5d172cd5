"""What Zed and its gallery read before any code runs."""

import json
import re
import tomllib
from typing import Any

import pytest

import optafly
from tests.extension.host import EXTENSION, ROOT

# The languages that OptaFly itself reads, and the texts in which people write requests.
NEEDED = {
    *("Python", "TypeScript", "TSX", "JavaScript", "Rust", "Go", "C", "C++", "Java"),
    *("Markdown", "Plain Text", "Git Commit"),
}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return tomllib.loads((EXTENSION / "extension.toml").read_text())


@pytest.fixture(scope="module")
def crate() -> dict[str, Any]:
    return tomllib.loads((EXTENSION / "Cargo.toml").read_text())


def test_extension_crate_and_server_have_one_version(manifest: dict[str, Any], crate: dict[str, Any]) -> None:
    assert manifest["version"] == crate["package"]["version"] == optafly.__version__


def test_the_version_in_the_readme_is_that_version() -> None:
    assert set(re.findall(r"optafly==([\w.]+)", (EXTENSION / "README.md").read_text())) == {optafly.__version__}


def test_the_gallery_accepts_the_identity(manifest: dict[str, Any]) -> None:
    assert (manifest["id"], manifest["schema_version"]) == ("optafly", 1)
    assert not re.search("zed|extension", manifest["id"] + manifest["name"], re.IGNORECASE)
    assert manifest["description"]
    assert manifest["authors"]


def test_it_declares_servers_and_nothing_else(manifest: dict[str, Any]) -> None:
    declared = {name for name, value in manifest.items() if isinstance(value, dict)}
    assert declared == {"language_servers", "context_servers"}  # slash commands can no longer be published
    assert list(manifest["language_servers"]) == list(manifest["context_servers"]) == ["optafly"]


def test_every_language_people_prompt_in_is_named_once(manifest: dict[str, Any]) -> None:
    languages = manifest["language_servers"]["optafly"]["languages"]
    assert set(languages) >= NEEDED
    assert len(languages) >= 55
    assert len(languages) == len(set(languages))


def test_it_is_a_component_with_pinned_dependencies(crate: dict[str, Any]) -> None:
    assert crate["lib"]["crate-type"] == ["cdylib"]
    assert crate["dependencies"]["zed_extension_api"].startswith("=0.7.")
    assert all(requirement.startswith("=") for requirement in crate["dependencies"].values())


def test_it_carries_the_licence_of_the_project() -> None:
    assert (EXTENSION / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize("document", ["README.md", "context_server/instructions.md"])
def test_settings_shown_can_be_pasted(document: str) -> None:
    examples = re.findall(r"```json\n(.*?)```", (EXTENSION / document).read_text(), re.DOTALL)
    assert examples
    for example in examples:
        assert set(json.loads(example)) <= {"lsp", "languages", "context_servers"}
