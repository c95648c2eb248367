"""Held-out loss, row by row, and the comparison of two evaluations."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np

from trainer.rows.row_store import RowStore
from trainer.run.durable import replacing
from trainer.training.batch import number, to_batch

RESAMPLES = 2000
_BLOCK = 1 << 20


@dataclass(frozen=True)
class RowLoss:
    """Mean loss in nats over the row's supervised tokens, and how many those are."""

    row: int
    loss: float
    tokens: int


@dataclass(frozen=True)
class Comparison:
    """Means weighted by supervised tokens; `low`..`high` is a 95 % interval of `difference` = after − before."""

    before: float
    after: float
    difference: float
    low: float
    high: float
    rows: int
    resamples: int


def evaluate(model: Any, loss: Any, rows: RowStore, pad_id: int, between: Callable[[float], object]) -> list[RowLoss]:
    """Each held-out row by itself: no padding, and a loss for each row. `between(worked seconds)` may rest or raise."""
    losses: list[RowLoss] = []
    model.eval()
    try:
        for row in rows.ids():
            start = time.monotonic()
            batch = to_batch([rows.get(row)], pad_id)
            value, tokens = loss(model, batch.ids, batch.lengths, batch.labels)
            mx.eval(value, tokens)
            losses.append(RowLoss(row, number(value), int(number(tokens))))
            between(time.monotonic() - start)
    finally:
        model.train()
    return losses


def mean_loss(losses: list[RowLoss]) -> tuple[float, int]:
    """(mean over all supervised tokens, their number)."""
    tokens = sum(row.tokens for row in losses)
    return sum(row.loss * row.tokens for row in losses) / max(tokens, 1), tokens


@dataclass(frozen=True)
class CategoryLoss:
    """Means weighted by supervised tokens."""

    category: str
    before: float
    after: float
    rows: int


CATEGORIES_SHOWN = 20
_CATEGORY_CHARACTERS = 80


def by_category(before: list[RowLoss], after: list[RowLoss], category_of: Callable[[int], str]) -> list[CategoryLoss]:
    """Of rows that name one, those with most rows first."""
    earlier = {row.row: row for row in before}
    found: dict[str, list[RowLoss]] = {}
    for row in after:
        if row.row in earlier and (name := category_of(row.row)):
            found.setdefault(name[:_CATEGORY_CHARACTERS], []).append(row)
    most = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:CATEGORIES_SHOWN]
    return [CategoryLoss(name, mean_loss([earlier[row.row] for row in rows])[0], mean_loss(rows)[0], len(rows)) for name, rows in most]


def write_losses(path: Path, losses: list[RowLoss]) -> None:
    with replacing(path) as file:
        for row in losses:
            # A non-finite loss is a finding, and JSON has no word for it but a string.
            loss = row.loss if np.isfinite(row.loss) else str(row.loss)
            file.write(json.dumps({"row": row.row, "loss": loss, "tokens": row.tokens}).encode() + b"\n")


def read_losses(path: Path) -> list[RowLoss]:
    values = [json.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
    return [RowLoss(value["row"], float(value["loss"]), value["tokens"]) for value in values]


def compare(before: list[RowLoss], after: list[RowLoss], seed: int, resamples: int = RESAMPLES) -> Comparison | None:
    """Paired bootstrap over rows (Efron & Tibshirani 1993): rows are drawn with replacement, each with its two losses and its
    tokens as weight; percentiles 2.5 and 97.5. None when the two evaluations share no row."""
    earlier = {row.row: row for row in before}
    pairs = [(earlier[row.row], row) for row in after if row.row in earlier and row.tokens > 0]
    if not pairs:
        return None
    weights = np.array([b.tokens for _, b in pairs], dtype=np.float64)
    first, last = (np.array(column, dtype=np.float64) for column in zip(*((a.loss, b.loss) for a, b in pairs), strict=True))
    random = np.random.default_rng(seed)
    drawn: list[np.ndarray] = []
    # In blocks, so that memory stays bounded however many rows there are.
    block = max(1, _BLOCK // len(pairs))
    for start in range(0, resamples, block):
        chosen = random.integers(0, len(pairs), (min(block, resamples - start), len(pairs)))
        drawn.append(((last - first) * weights)[chosen].sum(axis=1) / weights[chosen].sum(axis=1))
    low, high = np.percentile(np.concatenate(drawn), [2.5, 97.5])
    mean_before, mean_after = (float(np.average(column, weights=weights)) for column in (first, last))
    return Comparison(mean_before, mean_after, mean_after - mean_before, float(low), float(high), len(pairs), resamples)
