"""LoRA dropout that draws its mask once a forward pass.

MLX's gradient checkpointing runs a layer again in the backward pass, and MLX's own dropout then draws a second mask, so the gradient
belongs to no loss (measured: a directional derivative of -1.99 where the finite difference is -2.32). Here the second run meets the
first one's mask. The first draw is the one MLX's own dropout would make, so without checkpointing nothing changes.
"""

from __future__ import annotations

from typing import Any

import mlx.core as mx
import mlx.nn as nn


class MaskOnce(nn.Module):
    def __init__(self, p: float):
        super().__init__()
        self._keep = 1 - p
        self._key: mx.array | None = None

    def __call__(self, x: mx.array) -> mx.array:
        if not self.training:
            return x
        # The state can be read and not set: the first draw lets MLX advance it, and the key MLX used for it is its split's second half.
        key, before = self._key, mx.random.state[0]  # type: ignore[index]  (the stub says `object`)
        mask = mx.random.bernoulli(self._keep, x.shape, key=key)
        if key is None:
            self._key = mx.random.split(before)[1]
        return (1 / self._keep) * mask * x

    def forget(self) -> None:
        self._key = None


def install(model: Any, p: float) -> list[MaskOnce]:
    """In place of every LoRA matrix's dropout; each must be called once a forward pass. Nothing for p = 0."""
    placed: list[MaskOnce] = []
    if p > 0:
        for _, module in model.named_modules():
            if "lora_a" in module and "dropout" in module:
                module.dropout = MaskOnce(p)
                placed.append(module.dropout)
    return placed


def next_pass(masks: list[MaskOnce]) -> None:
    """Before each micro-batch."""
    for mask in masks:
        mask.forget()
