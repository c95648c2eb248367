"""Seals a checkpoint with an adapter of a stated strength, through the trainer's own code, without training."""

from __future__ import annotations

import json

from conftest import Run

from trainer.model.model import add_adapter, load_base
from trainer.run.run_folder import RunFolder
from trainer.training import checkpoint
from trainer.training.adapter import adapter_files, optimizer_files


def seal_adapter(run: Run, step: int, strength: float) -> None:
    """LoRA's B is normal noise times `strength`; 0 changes nothing."""
    import mlx.core as mx
    import mlx.optimizers as optimizers
    from mlx.utils import tree_flatten

    folder = RunFolder(run.path)
    plan = folder.plan
    model = add_adapter(load_base(folder.base_model.path, plan.training)[0], plan.training)
    mx.random.seed(11)
    fresh: dict[str, mx.array] = dict(tree_flatten(model.trainable_parameters()))
    noise = {name: mx.random.normal(value.shape) * strength for name, value in fresh.items() if name.endswith("lora_b")}
    model.load_weights(list(noise.items()), strict=False)
    optimizer = optimizers.AdamW(1e-3)
    optimizer.init(model.trainable_parameters())

    state = checkpoint.STATE, [json.dumps({"step": step}).encode()]
    files = [*adapter_files(model, plan.training, str(folder.base_model.path)), *optimizer_files(optimizer), state]
    folder.checkpoints.mkdir(exist_ok=True)
    checkpoint.seal(folder.checkpoints, step, files, lambda: None)
