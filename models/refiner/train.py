"""Trains the refiner's adapter from ``data/`` and writes it with the figures of its training.

    python models/refiner/train.py                    # all of it
    python models/refiner/train.py --resume           # goes on after an interruption
    python models/refiner/train.py --limit 16 --epochs 1 --out /tmp/somewhere   # a quick look

With a fixed seed; what is written depends on the data, the base, the settings, the version of torch and the machine.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]

import torch  # noqa: E402
from base import find_base, load_base, load_tokenizer, machine, peak_memory_mb, precision, sha256_of  # noqa: E402
from examples import Example, Row, RowsError, encode, fingerprint, read_rows, set_apart, some, system_ids  # noqa: E402
from fit import CheckpointError, Epoch, Settings, State, Training  # noqa: E402
from lora import MOST_BYTES, attach, size_of, write_adapter, write_whole  # noqa: E402
from order import of_epoch  # noqa: E402
from scoring import word_starts  # noqa: E402

from optafly.errors import ModelError  # noqa: E402
from optafly.refine.slots import SYSTEM  # noqa: E402

SEED = 20261123
CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True)
class Data:
    """The rows of one training and where they came from, in a word."""

    train: Sequence[Row]
    held_out: Sequence[Row]
    validated_on: str


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--rank", type=_counted, default=16, help="rank of the adapter (default 16)")
    made.add_argument("--alpha", type=float, help="its weight (default twice the rank)")
    made.add_argument("--dropout", type=float, default=0.05)
    made.add_argument("--epochs", type=_counted, default=4, help="rounds over the rows (default 4)")
    made.add_argument("--rate", type=float, default=5e-4, help="highest learning rate (default 0.0005)")
    made.add_argument("--batch", type=_counted, default=16, help="rows of a step (default 16)")
    made.add_argument("--weight", type=float, default=4.0, help="of a token that decides, beside one of a sentence (4)")
    made.add_argument("--seed", type=int, default=SEED)
    made.add_argument("--limit", type=_counted, default=0, help="so many rows of each part only")
    made.add_argument("--data", type=Path, default=HERE / "data", help="folder of train.jsonl and held-out.jsonl")
    made.add_argument("--valid", type=float, help="validate on this share of train.jsonl, not on held-out.jsonl")
    made.add_argument("--out", type=Path, default=HERE, help="folder for adapter, figures and checkpoint")
    made.add_argument("--resume", action="store_true", help="go on from the checkpoint in that folder")
    made.add_argument("--minutes", type=float, default=5.0, help="between checkpoints (default 5)")
    made.add_argument("--threads", type=_counted, default=os.cpu_count() or 1)
    return made


def _counted(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return count


def data_of(options: argparse.Namespace) -> Data:
    """The rows to train and to validate with; raises `RowsError`."""
    rows = read_rows(options.data / "train.jsonl")
    if options.valid is None:
        held_out, name = read_rows(options.data / "held-out.jsonl"), "held-out.jsonl"
    else:
        rows, held_out = set_apart(rows, options.valid)
        name = f"{options.valid:g} of train.jsonl"
        if not rows or not held_out:
            raise RowsError(f"--valid {options.valid:g} leaves one side without rows; take another share")
    return Data(some(rows, options.limit, options.seed), some(held_out, options.limit, options.seed), name)


class Watch:
    """Prints how it goes, and saves now and then."""

    def __init__(self, training: Training, checkpoint: Path, made_of: str, minutes: float) -> None:
        self._training, self._checkpoint, self._made_of = training, checkpoint, made_of
        self._every, self._saved = minutes * 60, time.monotonic()

    def after_step(self, loss: float) -> None:
        """Count, and save when it is time."""
        state, steps = self._training.state, self._training.steps
        if state.step % 10 == 0 or state.step == steps:
            print(f"  step {state.step} of {steps}: loss {loss:.3f}", flush=True)
        if time.monotonic() - self._saved >= self._every:
            self.save()

    def after_epoch(self, epoch: Epoch) -> None:
        """Say what the epoch brought, and save."""
        print(f"{len(self._training.state.epochs)} {_cells(epoch)}", flush=True)
        self.save()

    def save(self) -> None:
        """Write the checkpoint."""
        self._training.save(self._checkpoint, self._made_of)
        self._saved = time.monotonic()


def _cells(epoch: Epoch) -> str:
    return (
        f"| {epoch.seconds:.0f} | {epoch.tokens_per_s:.0f} | {epoch.train_loss:.4f} | {epoch.held_out_loss:.4f} "
        f"| {epoch.decisions:.1%} | {epoch.answers:.1%} |"
    )


def table(state: State) -> str:
    """The epochs in Markdown, the one that was kept in bold."""
    head = "| epoch | seconds | tokens/s | train loss | held-out loss | decisions right | whole lines right |"
    lines = [head, "|---" * 7 + "|"]
    for number, epoch in enumerate(state.epochs):
        name = f"**{number + 1}**" if number == state.best_epoch else f"{number + 1}"
        lines.append(f"| {name} {_cells(epoch)}")
    return "\n".join(lines)


def write(options: argparse.Namespace, settings: Settings, data: Data, state: State, base_sha256: str, on: str) -> None:
    """The adapter of the best epoch, and beside it the figures for the card."""
    prompt = fingerprint([], SYSTEM)
    about = {
        "r": settings.rank, "alpha": f"{settings.alpha:g}", "base_sha256": base_sha256, "prompt_sha256": prompt,
        "seed": settings.seed, "rows": len(data.train), "epochs": state.best_epoch + 1,
    }  # fmt: skip
    path = options.out / "adapter.safetensors"
    version = write_adapter(path, state.best, {name: str(value) for name, value in about.items()})
    figures: dict[str, Any] = {
        "version": version,
        "adapter_sha256": sha256_of(path),
        "base_sha256": base_sha256,
        "prompt_sha256": prompt,
        "rows_sha256": fingerprint([*data.train, *data.held_out], SYSTEM),
        "rows": len(data.train),
        "held_out_rows": len(data.held_out),
        "validated_on": data.validated_on,
        "settings": asdict(settings),
        "epochs": [asdict(epoch) for epoch in state.epochs],
        "best_epoch": state.best_epoch + 1,
        "machine": on,
        "torch": str(torch.__version__),
        "peak_memory_mb": peak_memory_mb(),
    }
    write_whole(options.out / "training.json", (json.dumps(figures, indent=2) + "\n").encode())
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, version {version}; peak memory {peak_memory_mb()} MB")


def run(options: argparse.Namespace) -> int:
    """Load, train, write; raises the errors that `main` puts into words."""
    data = data_of(options)
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    alpha = 2.0 * options.rank if options.alpha is None else options.alpha
    settings = Settings(
        options.epochs, options.rate, options.batch, options.rank, alpha, options.dropout, options.weight, options.seed
    )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    path, dtype, begun = find_base(), precision(device), time.monotonic()
    base_sha256 = sha256_of(path)
    tokenizer, model = load_tokenizer(path), load_base(path, dtype, device)
    adapted = attach(model, settings.rank, settings.alpha, settings.seed)
    if size_of(adapted) > MOST_BYTES - 100_000:
        raise RowsError(f"an adapter of rank {settings.rank} is larger than 12 MB; take a lower --rank")
    system = system_ids(tokenizer, SYSTEM)
    train, held_out = ([*encode(tokenizer, rows)] for rows in (data.train, data.held_out))

    def shown(epoch: int) -> list[Example]:
        return [*encode(tokenizer, of_epoch(data.train, settings.seed, epoch))]

    on = f"{machine(device)}, {str(dtype).removeprefix('torch.')}"
    print(f"{on}; loaded in {time.monotonic() - begun:.0f} s\n{_counts(system, train, held_out)}", flush=True)
    training = Training(model, adapted, system, shown, settings)
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / CHECKPOINT
    made_of = fingerprint([*data.train, *data.held_out], SYSTEM) + base_sha256
    if options.resume:
        training.resume(checkpoint, made_of)
        print(f"resumed after step {training.state.step} of {training.steps}", flush=True)
    watch = Watch(training, checkpoint, made_of, options.minutes)
    try:
        training.run(held_out, word_starts(tokenizer), after_step=watch.after_step, after_epoch=watch.after_epoch)
    except KeyboardInterrupt:
        left = "go on with --resume" if checkpoint.exists() else "before anything was saved"
        print(f"interrupted after step {training.state.step} of {training.steps}; {left}", file=sys.stderr)
        return 130
    print(table(training.state))
    write(options, settings, data, training.state, base_sha256, on)
    checkpoint.unlink(missing_ok=True)
    return 0


def _counts(system: Sequence[int], train: Sequence[Example], held_out: Sequence[Example]) -> str:
    tokens, longest = sum(example.length for example in train), max(example.length for example in train)
    return (
        f"{len(train)} rows of {tokens / len(train):.0f} tokens (longest {longest}) behind {len(system)} of the "
        f"system's turn; {len(held_out)} rows to validate"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when an adapter was written, 1 when something is wrong, 2 for wrong options."""
    made = parser()
    options = made.parse_args(arguments)
    if options.limit and options.out.resolve() == HERE:
        made.error("--limit needs --out: a part of the rows makes no adapter to ship")
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        return run(options)
    except (RowsError, CheckpointError, ModelError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
