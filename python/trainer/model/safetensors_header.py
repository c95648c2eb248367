"""A safetensors file's header: read and checked before any loader sees it, and written.

Format (github.com/huggingface/safetensors, "Format"): 8 bytes little-endian length N, N bytes of JSON
`{name: {dtype, shape, data_offsets: [begin, end]}}`, then the data; offsets count from its start, without holes or overlaps.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TypeGuard

from trainer.run.faults import Fault

# The reference implementation allows 100 MB, which JSON makes gigabytes of; a model of 2 B parameters has 30 kB.
MAX_HEADER_BYTES = 16 * 1024 * 1024
_MAX_SIDES = 8
_MAX_SIDE = 1 << 48
DTYPE_BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
    "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8,
}  # fmt: skip


@dataclass(frozen=True)
class Tensor:
    """`begin` and `end` are byte offsets in the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def read_header(path: Path) -> tuple[list[Tensor], dict[str, str]]:
    """Tensors in the order of their data, and the file's `__metadata__`. Raises Fault model.broken."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        length = int.from_bytes(head, "little")
        if len(head) < 8 or length < 2 or 8 + length > size:
            raise _broken(path, "its header is cut off or not a safetensors header")
        if length > MAX_HEADER_BYTES:
            raise _broken(path, f"its header is {length:,} bytes long and may be {MAX_HEADER_BYTES:,}")
        raw = file.read(length)
    try:
        header = json.loads(raw, object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as error:
        raise _broken(path, "its header is not JSON, or names something twice") from error
    if not isinstance(header, dict):
        raise _broken(path, "its header is not a JSON object")
    metadata = header.pop("__metadata__", None) or {}
    tensors = sorted((_tensor(path, name, entry, 8 + length) for name, entry in header.items()), key=lambda t: (t.begin, t.end))
    _require_contiguous(path, tensors, 8 + length, size)
    return tensors, {str(key): str(value) for key, value in metadata.items()} if isinstance(metadata, dict) else {}


def write_header(tensors: Iterable[tuple[str, str, Sequence[int]]], metadata: Mapping[str, str]) -> bytes:
    """What a file begins with whose data are these tensors' (name, dtype, shape), one after the other."""
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    position = 0
    for name, dtype, shape in tensors:
        size = prod(shape) * DTYPE_BYTES[dtype]
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [position, position + size]}
        position += size
    raw = json.dumps(header, separators=(",", ":")).encode()
    raw += b" " * (-len(raw) % 8)  # the data begins aligned
    return len(raw).to_bytes(8, "little") + raw


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Of two tensors of one name each reader might take another one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _tensor(path: Path, name: str, entry: object, start: int) -> Tensor:
    if not isinstance(entry, dict):
        raise _broken(path, f"its header is wrong at {name[:80]!r}")
    dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    if dtype not in DTYPE_BYTES or not _counts(shape) or not _counts(offsets) or len(offsets) != 2:
        raise _broken(path, f"its header is wrong at {name[:80]!r}")
    # Before anything is multiplied: a shape of a million large numbers would take hours.
    if len(shape) > _MAX_SIDES or any(side > _MAX_SIDE for side in (*shape, *offsets)):
        raise _broken(path, f"the size of {name[:80]!r} is absurd")
    begin, end = offsets
    if end - begin != prod(shape) * DTYPE_BYTES[dtype]:
        raise _broken(path, f"the size of {name[:80]!r} does not fit its shape")
    return Tensor(name, dtype, tuple(shape), start + begin, start + end)


def _counts(value: object) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)


def _require_contiguous(path: Path, tensors: list[Tensor], start: int, size: int) -> None:
    position = start
    for tensor in tensors:
        if tensor.begin != position:
            raise _broken(path, f"its data has a hole or an overlap at {tensor.name[:80]!r}")
        position = tensor.end
    if position != size:
        raise _broken(path, f"it should be {position:,} bytes long and is {size:,}")


def _broken(path: Path, why: str) -> Fault:
    return Fault("model.broken", f"{path.name} is damaged: {why}.", "Fetch the model again, or choose another one.")
