"""Base weights + scale·B·A as a new safetensors file, block of rows by block of rows: memory stays under a stated bound.

Computed in float32 on the CPU (MLX may use reduced precision for float32 products on a GPU) and rounded once to the base's dtype.
Tensors without an adapter are copied byte for byte. MLX-quantised matrices are dequantised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import mlx.core as mx
import numpy as np

from trainer.model.safetensors_header import DTYPE_BYTES, Tensor, read_header, write_header
from trainer.run.durable import fsync_fd
from trainer.run.faults import Fault

# Float32 bytes of one block of rows; a few times this is held at once.
BLOCK_BYTES = 32 * 1024 * 1024
_FLOATS = {"F32": mx.float32, "F16": mx.float16, "BF16": mx.bfloat16}


@dataclass(frozen=True)
class Delta:
    """LoRA matrices of one projection: `a` (in, r), `b` (r, out), float32; the weight (out, in) gets scale · (a·b) transposed."""

    a: mx.array
    b: mx.array
    scale: float


@dataclass(frozen=True)
class Output:
    """One tensor of the new file. `packed` has its `scales` and `biases` where the base is quantised."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    source: Tensor
    scales: Tensor | None = None
    biases: Tensor | None = None
    group_size: int = 0
    bits: int = 0

    @property
    def bytes(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64)) * DTYPE_BYTES[self.dtype]


def plan_outputs(tensors: list[Tensor], quantization: dict) -> list[Output]:
    """What the new file holds: the same names and shapes, a packed matrix unpacked. Raises Fault model.broken, model.family."""
    by_name = {tensor.name: tensor for tensor in tensors}
    outputs = []
    for tensor in tensors:
        stem, _, kind = tensor.name.rpartition(".")
        if kind in ("scales", "biases") and f"{stem}.scales" in by_name:
            continue
        if kind != "weight" or f"{stem}.scales" not in by_name:
            outputs.append(Output(tensor.name, tensor.dtype, tensor.shape, tensor))
            continue
        own = quantization.get(stem)
        settings = own if isinstance(own, dict) else quantization
        group_size, bits = settings.get("group_size", 64), settings.get("bits", 4)
        scales, biases = by_name[f"{stem}.scales"], by_name.get(f"{stem}.biases")
        if biases is None or scales.dtype not in _FLOATS or settings.get("mode", "affine") != "affine":
            raise Fault("model.family", f"{tensor.name} is quantised in a way that cannot be merged.", "Choose a base model in 16 bits.")
        shape = (tensor.shape[0], scales.shape[1] * group_size)
        if shape[1] * bits != tensor.shape[1] * 32:
            raise Fault("model.broken", f"{tensor.name} does not fit its quantisation.", "Fetch the model again, or choose another one.")
        outputs.append(Output(tensor.name, scales.dtype, shape, tensor, scales, biases, group_size, bits))
    return outputs


def write_fused(source: Path, target: Path, outputs: list[Output], deltas: dict[str, Delta], done: Callable[[], None]) -> None:
    """Writes one shard and flushes it to the medium; `done` is called after each tensor. Raises Fault run.not-finite, and OSError."""
    metadata = {**read_header(source)[1], "format": "pt"}
    with source.open("rb") as base, target.open("wb") as out:
        out.write(write_header(((output.name, output.dtype, output.shape) for output in outputs), metadata))
        for output in outputs:
            delta = deltas.get(output.name)
            if output.scales is None and delta is None:
                _copy(base, out, output.source)
            else:
                for block in _blocks(base, output, delta):
                    out.write(block)
            done()
        out.flush()
        fsync_fd(out.fileno())


def _copy(base: IO[bytes], out: IO[bytes], tensor: Tensor) -> None:
    base.seek(tensor.begin)
    left = tensor.end - tensor.begin
    while left:
        chunk = base.read(min(left, BLOCK_BYTES))
        if not chunk:
            raise Fault("model.broken", f"{tensor.name} is cut off.", "Fetch the model again, then continue with: thortime resume.")
        out.write(chunk)
        left -= len(chunk)


def _blocks(base: IO[bytes], output: Output, delta: Delta | None) -> Iterator[bytes]:
    rows, columns = output.shape
    step = max(1, BLOCK_BYTES // (columns * 4))
    with mx.stream(mx.cpu):
        for first in range(0, rows, step):
            last = min(rows, first + step)
            weight = _read_rows(base, output, first, last).astype(mx.float32)
            if delta is not None:
                weight = weight + delta.scale * (delta.b[:, first:last].T @ delta.a.T)
            rounded = weight.astype(_FLOATS[output.dtype])
            if not mx.all(mx.isfinite(rounded)).item():
                message = f"The merged weights are not finite at {output.name}: training has diverged."
                raise Fault("run.not-finite", message, "Start a new run with a lower learning rate.")
            yield _to_bytes(rounded)


def _read_rows(base: IO[bytes], output: Output, first: int, last: int) -> mx.array:
    if output.scales is None or output.biases is None:
        return _read(base, output.source, first, last)
    packed, scales, biases = (_read(base, tensor, first, last) for tensor in (output.source, output.scales, output.biases))
    return mx.dequantize(packed, scales, biases, group_size=output.group_size, bits=output.bits)


def _read(base: IO[bytes], tensor: Tensor, first: int, last: int) -> mx.array:
    row_bytes = (tensor.end - tensor.begin) // tensor.shape[0]
    base.seek(tensor.begin + first * row_bytes)
    raw = base.read((last - first) * row_bytes)
    shape = (last - first, *tensor.shape[1:])
    if tensor.dtype == "BF16":  # numpy has no bfloat16
        return mx.array(np.frombuffer(raw, "<u2").reshape(shape)).view(mx.bfloat16)
    kind = {"F32": "<f4", "F16": "<f2", "U32": "<u4"}[tensor.dtype]
    return mx.array(np.frombuffer(raw, kind).reshape(shape))


def _to_bytes(values: mx.array) -> bytes:
    plain = values.view(mx.uint16) if values.dtype == mx.bfloat16 else values
    return np.array(plain).tobytes()
