"""Where the weights made in ``models/`` lie: beside the package's code when installed, else in the checkout."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import optafly
from optafly.errors import ModelCorrupt, ModelMissing
from optafly.neural.runtime import load_torch

# A wheel carries them inside the package; an editable installation finds them where they are made.
_PLACES: Final = {
    "router.safetensors": "models/router/router.safetensors",
    "boundaries.safetensors": "models/anchors/boundaries.safetensors",
    "verifier.safetensors": "models/verifier/verifier.safetensors",
    "refiner.safetensors": "models/refiner/adapter.safetensors",
}


def weights_file(name: str) -> Path:
    """The file of these weights; raises `ModelMissing` where this installation has none."""
    package = Path(optafly.__file__).resolve().parent
    for path in (package / "weights" / name, package.parents[1] / _PLACES[name]):
        if path.is_file():
            return path
    raise ModelMissing(f"the weights {name} are missing from this installation; install optafly anew")


def read_weights(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The tensors of a safetensors file by name, and what it says of itself.

    Raises `ModelCorrupt` where it is something else, `NotSetUp` where the packages for it are not installed.
    """
    load_torch()
    return _read(path, "pt")


def read_arrays(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """As `read_weights`, with numpy's arrays; needs no torch."""
    return _read(path, "numpy")


def _read(path: Path, framework: str) -> tuple[dict[str, Any], dict[str, str]]:
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415

    try:
        with safe_open(path, framework=framework) as file:
            return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata() or {})  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ModelCorrupt(
            f"the weights {path.name} cannot be read ({type(error).__name__}); install optafly anew"
        ) from None


def write_weights(path: Path, tensors: Mapping[str, Any], about: Mapping[str, str]) -> None:
    """Write tensors with what is to be known of them."""
    from safetensors.torch import save_file  # noqa: PLC0415

    save_file({name: tensor.contiguous() for name, tensor in sorted(tensors.items())}, path, metadata=dict(about))
