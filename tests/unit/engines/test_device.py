import pytest

from optafly.engines.device import choose_device, choose_quantisation, is_device
from optafly.errors import EngineFailed

GB = 1_000_000_000


@pytest.mark.parametrize("text", ["auto", "cpu", "metal", "cuda:0", "cuda:12"])
def test_devices_are_known(text: str) -> None:
    assert is_device(text)


@pytest.mark.parametrize("text", ["", "gpu", "cuda", "cuda:", "cuda:x", "CPU", "cpu "])
def test_other_words_are_no_devices(text: str) -> None:
    assert not is_device(text)


@pytest.mark.parametrize(
    ("setting", "build", "name"),
    [("auto", "cpu", "cpu"), ("auto", "cuda", "cuda:0"), ("auto", "metal", "metal"), ("cuda:1", "cuda", "cuda:1")],
)
def test_the_device_follows_the_build(setting: str, build: str, name: str) -> None:
    assert choose_device(setting, build).name == name


def test_a_cuda_build_is_kept_off_the_gpu_or_on_the_one_asked_for() -> None:
    assert choose_device("cpu", "cuda").environment == {"CUDA_VISIBLE_DEVICES": ""}
    assert choose_device("cuda:3", "cuda").environment == {"CUDA_VISIBLE_DEVICES": "3"}


@pytest.mark.parametrize(
    ("setting", "build"), [("cuda:0", "cpu"), ("metal", "cpu"), ("metal", "cuda"), ("cuda:0", "metal")]
)
def test_a_device_of_another_build_is_refused_with_what_to_do(setting: str, build: str) -> None:
    with pytest.raises(EngineFailed, match="set device to auto"):
        choose_device(setting, build)


def test_an_unknown_device_names_what_is_allowed() -> None:
    with pytest.raises(EngineFailed, match=r"auto, cpu, cuda:N"):
        choose_device("tpu", "cpu")


def test_quantisation_on_a_cpu_follows_what_was_measured() -> None:
    assert choose_quantisation("cpu", "q8_0", "SmolLM2.Q4_1.gguf", 98_000_000, 8 * GB) == "q8_0"


def test_a_small_unknown_file_is_requantised_unless_it_is_wide_already() -> None:
    assert choose_quantisation("cpu", None, "tiny.Q4_0.gguf", 90_000_000, 8 * GB) == "q8_0"
    assert choose_quantisation("cpu", None, "tiny.Q8_0.gguf", 140_000_000, 8 * GB) is None
    assert choose_quantisation("cpu", None, "large.Q4_K_M.gguf", 4 * GB, 60 * GB) is None


def test_short_memory_and_gpus_keep_the_file_as_shipped() -> None:
    assert choose_quantisation("cpu", "q8_0", "SmolLM2.Q4_1.gguf", 98_000_000, 300_000_000) is None
    assert choose_quantisation("cuda:0", "q8_0", "SmolLM2.Q4_1.gguf", 98_000_000, 8 * GB) is None
