"""The local model over mistral.rs (the only module that imports mistralrs)."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import psutil

from optafly.engines.device import DeviceChoice, choose_device, choose_quantisation, installed_build
from optafly.engines.models import LocalModel
from optafly.engines.worker import Chunk, ModelWorker, Recycling, first_line
from optafly.errors import EngineFailed
from optafly.refine.engine import ModelRequest

if TYPE_CHECKING:
    from mistralrs import Runner

DEFAULT_IDLE_S: Final = 300.0
# On a CPU mistral.rs keeps the cache of every prompt, whatever `prefix_cache_n` says (12 MB each with the default
# model), and without that cache every request would read the system prompt anew (about a second).
RECYCLING: Final = Recycling(soft=8, hard=14, pause_s=10.0)


class MistralEngine(ModelWorker):
    """An `Engine` over ``mistralrs.Runner``, which only one thread may use at a time."""

    def __init__(
        self,
        find_model: Callable[[], LocalModel],
        model_name: str,
        *,
        device: str = "auto",
        idle_unload_s: float = DEFAULT_IDLE_S,
        recycling: Recycling = RECYCLING,
        decides: bool = False,
    ) -> None:
        """``find_model`` is called in the worker, when the model is first needed; ``decides`` as in `EngineInfo`."""

        def load() -> _LoadedRunner:
            return _load(find_model(), choose_device(device, installed_build()))

        super().__init__(load, model_name, idle_unload_s=idle_unload_s, recycling=recycling, decides=decides)


class _LoadedRunner:
    def __init__(self, mistralrs: ModuleType, runner: "Runner", device: str, *, system_role: bool) -> None:
        self.device = device
        self._mistralrs = mistralrs
        self._runner = runner
        self._system_role = system_role

    def stream(self, request: ModelRequest) -> Generator[Chunk]:
        messages = [{"role": "system", "content": request.system}, {"role": "user", "content": request.user}]
        if not self._system_role:
            # Some chat templates drop a system message or refuse it.
            messages = [{"role": "user", "content": f"{request.system}\n{request.user}"}]
        chunks: Any = self._runner.send_chat_completion_request(
            self._mistralrs.ChatCompletionRequest(
                model="default",
                messages=messages,
                max_tokens=request.max_tokens,
                temperature=0.0,
                grammar=request.grammar,
                grammar_type=request.grammar_kind,
                stream=True,
                enable_thinking=False,
                logprobs=True,
            )
        )
        for chunk in chunks:
            yield _read(chunk)


def _read(chunk: Any) -> Chunk:
    """A piece of the stream; each is one token of the one choice that was asked for."""
    text = "".join(choice.delta.content or "" for choice in chunk.choices)
    likely = next((choice.logprobs.logprob for choice in chunk.choices if choice.logprobs is not None), None)
    usage = chunk.usage
    prompt, completion = (usage.prompt_tokens, usage.completion_tokens) if usage is not None else (None, None)
    return Chunk(text, prompt, completion, likely)


def thread_count(cores: int) -> int:
    """Threads for the model: one core is left to everybody else, and more than eight gain nothing for small models.

    The threads of mistral.rs wait for each other at every layer. With as many threads as cores, one busy neighbour made
    a request take 9.2 s instead of 0.34 s; with one thread on two cores it takes 0.52 s alone and 0.72 s beside it.
    """
    return max(1, min(8, cores - 1))


def _load(model: LocalModel, choice: DeviceChoice) -> _LoadedRunner:
    # mistral.rs logs to standard output, which is the caller's, and asks the hub for names not found here.
    os.environ["RUST_LOG"] = "off"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["RAYON_NUM_THREADS"] = str(thread_count(os.cpu_count() or 1))
    os.environ.update(choice.environment)
    try:
        import mistralrs  # noqa: PLC0415
    except ImportError as error:
        raise EngineFailed(f"mistralrs cannot be imported ({first_line(error)}); reinstall optafly") from None
    quantisation = None
    measured = model.entry.in_situ_quant if model.entry is not None else None
    if model.entry is None or measured is not None:
        free = psutil.virtual_memory().available
        quantisation = choose_quantisation(choice.name, measured, model.filename, model.path.stat().st_size, free)
    with contextlib.ExitStack() as stack:
        runner = _start(mistralrs, model, choice, quantisation, _description(model, stack))
    system_role = model.entry is None or model.entry.system_role
    return _LoadedRunner(mistralrs, runner, choice.name, system_role=system_role)


def _description(model: LocalModel, stack: contextlib.ExitStack) -> str | None:
    """A folder with the ``config.json`` that some files cannot be loaded without; it is read while loading only."""
    if model.entry is None or model.entry.config_json is None:
        return None
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="optafly-model-"))
    (Path(folder) / "config.json").write_text(model.entry.config_json, "utf-8")
    return folder


def _start(
    mistralrs: ModuleType, model: LocalModel, choice: DeviceChoice, quantisation: str | None, described_in: str | None
) -> "Runner":
    which = mistralrs.Which.GGUF(
        quantized_model_id=str(model.folder), quantized_filename=model.filename, tok_model_id=described_in
    )
    try:
        runner: Runner = mistralrs.Runner(
            which=which,
            in_situ_quant=quantisation,
            max_seqs=1,
            token_source="none",  # noqa: S106  means: use no token
            # The CPU's random numbers cannot be seeded ("cannot seed the CPU rng"); temperature 0 needs none.
            seed=None if choice.name == "cpu" else 0,
        )
    except ValueError as error:
        raise EngineFailed(f"mistral.rs cannot load {model.filename}: {first_line(error)}") from None
    return runner
