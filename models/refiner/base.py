"""The model that is trained on: SmolLM2-135M of the registry, dequantised, with the tokenizer inside its file."""

import hashlib
import os
import platform
from pathlib import Path
from typing import Any

import torch

from optafly.engines.models import find_entry, locate
from optafly.paths import resolve_paths

BASE = "smollm2-135m"


def find_base() -> Path:
    """The base's GGUF file on this machine; raises `ModelMissing`, which says what to run."""
    return locate(find_entry(BASE), resolve_paths()).path


def sha256_of(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_tokenizer(path: Path) -> Any:
    """The tokenizer in the GGUF file, giving the ids that mistral.rs gives."""
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence  # noqa: PLC0415
    from transformers import AutoTokenizer  # noqa: PLC0415

    tokenizer = AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
    # The file names its splitting "smollm": every digit alone, as mistral.rs does it. transformers does not read that
    # name, and splits as GPT-2, which gives other tokens before and among digits.
    digits = Digits(individual_digits=True)
    tokenizer.backend_tokenizer.pre_tokenizer = Sequence([digits, ByteLevel(add_prefix_space=False, use_regex=True)])
    return tokenizer


def load_base(path: Path, dtype: torch.dtype, device: str) -> Any:
    """The frozen causal language model, dense, in evaluation mode."""
    from transformers import AutoModelForCausalLM, GgufConfig  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(
        str(path.parent), gguf_file=path.name, dtype=dtype, quantization_config=GgufConfig(dequantize=True)
    )
    return model.requires_grad_(False).eval().to(device)


def precision(device: str) -> torch.dtype:
    """What is quickest: bfloat16 on a GPU and on a CPU with AMX tiles, float32 on any other CPU.

    With avx512_bf16 alone bfloat16 is the slower one: 71 GFLOPS for a core of a Xeon of 2.3 GHz, against 130 in float32
    (1520 x 576 by 576 x 1536, torch 2.15).
    """
    if device == "cuda":
        return torch.bfloat16
    has_tiles = getattr(torch.cpu, "_is_amx_tile_supported", bool)()
    return torch.bfloat16 if has_tiles else torch.float32


def machine(device: str) -> str:
    """The machine in words, for tables of speed."""
    if device == "cuda":
        return str(torch.cuda.get_device_name())
    return f"{_processor()}, {torch.get_num_threads()} threads of {os.cpu_count()} cores"


def peak_memory_mb() -> int:
    """The most memory this process has had, in MB (10^6 bytes); 0 where the system does not say."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:  # Windows
        return 0
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // 1_000_000


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text("utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
