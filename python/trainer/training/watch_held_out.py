"""The best evaluation so far, and whether the held-out loss has risen again: two in a row worse than it, each by more than chance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from trainer.training.evaluate import RowLoss, compare, mean_loss

WORSE_IN_A_ROW = 2


@dataclass
class HeldOutWatch:
    """Part of `state.json`, so that a resumed run judges as the uninterrupted one. Step 0 is the base model and nobody's best."""

    bestStep: int | None = None
    bestLoss: float | None = None
    # Evaluations in a row that were worse than the best.
    worse: int = 0
    # The newest one that was looked at.
    seenStep: int = 0

    @staticmethod
    def from_json(value: Any) -> HeldOutWatch:
        """A new one where the checkpoint is from before such watches."""
        if not isinstance(value, dict):
            return HeldOutWatch()
        return HeldOutWatch(value["bestStep"], value["bestLoss"], value["worse"], value["seenStep"])


def see(watch: HeldOutWatch, step: int, losses: list[RowLoss], best: Callable[[int], list[RowLoss]], seed: int) -> bool:
    """Takes the evaluation of `step` in, once; `best(step)` reads an earlier one. True when it is the second in a row that is worse.

    Worse means that the 95 % interval of the paired difference lies above zero; a loss that is not finite is worse than any.
    """
    if step <= watch.seenStep:
        return False
    watch.seenStep = step
    loss, _ = mean_loss(losses)
    if math.isfinite(loss) and (watch.bestLoss is None or loss < watch.bestLoss):
        watch.bestStep, watch.bestLoss, watch.worse = step, loss, 0
        return False
    comparison = compare(best(watch.bestStep), losses, seed) if math.isfinite(loss) and watch.bestStep is not None else None
    worse = not math.isfinite(loss) or (comparison is not None and comparison.low > 0)
    watch.worse = watch.worse + 1 if worse else 0
    return watch.worse == WORSE_IN_A_ROW and watch.bestStep is not None
