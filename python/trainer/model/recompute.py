"""Whether a layer's forward pass is kept for the backward pass or done again there (gradient checkpointing), changed between two passes.

Unsloth's own switch; it acts on the layers' class, so on all models of this process.
"""

from __future__ import annotations

from typing import Any


def keep_or_recompute(model: Any, recompute: bool) -> None:
    from unsloth_zoo.mlx.utils import apply_gradient_checkpointing, remove_gradient_checkpointing

    # Both do nothing where it is so already.
    (apply_gradient_checkpointing if recompute else remove_gradient_checkpointing)(model)
