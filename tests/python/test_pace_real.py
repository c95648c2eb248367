"""Promise: the pace asked for is the pace kept, exact to 2 % or one micro-batch over a minute, on a real practice run.

Work is everything that is not rest: micro-batches, updates, the journal. Rests are what the journal says of each step. Not covered:
evaluations and checkpoints, which come between steps and rest after their own rows.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from conftest import Run

SECONDS = 15
MAX_STEPS = 3000


def share_at_work(steps: list[dict[str, Any]]) -> float:
    """Of the time from the first step's end to the last one's."""
    total = steps[-1]["mono"] - steps[0]["mono"]
    return 1.0 - sum(step["restSeconds"] for step in steps[1:]) / total


@pytest.mark.parametrize("pace", [0.5, 0.8])
def test_the_pace_asked_for_is_kept(make_run: Callable[..., Run], pace: float) -> None:
    run = make_run(rows=40, held_out=1, max_steps=MAX_STEPS)
    run.control(pace=pace)
    process = run.start()
    try:
        first = run.wait_for("step")[0]["mono"]
        while (steps := run.events("step"))[-1]["mono"] - first < SECONDS:
            run.wait_for("step", len(steps) + 20)
            # A lease that nobody raises would be stale after half a minute.
            run.control(pace=pace, lease=len(steps))
        run.control(desired="stop", why="measured")
        assert process.wait(60) == 0
    finally:
        process.kill()
    steps = steps[1:]
    micro_batch = max(step["seconds"] for step in steps) / 4
    allowed = max(0.02, micro_batch / (steps[-1]["mono"] - steps[0]["mono"]))
    print(f"pace {pace}: {share_at_work(steps):.4f} at work over {len(steps)} steps, micro-batch at most {micro_batch:.3f} s")
    assert share_at_work(steps) == pytest.approx(pace, abs=allowed)
    assert all(later["step"] == earlier["step"] + 1 for earlier, later in pairwise(steps))


def test_a_new_pace_is_followed_within_one_micro_batch(make_run: Callable[..., Run]) -> None:
    run = make_run(rows=40, held_out=1, max_steps=MAX_STEPS)
    process = run.start()
    try:
        run.wait_for("step", 5)
        run.control(pace=0.4)
        obeyed = run.wait_for("obeyed")[0]
        after = run.wait_for("step", len(run.events("step")) + 6)
        run.control(desired="stop", why="measured")
        assert process.wait(60) == 0
    finally:
        process.kill()
    assert obeyed["pace"] == 0.4
    # The step it came in the middle of rests in part already, the next one as told.
    later = [step for step in after if step["mono"] > obeyed["mono"]][1:]
    worked, rested = sum(step["seconds"] for step in later), sum(step["restSeconds"] for step in later)
    assert worked / (worked + rested) == pytest.approx(0.4, abs=0.08)
