"""Where trained weights are found: in the checkout, and in what is installed from a wheel."""

import tomllib
from pathlib import Path

import pytest

import optafly
from optafly.errors import ModelMissing
from optafly.neural.weights import weights_file

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("router.safetensors", "boundaries.safetensors", "verifier.safetensors", "refiner.safetensors")


def carried() -> dict[str, str]:
    """What the wheel carries besides the package: from where in the checkout, by where to."""
    built = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    return {to: of for of, to in built["force-include"].items()}


@pytest.mark.parametrize("name", NAMES)
def test_the_weights_of_the_checkout_are_what_the_wheel_carries(name: str) -> None:
    assert weights_file(name) == ROOT / carried()[f"optafly/weights/{name}"]


def test_the_wheel_carries_all_weights() -> None:
    trained = {path.relative_to(ROOT).as_posix() for path in (ROOT / "models").glob("*/*.safetensors")}
    assert trained == set(carried().values())


@pytest.mark.parametrize("name", NAMES)
def test_an_installed_package_has_its_own(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "optafly"
    monkeypatch.setattr(optafly, "__file__", str(package / "__init__.py"))
    with pytest.raises(ModelMissing, match=name):
        weights_file(name)
    (package / "weights").mkdir(parents=True)
    (package / "weights" / name).write_bytes(b"")
    assert weights_file(name) == package / "weights" / name
