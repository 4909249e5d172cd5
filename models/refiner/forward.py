"""What the model says of a batch: the system's turn is read once, and logits are made only where an answer stands."""

from collections.abc import Sequence
from typing import Any

import torch
from batches import IGNORED, Batch


def answer_logits(model: Any, system: Sequence[int], batch: Batch) -> tuple[Any, Any]:
    """Logits [answered tokens, vocabulary] in float32 and their labels, row by row.

    The keys and values of the system's turn are computed for one row and shared by all, with their gradients: the
    system's turn sees nothing behind it, so this is the same as reading it in every row. Raises nothing of its own.
    """
    from transformers.cache_utils import DynamicCache  # noqa: PLC0415

    device = model.device
    ids, labels = batch.ids.to(device), batch.labels.to(device)
    rows, length = ids.shape
    head = torch.tensor([list(system)], device=device)
    cache = DynamicCache(config=model.config)
    model.model(input_ids=head, past_key_values=cache, use_cache=True)
    for layer in cache.layers:
        layer.keys, layer.values = layer.keys.expand(rows, -1, -1, -1), layer.values.expand(rows, -1, -1, -1)
    # Padding stands behind, where no token of its row looks: one causal mask does for all.
    mask = torch.ones(length, len(system) + length, dtype=torch.bool, device=device).tril(len(system))
    states = model.model(
        input_ids=ids,
        past_key_values=cache,
        attention_mask=mask[None, None],
        position_ids=torch.arange(len(system), len(system) + length, device=device)[None],
        use_cache=True,
    ).last_hidden_state
    answered = labels != IGNORED
    return model.lm_head(states[answered]).float(), labels[answered]


def loss_of(model: Any, system: Sequence[int], batch: Batch) -> Any:
    """The mean cross-entropy of the answers' tokens, each with its weight."""
    loss, weight = weighed(*answer_logits(model, system, batch), batch)
    return loss / weight


def weighed(logits: Any, labels: Any, batch: Batch) -> tuple[Any, float]:
    """The sum of the answered tokens' weighted cross-entropies, and of their weights."""
    weights = batch.weights[batch.labels != IGNORED].to(labels.device)
    each = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    return (each * weights).sum(), float(weights.sum())
