"""How the rows of one optimizer step are cut into micro-batches by a budget of padded tokens. Pure.

Micro-batches are weighted by supervised tokens, so the cut changes what a step costs and not its gradient (dropout apart: masks
follow shapes). Random micro-batches of 4 are half padding on chat rows; cut by length they are nearly all real tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

# What a micro-batch costs beside its tokens, in tokens: measured about 20 on two CPU cores (docs/performance.md).
MICRO_BATCH_COST_TOKENS = 20
# Lengths are rounded up on a grid: multiples of 8 up to 256, then sixteen lengths an octave, so rounding adds 1/16 at most from 128 on.
LENGTH_MULTIPLE = 8
# Bounds the work of a cut and the number of shapes, however small rows are.
MAX_ROWS = 64


class HasLength(Protocol):
    @property
    def length(self) -> int: ...


Row = TypeVar("Row", bound=HasLength)


def rounded(length: int) -> int:
    """The grid's next length; what a row of `length` tokens is padded to where it is the longest of its micro-batch."""
    grid = max(LENGTH_MULTIPLE, 1 << max(0, (length - 1).bit_length() - 5))
    return -(-length // grid) * grid


def cut_by_tokens(rows: Sequence[Row], budget: int) -> list[list[Row]]:
    """The cheapest cut of the rows, sorted by length, into micro-batches of at most `budget` padded tokens and MAX_ROWS rows.

    Exact (dynamic programming): minimises padded tokens + MICRO_BATCH_COST_TOKENS × micro-batches. A row over the budget is a
    micro-batch by itself. Longest first, so that a step that does not fit in memory says so at once; equal lengths keep their order.
    """
    ordered = sorted(rows, key=lambda row: -row.length)
    # best[i]: cost of the first i rows; start[i]: where their last micro-batch begins, whose first row is its longest.
    best, start = [0] + [0] * len(ordered), [0] * (len(ordered) + 1)
    for end in range(1, len(ordered) + 1):
        choices = []
        for begin in range(end - 1, max(-1, end - 1 - MAX_ROWS), -1):
            padded = (end - begin) * rounded(ordered[begin].length)
            if padded > budget and end - begin > 1:
                break
            choices.append((best[begin] + padded + MICRO_BATCH_COST_TOKENS, begin))
        best[end], start[end] = min(choices)
    cut: list[list[Row]] = []
    end = len(ordered)
    while end > 0:
        cut.append(ordered[start[end] : end])
        end = start[end]
    return cut[::-1]


def shape_bound(budget: int, longest: int, rows: int) -> int:
    """At most so many distinct (rows, length) shapes, whatever the data: what a compiled backend may have to compile."""
    shapes, length = 0, LENGTH_MULTIPLE
    while length <= rounded(longest):
        shapes += min(rows, MAX_ROWS, max(1, budget // length))
        length = rounded(length + 1)
    return shapes
