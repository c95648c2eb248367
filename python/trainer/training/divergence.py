"""When finite losses still say that training diverges: a clearly rising loss, or gradients that explode. Pure.

Rising: the median of the last 50 losses is above 1.5 × the best such median + 0.5 nats, for 50 steps in a row after the warm-up.
Exploding: the gradient's norm is above 10 and above 1,000 × the median of the 50 norms before, three steps in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

WINDOW_STEPS = 50
RISE_FACTOR, RISE_NATS, RISE_STEPS = 1.5, 0.5, 50
# The floor keeps a model that has learned its rows (norms near zero) from being called exploding by one new row.
NORM_FACTOR, NORM_FLOOR, NORM_STEPS = 1000.0, 10.0, 3
# A median of fewer norms than this says nothing.
NORMS_NEEDED = 10


@dataclass(frozen=True)
class Watch:
    """Stands in a checkpoint's state.json, so that a resumed run judges as an uninterrupted one. At most WINDOW_STEPS of each."""

    losses: tuple[float, ...] = ()
    norms: tuple[float, ...] = ()
    best: float | None = None
    rising: int = 0
    exploding: int = 0

    @staticmethod
    def from_json(value: Any) -> Watch:
        """A new one where the checkpoint is from before watches."""
        if not isinstance(value, dict):
            return Watch()
        return Watch(tuple(value["losses"]), tuple(value["norms"]), value["best"], value["rising"], value["exploding"])


def see(watch: Watch, loss: float, norm: float, warming_up: bool) -> tuple[Watch, str | None]:
    """The watch after one finite step, and why training diverges if it does."""
    losses = _keep(watch.losses, loss)
    best, rising, rise = watch.best, watch.rising, ""
    if len(losses) == WINDOW_STEPS:
        middle = median(losses)
        best = middle if best is None else min(best, middle)
        rising = rising + 1 if not warming_up and middle > RISE_FACTOR * best + RISE_NATS else 0
        rise = f"the loss has risen from {best:.3g} to {middle:.3g} (medians of {WINDOW_STEPS} steps)"
    usual = median(watch.norms) if len(watch.norms) >= NORMS_NEEDED else 0.0
    explodes = usual > 0 and norm > max(NORM_FLOOR, NORM_FACTOR * usual)
    # A spike is not part of what is usual.
    norms = watch.norms if explodes else _keep(watch.norms, norm)
    exploding = watch.exploding + 1 if explodes else 0
    after = replace(watch, losses=losses, norms=norms, best=best, rising=rising, exploding=exploding)
    if rising >= RISE_STEPS:
        return after, rise
    if exploding >= NORM_STEPS:
        return after, f"the gradient's norm is {norm:.3g} where {usual:.3g} was usual, {NORM_STEPS} steps in a row"
    return after, None


def _keep(values: Sequence[float], value: float) -> tuple[float, ...]:
    return (*values, value)[-WINDOW_STEPS:]
