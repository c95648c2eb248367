"""What of an epoch's processed tokens would be real: the plan's random micro-batches of 4, beside micro-batches cut by length."""

from __future__ import annotations

from collections.abc import Sequence

from trainer.rows.cut import cut_by_tokens, rounded
from trainer.rows.plan import RowLength, cut, shuffled

# The defaults of electron/core/plan.ts.
_MICRO_BATCH, _ACCUMULATION, _SEED = 4, 4, 3407
# The shares of 20,000 shuffled rows are those of a million to a tenth of a percent.
_MAX_ROWS = 20_000


def padding_cost(lengths: Sequence[int], max_seq_length: int) -> dict:
    """`lengths` in tokens, already cut at the limit. Shares of real tokens, from 0 to 1; `byLength` has a budget of one longest row."""
    order = shuffled(range(len(lengths)), _SEED, 0)[:_MAX_ROWS]
    real = sum(lengths[row] for row in order)
    budget = min(max_seq_length, max((lengths[row] for row in order), default=max_seq_length))
    plain = sorted_ = 0
    for step in cut(order, _MICRO_BATCH * _ACCUMULATION):
        for batch in cut(step, _MICRO_BATCH):
            plain += len(batch) * max(lengths[row] for row in batch)
        for rows in cut_by_tokens([RowLength(row, lengths[row]) for row in step], budget):
            sorted_ += len(rows) * max(rounded(row.length) for row in rows)
    return {
        "rows": len(order),
        "tokens": real,
        "padded": plain,
        "realShare": _share(real, plain),
        "byLength": {"microBatchTokens": budget, "padded": sorted_, "realShare": _share(real, sorted_)},
    }


def _share(real: int, processed: int) -> float | None:
    return round(real / processed, 4) if processed else None
