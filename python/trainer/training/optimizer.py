"""Learning rate, gradient arithmetic and the update. Formulas: Hugging Face `get_*_schedule_with_warmup`, Adam (Kingma & Ba 2015),
decoupled weight decay (Loshchilov & Hutter 2019), clipping by global norm (Pascanu et al. 2013)."""

from __future__ import annotations

import math
from typing import Any

import mlx.core as mx
import mlx.optimizers as optim
from mlx.utils import tree_flatten, tree_map

from trainer.run.run_plan import Training


def learning_rate(training: Training, total_steps: int, applied_steps: int) -> float:
    """The rate of the step after `applied_steps` applied ones: linear from 0 over the warm-up, then down to 0 (constant: stays)."""
    warmup = training.warmup_steps
    if applied_steps < warmup:
        return training.learning_rate * (applied_steps / warmup)
    progress = (applied_steps - warmup) / max(total_steps - warmup, 1)
    if training.lr_scheduler_type == "constant":
        return training.learning_rate
    if training.lr_scheduler_type == "cosine":
        return training.learning_rate * max(0.0, 0.5 * (1.0 + math.cos(math.pi * progress)))
    return training.learning_rate * max(0.0, 1.0 - progress)


def make_optimizer(training: Training) -> Any:
    """AdamW with bias correction (MLX leaves it out by default); weight decay is ours, see `apply_update`."""
    if training.optim == "adamw_8bit":
        from unsloth_zoo.mlx.optimizers_quantized import QuantizedMomentAdamW

        return QuantizedMomentAdamW(learning_rate=0.0, weight_decay=0.0, bias_correction=True)
    return optim.AdamW(learning_rate=0.0, weight_decay=0.0, bias_correction=True)


def weigh(gradients: Any, tokens: mx.array) -> Any:
    """Gradients of a mean over `tokens` as those of the sum, in float32: in float16 gradient × tokens can overflow."""
    weight = tokens.astype(mx.float32)
    return tree_map(lambda gradient: gradient.astype(mx.float32) * weight, gradients)


def add(total: Any, gradients: Any) -> Any:
    return gradients if total is None else tree_map(lambda a, b: a + b, total, gradients)


def mean_and_clip(total: Any, tokens: mx.array, max_norm: float) -> tuple[Any, mx.array]:
    """(gradient of the mean over the step's supervised tokens, clipped to `max_norm` unless 0; its global norm before clipping)."""
    share = 1.0 / mx.maximum(tokens.astype(mx.float32), 1.0)
    gradients = tree_map(lambda gradient: gradient * share, total)
    leaves = dict(tree_flatten(gradients)).values()
    norm = mx.sqrt(sum((mx.sum(mx.square(leaf)) for leaf in leaves), mx.array(0.0, dtype=mx.float32)))
    if max_norm <= 0:
        return gradients, norm
    scale = mx.minimum(max_norm / (norm + 1e-6), 1.0)
    return tree_map(lambda gradient: gradient * scale, gradients), norm


def apply_update(model: Any, optimizer: Any, gradients: Any, rate: float, weight_decay: float) -> None:
    """One step, not yet evaluated. Decay shrinks the weights before the update, as in PyTorch; LoRA has no biases or norms to spare."""
    optimizer.learning_rate = mx.array(rate, dtype=mx.float32)
    if weight_decay > 0:
        keep = 1.0 - optimizer.learning_rate * weight_decay
        model.update(tree_map(lambda weight: (weight.astype(mx.float32) * keep).astype(weight.dtype), model.trainable_parameters()))
    dtypes = model.trainable_parameters()
    optimizer.update(model, tree_map(lambda gradient, weight: gradient.astype(weight.dtype), gradients, dtypes))
