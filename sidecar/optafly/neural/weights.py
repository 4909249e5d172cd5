"""Where the weights made in ``models/`` lie: beside the package's code when installed, else in the checkout."""

from pathlib import Path
from typing import Final

import optafly
from optafly.errors import ModelMissing

# A wheel carries them inside the package; an editable installation finds them where they are made.
_PLACES: Final = {
    "router.safetensors": "models/router/router.safetensors",
    "boundaries.safetensors": "models/anchors/boundaries.safetensors",
    "verifier.safetensors": "models/verifier/verifier.safetensors",
}


def weights_file(name: str) -> Path:
    """The file of these weights; raises `ModelMissing` where this installation has none."""
    package = Path(optafly.__file__).resolve().parent
    for path in (package / "weights" / name, package.parents[1] / _PLACES[name]):
        if path.is_file():
            return path
    raise ModelMissing(f"the weights {name} are missing from this installation; install optafly anew")
