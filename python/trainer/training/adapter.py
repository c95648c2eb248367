"""What a checkpoint holds of the model: LoRA matrices and optimizer state, read back only where every name and shape fits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
from mlx.utils import tree_flatten, tree_unflatten

from trainer.model.safetensors_header import write_header
from trainer.run.run_plan import Training
from trainer.training import checkpoint as sealed
from trainer.training.checkpoint import Damaged

_OTHER_FILES_BYTES = 16 * 1024


def adapter_files(model: Any, training: Training, base_model: str) -> Iterator[tuple[str, sealed.Content]]:
    """mlx-lm's layout (`mlx_lm.lora`): `…q_proj.lora_a` is (in, r), `lora_b` is (r, out); weight delta = scale · (A·B) transposed."""
    weights = dict(tree_flatten(model.trainable_parameters()))
    yield sealed.ADAPTERS, _serialise(weights)
    config = {
        "fine_tune_type": "lora",
        "base_model_name_or_path": base_model,
        "num_layers": len(model.layers),
        "lora_parameters": {
            "rank": training.lora_r,
            "scale": training.lora_alpha / training.lora_r,
            "dropout": training.lora_dropout,
            "keys": sorted({_key(name) for name in weights}),
        },
        "r": training.lora_r,
        "lora_alpha": training.lora_alpha,
        "target_modules": sorted(training.target_modules),
    }
    yield sealed.ADAPTER_CONFIG, [json.dumps(config, indent=1).encode()]


def _key(name: str) -> str:
    """`model.layers.0.self_attn.q_proj.lora_a` -> `self_attn.q_proj`."""
    return ".".join(name.split(".")[3:-1])


def optimizer_files(optimizer: Any) -> Iterator[tuple[str, sealed.Content]]:
    yield sealed.OPTIMIZER, _serialise(dict(tree_flatten(optimizer.state)))


def checkpoint_bytes(model: Any, optimizer: Any) -> int:
    """About what a checkpoint needs on disk: its tensors; the rest is some kilobytes."""
    tensors = [*dict(tree_flatten(model.trainable_parameters())).values(), *dict(tree_flatten(optimizer.state)).values()]
    return sum(tensor.nbytes for tensor in tensors) + _OTHER_FILES_BYTES


# What LoRA and its optimizer are made of.
_DTYPES = {
    "float32": "F32",
    "float16": "F16",
    "uint8": "U8",
    "int8": "I8",
    "uint32": "U32",
    "int32": "I32",
    "uint64": "U64",
    "int64": "I64",
}


def _serialise(tensors: dict[str, mx.array]) -> sealed.Content:
    """A safetensors file in pieces: the arrays' own memory, so that nothing is copied to be hashed and written."""
    arrays = {name: np.ascontiguousarray(np.array(tensor, copy=False)) for name, tensor in tensors.items()}
    header = write_header(((name, _DTYPES[str(array.dtype)], tensors[name].shape) for name, array in arrays.items()), {"format": "mlx"})
    return [header, *(array.reshape(-1).view(np.uint8).data for array in arrays.values() if array.size)]


def load_adapter(model: Any, folder: Path) -> None:
    """Into a model that has fresh LoRA matrices of the same plan. Raises Damaged when they do not fit."""
    loaded = _load(folder / sealed.ADAPTERS)
    _require_same(sealed.ADAPTERS, loaded, dict(tree_flatten(model.trainable_parameters())))
    model.load_weights(list(loaded.items()), strict=False)
    mx.eval(model.trainable_parameters())


def load_optimizer(model: Any, optimizer: Any, folder: Path) -> None:
    optimizer.init(model.trainable_parameters())
    loaded = _load(folder / sealed.OPTIMIZER)
    _require_same(sealed.OPTIMIZER, loaded, dict(tree_flatten(optimizer.state)))
    optimizer.state = tree_unflatten(list(loaded.items()))
    mx.eval(optimizer.state)


def _load(path: Path) -> dict[str, mx.array]:
    try:
        loaded = mx.load(str(path))
    except (RuntimeError, ValueError) as error:
        raise Damaged(f"{path.name} cannot be read") from error
    if not isinstance(loaded, dict):
        raise Damaged(f"{path.name} is not a set of tensors")
    return loaded


def _require_same(name: str, loaded: dict[str, mx.array], wanted: dict[str, mx.array]) -> None:
    if {key: (value.shape, value.dtype) for key, value in loaded.items()} != {
        key: (value.shape, value.dtype) for key, value in wanted.items()
    }:
        raise Damaged(f"{name} does not fit the run's plan")
