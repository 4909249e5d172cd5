"""The training gives what the plain way would give, the same each time, and the same when it was interrupted."""

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from optafly.neural.weights import read_weights
from tests.unit.refiner_model.conftest import VOCABULARY, tiny_llama

SYSTEM = (1, 5, 9, 6, 2)
END = 2


class Stopped(Exception):
    """The training was interrupted."""


def examples_of(code: Any, count: int, seed: int = 0) -> list[Any]:
    """Rows whose answer depends on the last token shown: something that can be learned."""
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        shown = [rng.randrange(3, VOCABULARY) for _ in range(rng.randint(3, 9))]
        says = [10 + shown[-1] % 4, 3, 20 + shown[-1] % 2, *(4 for _ in range(rng.randrange(2))), END]
        made.append(code.examples.Example(tuple(shown), tuple(says), 3))
    return made


def training_of(code: Any, model: Any, rows: Sequence[Any], **changed: Any) -> Any:
    settings = {
        "epochs": 2, "rate": 1e-2, "batch": 4, "rank": 4, "alpha": 8.0, "dropout": 0.1, "weight": 3.0, "seed": 5,
        **changed,
    }  # fmt: skip
    adapted = code.lora.attach(model, settings["rank"], settings["alpha"], settings["seed"])
    return code.fit.Training(model, adapted, SYSTEM, lambda epoch: rows, code.fit.Settings(**settings))


def starts() -> torch.Tensor:
    return torch.ones(VOCABULARY, dtype=torch.bool)


def finish(training: Any, held_out: Sequence[Any], interrupted_after: int = 0, save: Path | None = None) -> None:
    def after_step(loss: float) -> None:
        if training.state.step == interrupted_after:
            training.save(save, "rows")
            raise Stopped

    training.run(held_out, starts(), after_step=after_step, after_epoch=lambda epoch: None)


def plain_loss(model: Any, code: Any, rows: Sequence[Any], system: Sequence[int] = SYSTEM) -> Any:
    """Every row alone, whole, with all its logits."""
    total, count = 0.0, 0
    for row in rows:
        whole = torch.tensor([[*system, *row.shown, *row.says]])
        logits = model(input_ids=whole).logits[0, -len(row.says) - 1 : -1]
        total = total + torch.nn.functional.cross_entropy(logits, torch.tensor(row.says), reduction="sum")
        count += len(row.says)
    return total / count


def gradients(loss: Any, adapted: Any, code: Any) -> list[Any]:
    return [grad.clone() for grad in torch.autograd.grad(loss, code.lora.parameters_of(adapted))]


def filled(adapted: Any, code: Any) -> None:
    """B as after some training: at its beginning, zero, A has no gradient."""
    generator = torch.Generator().manual_seed(3)
    for one in adapted.values():
        one.lora_B.data.copy_(0.2 * torch.randn(one.lora_B.shape, generator=generator))


def test_sharing_the_system_turn_changes_neither_loss_nor_gradients(code: Any, tiny: Any) -> None:
    rows = examples_of(code, 5)
    adapted = code.lora.attach(tiny, 4, 8.0, 1)
    filled(adapted, code)
    code.lora.keep_some(adapted, 0.3, 11)
    shared, plain = code.forward.loss_of(tiny, SYSTEM, code.batches.batch_of(rows)), plain_loss(tiny, code, rows)
    torch.testing.assert_close(shared, plain)
    torch.testing.assert_close(gradients(shared, adapted, code), gradients(plain, adapted, code), rtol=1e-4, atol=1e-6)
    other = plain_loss(tiny, code, rows, system=SYSTEM[::-1])
    assert abs(float(other.detach() - plain.detach())) > 1e-3  # the system's turn does count


def test_a_token_that_decides_counts_as_often_as_its_weight_says(code: Any, tiny: Any) -> None:
    rows = examples_of(code, 4)
    whole = [code.forward.loss_of(tiny, SYSTEM, code.batches.batch_of(rows, weight)) for weight in (1.0, 2.0, 5.0)]
    tokens, deciding = sum(len(row.says) for row in rows), sum(row.decides for row in rows)
    # What each weight adds to the sum is the loss of the tokens that decide.
    sums = [float(loss) * (tokens + (weight - 1) * deciding) for loss, weight in zip(whole, (1, 2, 5), strict=True)]
    assert sums[2] - sums[0] == pytest.approx(4 * (sums[1] - sums[0]), rel=1e-4)
    assert sums[1] > sums[0]


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")  # PEFT asks transformers
def test_an_adapted_model_is_what_peft_makes_of_it(code: Any, tiny: Any) -> None:
    import peft

    adapted = code.lora.attach(tiny, 4, 8.0, 1)
    filled(adapted, code)
    theirs = peft.get_peft_model(
        tiny_llama(), peft.LoraConfig(r=4, lora_alpha=8, target_modules=list(code.lora.PROJECTIONS))
    )
    tensors = code.lora.read_adapter(adapted)
    names = {name: name.replace(".weight", ".default.weight") for name in tensors}
    left = theirs.base_model.model.load_state_dict({names[name]: tensors[name] for name in tensors}, strict=False)
    assert not left.unexpected_keys
    rows = examples_of(code, 3)
    ours, other = plain_loss(tiny, code, rows), plain_loss(theirs, code, rows)
    torch.testing.assert_close(ours, other)
    parameters = [dict(theirs.base_model.model.named_parameters())[names[name]] for name in tensors]
    torch.testing.assert_close(
        gradients(ours, adapted, code), list(torch.autograd.grad(other, parameters)), rtol=1e-4, atol=1e-6
    )


def test_interrupted_and_resumed_it_gives_the_same_bytes(code: Any, tmp_path: Path) -> None:
    rows, held_out = examples_of(code, 18), examples_of(code, 6, seed=1)
    straight = training_of(code, tiny_llama(), rows)
    finish(straight, held_out)
    for after in (3, 7):  # within the first epoch, and within the second
        with pytest.raises(Stopped):
            finish(training_of(code, tiny_llama(), rows), held_out, after, tmp_path / "state.pt")
        again = training_of(code, tiny_llama(), rows)
        again.resume(tmp_path / "state.pt", "rows")
        assert again.state.step == after
        finish(again, held_out)
        for name, training in (("one", straight), ("other", again)):
            code.lora.write_adapter(tmp_path / name, training.state.best, {"r": "4", "alpha": "8"})
        assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
        figures = [(epoch.train_loss, epoch.held_out_loss) for epoch in again.state.epochs]
        assert figures == [(epoch.train_loss, epoch.held_out_loss) for epoch in straight.state.epochs]


def test_the_seed_decides_the_result(code: Any, tmp_path: Path) -> None:
    rows, written = examples_of(code, 12), []
    for number, seed in enumerate((5, 5, 6)):
        training = training_of(code, tiny_llama(), rows, seed=seed, epochs=1)
        finish(training, rows)
        code.lora.write_adapter(tmp_path / str(number), training.state.best, {"r": "4"})
        written.append((tmp_path / str(number)).read_bytes())
    assert written[0] == written[1]
    assert written[0] != written[2]


def test_it_learns_and_the_best_epoch_is_kept(code: Any) -> None:
    rows = examples_of(code, 60)
    training = training_of(code, tiny_llama(), rows, epochs=6, rank=8, dropout=0.0, weight=1.0)
    finish(training, rows[:20])
    losses = [epoch.held_out_loss for epoch in training.state.epochs]
    assert min(losses) < 0.5 * losses[0]
    assert losses[training.state.best_epoch] == min(losses)
    model = tiny_llama()
    code.lora.put_adapter(code.lora.attach(model, 8, 8.0, 0), training.state.best)
    found = code.scoring.score(model, SYSTEM, rows[:20], starts())
    assert found.loss == pytest.approx(min(losses), rel=1e-4)


def test_decisions_counted_are_those_that_decoding_writes(code: Any) -> None:
    rows = examples_of(code, 60)
    model = tiny_llama()
    training = training_of(code, model, rows, epochs=6, rank=8, dropout=0.0, weight=1.0)
    finish(training, rows)
    said = [decoded(model, [*SYSTEM, *row.shown], len(row.says)) for row in rows]
    decisions = sum(says[:3] == list(row.says[:3]) for says, row in zip(said, rows, strict=True)) / len(rows)
    answers = sum(says == list(row.says) for says, row in zip(said, rows, strict=True)) / len(rows)
    assert 0 < answers < decisions < 1  # else this would say nothing
    found = code.scoring.score(model, SYSTEM, rows, starts(), rows=7)
    assert (found.decisions, found.answers) == (pytest.approx(decisions), pytest.approx(answers))
    # Where no token begins a field, every decision would go on.
    assert code.scoring.score(model, SYSTEM, rows, torch.zeros(VOCABULARY, dtype=torch.bool)).decisions == 0


def decoded(model: Any, ids: list[int], count: int) -> list[int]:
    ids = list(ids)
    with torch.inference_mode():
        for _ in range(count):
            ids.append(int(model(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
    return ids[-count:]


def test_a_checkpoint_of_another_training_is_refused(code: Any, tmp_path: Path) -> None:
    rows = examples_of(code, 8)
    training_of(code, tiny_llama(), rows).save(tmp_path / "state.pt", "rows")
    refused = code.fit.CheckpointError
    with pytest.raises(refused, match="other rows"):
        training_of(code, tiny_llama(), rows).resume(tmp_path / "state.pt", "others")
    with pytest.raises(refused, match=r"made with --rate 0\.01; give the same"):
        training_of(code, tiny_llama(), rows, rate=0.5).resume(tmp_path / "state.pt", "rows")
    with pytest.raises(refused, match="leave out --resume"):
        training_of(code, tiny_llama(), rows).resume(tmp_path / "none.pt", "rows")
    (tmp_path / "state.pt").write_bytes(b"half")
    with pytest.raises(refused, match="cannot be read"):
        training_of(code, tiny_llama(), rows).resume(tmp_path / "state.pt", "rows")


def test_the_adapter_file_says_what_it_is(code: Any, tiny: Any, tmp_path: Path) -> None:
    adapted = code.lora.attach(tiny, 4, 8.0, 1)
    filled(adapted, code)
    tensors = code.lora.read_adapter(adapted)
    version = code.lora.write_adapter(tmp_path / "adapter.safetensors", tensors, {"r": "4", "alpha": "8"})
    found, about = read_weights(tmp_path / "adapter.safetensors")
    assert about == {"r": "4", "alpha": "8", "version": version}
    assert found.keys() == tensors.keys()
    assert len(found) == 2 * 7 * 2
    assert found["model.layers.1.self_attn.k_proj.lora_A.weight"].shape == (4, 24)
    assert found["model.layers.1.self_attn.k_proj.lora_B.weight"].shape == (8, 4)
    assert all(found[name].equal(tensors[name].half()) for name in tensors)
    tensors["model.layers.0.mlp.up_proj.lora_B.weight"][0, 0] += 1
    assert code.lora.write_adapter(tmp_path / "other.safetensors", tensors, {"r": "4", "alpha": "8"}) != version


def test_the_rate_rises_then_falls(code: Any) -> None:
    shares = [code.fit.share_of_rate(step, 200) for step in range(200)]
    top = shares.index(max(shares))
    assert 0 < top < 20
    assert all(one < other for one, other in pairwise(shares[: top + 1]))
    assert all(one > other for one, other in pairwise(shares[top:]))
    assert 0 < shares[-1] < 0.05
