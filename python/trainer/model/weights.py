"""What a folder's safetensors hold, from their headers alone: complete, fitting the configuration, how large, how quantisable."""

from __future__ import annotations

import json
from collections import Counter
from math import prod
from pathlib import Path

from trainer.model.safetensors_header import Tensor, read_header
from trainer.run.faults import Fault

K_BLOCK = 256  # llama.cpp's K-quantisation works on blocks of 256 values of one row
INDEX = "model.safetensors.index.json"
_AGAIN = "Fetch the model again, or choose another one."


def weight_files(root: Path, names: list[str]) -> list[str]:
    """The shards mlx-lm would load. Raises Fault model.no-weights, or model.broken where the index names files that are not there."""
    shards = [name for name in names if name.startswith("model") and name.endswith(".safetensors") and "/" not in name]
    if INDEX in names:
        missing = sorted(set(_weight_map(root).values()) - set(names))
        if missing:
            raise Fault("model.no-weights", f"The model is not complete: {missing[0][:80]} is missing.", _AGAIN)
    if not shards:
        adapter = " It is a LoRA adapter; name the base model instead." if "adapter_config.json" in names else ""
        raise Fault("model.no-weights", f"The model folder has no model*.safetensors.{adapter}", "Choose a model with safetensors weights.")
    return shards


def measure_weights(root: Path, names: list[str], config: dict) -> tuple[int, int, str, bool, bool]:
    """(parameters, tensors, most common dtype, quantised, every matrix K-quantisable). Raises as `weight_files`, and model.broken."""
    tensors: dict[str, Tensor] = {}
    for shard in weight_files(root, names):
        for tensor in read_header(root / shard)[0]:
            if tensor.name in tensors:
                raise Fault("model.broken", f"Two files hold the tensor {tensor.name[:80]!r}.", _AGAIN)
            tensors[tensor.name] = tensor
    if INDEX in names:
        lost = next((name for name in _weight_map(root) if name not in tensors), None)
        if lost is not None:
            raise Fault("model.broken", f"The tensor {lost[:80]!r} is missing from the weights.", _AGAIN)
    shapes = _full_shapes(tensors, _bits(config))
    _require_fit(shapes, config)
    dtypes = Counter({"F32": 0})
    for tensor in tensors.values():
        if tensor.dtype.startswith(("F", "BF")):
            dtypes[tensor.dtype] += prod(tensor.shape)
    quantized = len(shapes) < len(tensors)
    k_quantizable = all(shape[-1] % K_BLOCK == 0 for shape in shapes.values() if len(shape) > 1)
    return sum(prod(shape) for shape in shapes.values()), len(tensors), dtypes.most_common(1)[0][0], quantized, k_quantizable


def _bits(config: dict) -> int:
    """Bits a value of an MLX-quantised matrix takes; MLX's default is 4."""
    settings = config.get("quantization")
    bits = settings.get("bits") if isinstance(settings, dict) else 4
    return bits if bits in (2, 3, 4, 5, 6, 8) else 4


def _full_shapes(tensors: dict[str, Tensor], bits: int) -> dict[str, tuple[int, ...]]:
    """Shapes as they are unquantised. MLX packs `x.weight` into 32-bit words beside `x.scales`, one scale for each group of a row."""
    shapes = {}
    for name, tensor in tensors.items():
        stem, _, kind = name.rpartition(".")
        if kind in ("scales", "biases") and f"{stem}.scales" in tensors:
            continue
        packed = tensor.dtype == "U32" and f"{stem}.scales" in tensors
        shapes[name] = (*tensor.shape[:-1], tensor.shape[-1] * 32 // bits) if packed and tensor.shape else tensor.shape
    return shapes


def _require_fit(shapes: dict[str, tuple[int, ...]], config: dict) -> None:
    embedding = (config.get("vocab_size"), config.get("hidden_size"))
    found = shapes.get("model.embed_tokens.weight")
    if found != embedding:
        raise Fault("model.broken", f"The weights do not fit config.json: embeddings {found}, expected {embedding}.", _AGAIN)
    layers = {name.split(".")[2] for name in shapes if name.startswith("model.layers.")}
    if len(layers) != config.get("num_hidden_layers"):
        raise Fault("model.broken", f"The weights hold {len(layers)} layers, config.json says {config.get('num_hidden_layers')}.", _AGAIN)


def _weight_map(root: Path) -> dict[str, str]:
    try:
        value = json.loads((root / INDEX).read_bytes())["weight_map"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Fault("model.broken", f"{INDEX} is damaged.", _AGAIN) from error
    if not isinstance(value, dict) or not all(isinstance(file, str) for file in value.values()):
        raise Fault("model.broken", f"{INDEX} is damaged.", _AGAIN)
    return value
