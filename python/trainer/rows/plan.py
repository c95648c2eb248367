"""The batch plan: which rows make which step, in which micro-batches. Pure; written to disk before step 1, never recomputed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from trainer.rows.cut import cut_by_tokens, rounded
from trainer.run.run_plan import Training


@dataclass(frozen=True)
class Step:
    """One line of `data/batches.jsonl`. `step` counts from 1; `epoch` is how many epochs are done after it (1.0 at the first one's end)."""

    step: int
    epoch: float
    micro_batches: list[list[int]]

    def to_json(self) -> dict[str, object]:
        return {"step": self.step, "epoch": self.epoch, "microBatches": self.micro_batches}


class RowLength(NamedTuple):
    row: int
    length: int


def rows_per_step(training: Training) -> int:
    return training.micro_batch_size * training.gradient_accumulation_steps


def steps_per_epoch(training: Training, rows: int) -> int:
    return math.ceil(rows / rows_per_step(training))


def planned_steps(training: Training, rows: int) -> int:
    """Optimizer steps of the whole run; electron/core/plan.ts `plannedSteps` is the same formula."""
    if training.max_steps > 0:
        return training.max_steps
    return max(1, math.ceil(steps_per_epoch(training, rows) * training.num_train_epochs))


def make_batches(rows: Sequence[int], training: Training, lengths: Mapping[int, int] | Sequence[int] = ()) -> Iterator[Step]:
    """The plan for these row ids: each epoch a seeded shuffle, cut into steps of `rows_per_step`, cut into micro-batches.

    `lengths`: tokens by row id, needed only where the plan has a budget; the rows of each step are the same with and without one.

    An epoch's last step keeps the remainder, so every row is met once an epoch. `max_steps` beats `num_train_epochs` and
    goes on over as many epochs as it needs. Yields step by step, so that a plan is never held whole. No rows: ValueError.
    """
    if not rows:
        raise ValueError("a batch plan needs at least one row")
    total, size, each_epoch = planned_steps(training, len(rows)), rows_per_step(training), steps_per_epoch(training, len(rows))
    order: list[int] = []
    for index in range(total):
        epoch, place = divmod(index, each_epoch)
        if place == 0:
            order = shuffled(rows, training.seed, epoch)
        chosen = order[place * size : (place + 1) * size]
        yield Step(index + 1, round((index + 1) / each_epoch, 6), cut_step(chosen, training, lengths))


def shuffled(rows: Sequence[int], seed: int, epoch: int) -> list[int]:
    """The same order for the same seed and epoch on every machine and Python version (Mersenne Twister, Fisher–Yates)."""
    order = list(rows)
    random.Random(seed * 1_000_003 + epoch).shuffle(order)
    return order


def cut(rows: Sequence[int], size: int) -> list[list[int]]:
    return [list(rows[start : start + size]) for start in range(0, len(rows), size)]


def cut_step(rows: Sequence[int], training: Training, lengths: Mapping[int, int] | Sequence[int]) -> list[list[int]]:
    """By the plan's budget of padded tokens, or plainly by its number of rows."""
    if training.micro_batch_tokens is None:
        return cut(rows, training.micro_batch_size)
    return [
        [row.row for row in batch] for batch in cut_by_tokens([RowLength(row, lengths[row]) for row in rows], training.micro_batch_tokens)
    ]


def padded_tokens(lengths: Sequence[int], training: Training) -> int:
    """Tokens one micro-batch processes: every row is padded to the longest one, whose length a budget rounds up."""
    longest = max(lengths, default=0)
    return len(lengths) * (longest if training.micro_batch_tokens is None else rounded(longest))
