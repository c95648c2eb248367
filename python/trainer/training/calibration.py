"""The fastest way to cut a plan's steps that fits in memory, chosen by measured costs; a resumed run reads it from the journal.

The rows of each step stay what they are, and so does its gradient: only how many tokens a micro-batch holds is chosen, and whether the
forward pass of a layer is kept for the backward pass or done again (gradient checkpointing, about a third more work for less memory).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from trainer.rows.cut import cut_by_tokens, rounded
from trainer.rows.plan import RowLength
from trainer.run.journal import read_own
from trainer.run.run_plan import Training
from trainer.training.cost import Cost, Shape, fit

# A larger budget has to be faster by so much: a smaller one follows the pace more finely and leaves memory to others.
WORTH = 1.03
_LEAST_BUDGET = 64


@dataclass(frozen=True)
class Measured:
    """One shape, forward and backward; `bytes` over what stood in memory before."""

    rows: int
    length: int
    recomputed: bool
    seconds: float
    bytes: int

    @property
    def shape(self) -> Shape:
        return Shape(self.rows, self.length)


@dataclass(frozen=True)
class Costs:
    """Seconds and bytes with the forward pass kept, and with it done again (None: not measured)."""

    kept: tuple[Cost, Cost] | None
    again: tuple[Cost, Cost] | None

    def seconds(self, shape: Shape, recomputed: bool) -> float:
        return self._of(recomputed)[0].of(shape)

    def bytes(self, shape: Shape, recomputed: bool) -> float:
        return self._of(recomputed)[1].of(shape)

    def _of(self, recomputed: bool) -> tuple[Cost, Cost]:
        found = self.again if recomputed else self.kept
        if found is None:
            raise ValueError("this way was not measured")
        return found


@dataclass(frozen=True)
class Calibration:
    """What `calibrated` says. `recomputeOver`: micro-batches of more padded tokens are recomputed; None: none are."""

    microBatchTokens: int
    recomputeOver: int | None
    secondsPerStep: float
    # The plan as it was written, by the same fit; None where it would not fit in memory.
    planSecondsPerStep: float | None
    peakBytes: int
    paddedTokensPerStep: float

    @staticmethod
    def from_json(value: dict[str, Any]) -> Calibration | None:
        """None where a part is missing."""
        try:
            return Calibration(**{part.name: value[part.name] for part in fields(Calibration)})
        except KeyError:
            return None


def costs_of(measured: Sequence[Measured]) -> Costs:
    def of(recomputed: bool) -> tuple[Cost, Cost] | None:
        found = [one for one in measured if one.recomputed == recomputed]
        if not found:
            return None
        return fit([(one.shape, one.seconds) for one in found]), fit([(one.shape, float(one.bytes)) for one in found])

    return Costs(of(False), of(True))


def choose(steps: Sequence[Sequence[Sequence[int]]], longest: int, training: Training, costs: Costs, room: int) -> Calibration:
    """`steps`: for each one its micro-batches as the plan cuts them, as row lengths; `longest`: the longest row of all; `room` in bytes.

    Where nothing fits, the cut that needs least: what then follows is the memory ladder's.
    """
    found: list[Calibration] = []
    for budget in _budgets(steps, longest):
        over = _recompute_over(budget, longest, costs, room)
        cut = [_cut(step, budget) for step in steps]
        worst = max(
            costs.bytes(shape, _again(shape, over, costs)) for shape in {*(one for step in cut for one in step), *_widest(budget, longest)}
        )
        found.append(
            Calibration(
                budget,
                over,
                sum(costs.seconds(shape, _again(shape, over, costs)) for step in cut for shape in step) / len(steps),
                _as_planned(steps, training, costs, room),
                round(worst),
                sum(shape.tokens for step in cut for shape in step) / len(steps),
            )
        )
    fitting = [one for one in found if one.peakBytes <= room] or [min(found, key=lambda one: one.peakBytes)]
    fastest = min(one.secondsPerStep for one in fitting)
    return next(one for one in fitting if one.secondsPerStep <= fastest * WORTH)


def _budgets(steps: Sequence[Sequence[Sequence[int]]], longest: int) -> list[int]:
    """Doubled from 64 tokens to where the largest step is one micro-batch; and one longest row."""
    most = max(sum(map(len, step)) for step in steps) * rounded(longest)
    budgets = {rounded(longest), most}
    budget = _LEAST_BUDGET
    while budget < most:
        budgets.add(budget)
        budget *= 2
    return sorted(budgets)


def _cut(step: Sequence[Sequence[int]], budget: int) -> list[Shape]:
    rows = [RowLength(0, length) for batch in step for length in batch]
    return [Shape(len(batch), rounded(max(row.length for row in batch))) for batch in cut_by_tokens(rows, budget)]


def _widest(budget: int, longest: int) -> Iterable[Shape]:
    """What some step of the run may hold, whatever the sampled ones do."""
    length = rounded(longest)
    while length >= _LEAST_BUDGET:
        yield Shape(max(1, budget // length), length)
        length //= 2


def _again(shape: Shape, over: int | None, costs: Costs) -> bool:
    if costs.kept is None:
        return True
    return costs.again is not None and over is not None and shape.tokens > over


def _recompute_over(budget: int, longest: int, costs: Costs, room: int) -> int | None:
    """The most padded tokens whose forward pass may be kept; 0 where none may, or where doing it again is no slower."""
    typical = Shape(max(1, budget // rounded(longest)), rounded(longest))
    if costs.kept is None:
        return 0
    if costs.again is None:
        return None
    if costs.seconds(typical, True) <= costs.seconds(typical, False):
        return 0
    low, high = 0, max(budget, rounded(longest))
    if all(costs.bytes(shape, False) <= room for shape in (*_widest(budget, longest), typical)):
        return None
    while low < high:
        middle = (low + high + 1) // 2
        widest = min(middle, rounded(longest))
        fits = costs.bytes(Shape(max(1, middle // widest), widest), False) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def _as_planned(steps: Sequence[Sequence[Sequence[int]]], training: Training, costs: Costs, room: int) -> float | None:
    again = (training.gradient_checkpointing and costs.again is not None) or costs.kept is None
    grid = rounded if training.micro_batch_tokens is not None else int
    shapes = [[Shape(len(batch), grid(max(batch))) for batch in step] for step in steps]
    if any(costs.bytes(shape, again) > room for step in shapes for shape in step):
        return None
    return sum(costs.seconds(shape, again) for step in shapes for shape in step) / len(steps)


def read_calibration(journal: Path) -> Calibration | None:
    """The journal's newest; None where there is none, and the trainer then measures afresh."""
    found = [one for event in read_own(journal, "calibrated") if (one := Calibration.from_json(event))]
    return found[-1] if found else None


def tries(journal: Path) -> int:
    """How often measuring was begun: one that did not end may have taken too much memory."""
    return sum(event.get("done") == 0 for event in read_own(journal, "calibrating"))
