"""What a micro-batch costs: a + b·tokens + c·tokens·length, fitted to a few measured shapes. Pure.

The first part is what every micro-batch costs, the second the matrices, the third attention. Time and memory are fitted alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np


class Shape(NamedTuple):
    """Rows of `length` tokens each, padding included."""

    rows: int
    length: int

    @property
    def tokens(self) -> int:
        return self.rows * self.length


@dataclass(frozen=True)
class Cost:
    """In the unit of what was fitted; no part is negative."""

    fixed: float
    per_token: float
    per_token_length: float

    def of(self, shape: Shape) -> float:
        return self.fixed + shape.tokens * (self.per_token + self.per_token_length * shape.length)


def fit(measured: Sequence[tuple[Shape, float]]) -> Cost:
    """Least squares of the relative error with no negative part: with three parts, each choice of them can be tried.

    Fewer measurements than parts: the fewest parts that explain them, the matrices first. None measured: ValueError.
    """
    if not measured:
        raise ValueError("nothing was measured")
    rows = np.array([[1.0, shape.tokens, shape.tokens * shape.length] for shape, _ in measured])
    wanted = np.array([max(value, 1e-12) for _, value in measured])
    scaled = rows / wanted[:, None]
    best: tuple[float, list[float]] | None = None
    for count in (1, 2, 3):
        for parts in sorted(combinations(range(3), count), key=lambda some: 1 not in some):
            if count > len(measured):
                continue
            # Columns differ by orders of magnitude.
            size = np.abs(scaled[:, parts]).max(axis=0)
            found = np.linalg.lstsq(scaled[:, parts] / size, np.ones(len(measured)), rcond=None)[0] / size
            if (found < 0).any():
                continue
            error = float(((scaled[:, parts] @ found - 1) ** 2).sum())
            # One part more has to explain something.
            if best is None or error < best[0] * 0.98 - 1e-12:
                values = [0.0, 0.0, 0.0]
                for part, value in zip(parts, found, strict=True):
                    values[part] = float(value)
                best = (error, values)
    assert best is not None  # one positive part alone always fits
    return Cost(*best[1])
