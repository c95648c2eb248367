"""Rows as arrays for Unsloth's loss functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import mlx.core as mx
import numpy as np

from trainer.rows.row_store import PreparedRow

IGNORED = -100


@dataclass(frozen=True)
class Batch:
    """`ids` and `labels`: rows × padded length; `lengths`: rows × (0, length). Counts: all real tokens, with padding."""

    ids: mx.array
    lengths: mx.array
    labels: mx.array
    tokens: int
    padded_tokens: int


def to_batch(rows: Sequence[PreparedRow], pad_id: int, length: int = 0) -> Batch:
    """Padded on the right to the longest row, or to `length` where that is more; labels are -100 before the answer and on the padding."""
    longest = max(length, max(row.length for row in rows))
    ids = np.full((len(rows), longest), pad_id, dtype=np.int32)
    labels = np.full((len(rows), longest), IGNORED, dtype=np.int64)
    lengths = np.zeros((len(rows), 2), dtype=np.int32)
    for place, row in enumerate(rows):
        ids[place, : row.length] = row.ids
        labels[place, row.answer_from : row.length] = row.ids[row.answer_from :]
        lengths[place, 1] = row.length
    return Batch(mx.array(ids), mx.array(lengths), mx.array(labels), int(lengths[:, 1].sum()), ids.size)


def number(value: mx.array) -> float:
    """A scalar array as a Python float, bit for bit (float32 fits into float64)."""
    return float(np.array(value))
