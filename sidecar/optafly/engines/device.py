"""Which device the installed build of mistral.rs can use, and how weights are best held there."""

import importlib.metadata
import re
import sys
from typing import Final

import msgspec

from optafly.errors import EngineFailed

DEVICES: Final = "auto, cpu, cuda:N (for example cuda:0) or metal"
_DEVICE = re.compile(r"auto|cpu|metal|cuda:\d{1,2}")
_TINY_FILE_BYTES: Final = 200_000_000


class DeviceChoice(msgspec.Struct, frozen=True):
    """A device by name, with what the environment must say for mistral.rs to choose it."""

    name: str
    environment: dict[str, str]


def is_device(text: str) -> bool:
    """Whether a setting names a device."""
    return _DEVICE.fullmatch(text) is not None


def installed_build() -> str:
    """The build of mistral.rs that is installed: ``cuda``, ``metal`` or ``cpu``."""
    names = {"mistralrs-cuda": "cuda", "mistralrs-metal": "metal"}
    for distribution, build in names.items():
        try:
            importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
        return build
    try:
        version = importlib.metadata.version("mistralrs")
    except importlib.metadata.PackageNotFoundError:
        return "cpu"
    if "cuda" in version:
        return "cuda"
    # The plain wheel is Metal on Apple silicon and CPU elsewhere.
    return "metal" if sys.platform == "darwin" else "cpu"


def choose_device(setting: str, build: str) -> DeviceChoice:
    """Choose a device; raises `EngineFailed` when the setting asks for one that this build cannot use."""
    if not is_device(setting):
        raise EngineFailed(f"device {setting!r} is unknown; allowed are {DEVICES}")
    wanted = setting.split(":", maxsplit=1)[0]
    if wanted == "auto":
        return DeviceChoice("cuda:0" if build == "cuda" else build, {})
    if wanted == "cpu":
        return DeviceChoice("cpu", {"CUDA_VISIBLE_DEVICES": ""} if build == "cuda" else {})
    if wanted != build:
        raise EngineFailed(
            f"device {setting} needs a {wanted} build of mistralrs, installed is one for {build}; set device to auto"
        )
    return DeviceChoice(setting, {"CUDA_VISIBLE_DEVICES": setting.split(":")[1]} if wanted == "cuda" else {})


def choose_quantisation(
    device: str, measured: str | None, file_name: str, file_bytes: int, free_bytes: int
) -> str | None:
    """How the weights are requantised while loading, None for as shipped.

    ``measured`` is the registry's finding. On a 2-core CPU q8_0 reads prompts four times and writes three times as fast
    as the 98 MB Q4_1 file as shipped, while TinyLlama and Llama 3.2 1B got slower and larger: an unknown file is
    requantised only when it is about that small, has fewer bits, and memory is plenty.
    """
    if device != "cpu":
        return None
    if measured is not None:
        return measured if free_bytes > 6 * file_bytes else None
    tiny = file_bytes <= _TINY_FILE_BYTES and not re.search(r"q8_0|f16|f32", file_name, re.IGNORECASE)
    return "q8_0" if tiny and free_bytes > 6 * file_bytes else None
