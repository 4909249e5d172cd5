"""The training itself: steps, epochs, and a state from which it goes on as if it had never stopped."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from batches import batch_of, ordered
from examples import Example
from forward import loss_of
from lora import LoraLinear, keep_some, parameters_of, put_adapter, read_adapter
from scoring import Score, score

WARM_UP = 0.06
WEIGHT_DECAY = 0.01
CLIP = 1.0


class CheckpointError(Exception):
    """A checkpoint that this training cannot go on from."""


@dataclass(frozen=True)
class Settings:
    """What the result depends on besides rows and base."""

    epochs: int
    rate: float
    batch: int
    rank: int
    alpha: float
    dropout: float
    weight: float
    seed: int


@dataclass(frozen=True)
class Epoch:
    """One line of the table; tokens are those of the rows, padding and the shared system's turn left out."""

    seconds: float
    tokens_per_s: float
    train_loss: float
    held_out_loss: float
    decisions: float
    answers: float


@dataclass
class State:
    """How far the training is: step counts all steps, the sums are those of the epoch that runs."""

    step: int = 0
    loss: float = 0.0
    answered: int = 0
    tokens: int = 0
    seconds: float = 0.0
    epochs: list[Epoch] = field(default_factory=list)
    best: dict[str, Any] = field(default_factory=dict)
    """The adapter after the epoch with the lowest loss on held-out rows."""

    @property
    def best_epoch(self) -> int:
        """Its number, from 0."""
        losses = [epoch.held_out_loss for epoch in self.epochs]
        return losses.index(min(losses))


class Training:
    """A model with its adapter, on the way through the examples.

    Steps, their order and what is dropped in each follow from seed and step alone, so a state needs no generator.
    """

    def __init__(
        self,
        model: Any,
        adapted: Mapping[str, LoraLinear],
        system: Sequence[int],
        examples: Callable[[int], Sequence[Example]],
        settings: Settings,
    ) -> None:
        """``examples`` gives those of an epoch, by its number from 0: as many in each."""
        self.state = State()
        self._model, self._adapted, self._system = model, adapted, system
        self._examples, self._settings = examples, settings
        self._parameters = parameters_of(adapted)
        self._optimiser = torch.optim.AdamW(self._parameters, lr=settings.rate, weight_decay=WEIGHT_DECAY)
        self._steps_of_epoch = -(-len(examples(0)) // settings.batch)

    @property
    def steps(self) -> int:
        """All there are."""
        return self._steps_of_epoch * self._settings.epochs

    def run(
        self,
        held_out: Sequence[Example],
        starts: torch.Tensor,
        *,
        after_step: Callable[[float], None],
        after_epoch: Callable[[Epoch], None],
    ) -> None:
        """Train to the end from where the state is; ``after_step`` gets the loss of the step."""
        state = self.state
        while state.step < self.steps:
            epoch = state.step // self._steps_of_epoch
            examples = self._examples(epoch)
            lengths = [example.length for example in examples]
            batches = ordered(lengths, self._settings.batch, self._settings.seed, epoch)
            for batch in batches[state.step % self._steps_of_epoch :]:
                after_step(self._step([examples[number] for number in batch]))
            found = self._score(held_out, starts)
            if not state.epochs or found.loss < min(epoch.held_out_loss for epoch in state.epochs):
                state.best = read_adapter(self._adapted)
            speed, mean = state.tokens / state.seconds, state.loss / state.answered
            line = Epoch(state.seconds, speed, mean, found.loss, found.decisions, found.answers)
            state.epochs.append(line)
            state.loss, state.answered, state.tokens, state.seconds = 0.0, 0, 0, 0.0
            after_epoch(line)

    def _step(self, examples: Sequence[Example]) -> float:
        begun = time.monotonic()
        settings, state = self._settings, self.state
        keep_some(self._adapted, settings.dropout, settings.seed * 1_000_003 + state.step)
        for group in self._optimiser.param_groups:
            group["lr"] = settings.rate * share_of_rate(state.step, self.steps)
        batch = batch_of(examples, settings.weight)
        loss = loss_of(self._model, self._system, batch)
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._parameters, CLIP)
        self._optimiser.step()
        found = float(loss.detach())
        answered = batch.answered
        state.step += 1
        state.loss += found * answered
        state.answered += answered
        state.tokens += sum(example.length for example in examples)
        state.seconds += time.monotonic() - begun
        return found

    def _score(self, held_out: Sequence[Example], starts: torch.Tensor) -> Score:
        keep_some(self._adapted, 0.0, 0)
        return score(self._model, self._system, held_out, starts, weight=self._settings.weight)

    def save(self, path: Path, made_of: str) -> None:
        """Write adapter, optimiser and state, whole or not at all; ``made_of`` names rows and base."""
        part = path.with_name(f"{path.name}.part")
        content = {
            "made_of": made_of,
            "settings": asdict(self._settings),
            "adapter": read_adapter(self._adapted),
            "optimiser": self._optimiser.state_dict(),
            "state": asdict(self.state),
        }
        torch.save(content, part)
        part.replace(path)

    def resume(self, path: Path, made_of: str) -> None:
        """Go on from what `save` wrote; raises `CheckpointError` where that was another training."""
        try:
            content = torch.load(path, weights_only=True)
        except FileNotFoundError:
            raise CheckpointError(f"no {path.name} to resume from; leave out --resume") from None
        except Exception as error:  # torch raises what the damage happens to look like
            raise CheckpointError(f"{path.name} cannot be read ({error!r:.80}); leave out --resume") from None
        if content["made_of"] != made_of:
            raise CheckpointError(f"{path.name} was made from other rows or another base; leave out --resume")
        wanted = asdict(self._settings)
        other = [f"--{name} {value}" for name, value in content["settings"].items() if wanted[name] != value]
        if other:
            raise CheckpointError(f"{path.name} was made with {' '.join(other)}; give the same or leave out --resume")
        put_adapter(self._adapted, content["adapter"])
        self._optimiser.load_state_dict(content["optimiser"])
        state = dict(content["state"])
        state["epochs"] = [Epoch(**epoch) for epoch in state["epochs"]]
        self.state = State(**state)


def share_of_rate(step: int, steps: int) -> float:
    """Rising at first, then falling along a cosine to a fiftieth."""
    share = step / steps
    return min(1.0, (step + 1) / max(1.0, WARM_UP * steps)) * (0.49 * (1 + math.cos(math.pi * share)) + 0.02)
