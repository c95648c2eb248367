"""Promise: a run whose loss clearly rises or whose gradients explode is stopped; a good one, however noisy, never is."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from conftest import Run
from mlx.utils import tree_map

from trainer.training import step as steps_module
from trainer.training.checkpoint import ADAPTERS, newest
from trainer.training.divergence import Watch, see


def first_alarm(losses: Sequence[float], norms: Sequence[float] | None = None, warmup: int = 0) -> tuple[int, str] | None:
    watch = Watch()
    for step, loss in enumerate(losses, start=1):
        watch, why = see(watch, loss, norms[step - 1] if norms else 1.0, step <= warmup)
        assert len(watch.losses) <= 50 and len(watch.norms) <= 50
        if why:
            return step, why
    return None


def falling(steps: int, start: float = 3.0, end: float = 0.5) -> list[float]:
    return [end + (start - end) * math.exp(-4 * step / steps) for step in range(steps)]


RISE = [*falling(100), *[0.5 + 0.05 * step for step in range(200)]]


def test_a_rising_loss_is_stopped() -> None:
    found = first_alarm(RISE)
    assert found
    # The median passes 1.5 × best + 0.5 some 40 steps into the rise; 50 steps later it is said.
    assert 150 < found[0] < 220
    assert "the loss has risen from" in found[1]


def test_a_jump_is_stopped_after_its_windows() -> None:
    found = first_alarm([*[1.0] * 60, *[2.1] * 100])
    # 25 steps until the median is the new value, then 50 in a row.
    assert found and 60 + 25 <= found[0] - 49 <= 60 + 27


@pytest.mark.parametrize(
    ("losses", "warmup"),
    [
        ([*[1.0] * 60, *[1.95] * 300], 0),
        ([*[1.0] * 60, *[4.0] * 40, *[1.0] * 200], 0),
        ([*[0.01] * 60, *[0.5] * 300], 0),
        ([*[1.0] * 60, *[4.0] * 90], 200),
        ([1.0] * 30 + [9.0] * 69, 0),
    ],
    ids=["under the line", "back in time", "overfit and up again", "within the warm-up", "too short to know"],
)
def test_no_alarm(losses: list[float], warmup: int) -> None:
    assert first_alarm(losses, warmup=warmup) is None


def test_noisy_good_curves_are_left_alone() -> None:
    """200 seeded curves that fall under heavy noise: factors of 2 either way, spikes of 10 ×, norms over three decades."""
    for seed in range(200):
        draw = random.Random(seed)
        losses = [
            value * math.exp(draw.gauss(0, 0.7)) * (10 if draw.random() < 0.02 else 1)
            for value in falling(400, draw.uniform(1, 8), draw.uniform(0.01, 2))
        ]
        norms = [math.exp(draw.gauss(0, 1.5)) for _ in losses]
        assert first_alarm(losses, norms) is None, seed


@pytest.mark.parametrize(
    ("norms", "expected"),
    [
        ([1.0] * 20 + [1001.0] * 3, 23),
        ([1.0] * 20 + [1001.0] * 2 + [1.0] + [1001.0] * 2, None),
        ([1.0] * 20 + [999.0] * 9, None),
        ([1e-6] * 20 + [5.0] * 9, None),
        ([1.0] * 4 + [1e9] * 9, None),
        ([0.0] * 20 + [50.0] * 9, None),
    ],
    ids=["three in a row", "two twice", "under the line", "learned rows, then a new one", "too few to know", "nothing usual yet"],
)
def test_exploding_gradients(norms: list[float], expected: int | None) -> None:
    found = first_alarm([1.0] * len(norms), norms)
    assert (found and found[0]) == expected


def test_a_watch_survives_its_checkpoint() -> None:
    straight, resumed = Watch(), Watch()
    for step, loss in enumerate(RISE[:180]):
        straight, _ = see(straight, loss, 1.0 + step, False)
        resumed, _ = see(Watch.from_json(json.loads(json.dumps(vars(resumed)))), loss, 1.0 + step, False)
    assert straight == resumed
    assert Watch.from_json(None) == Watch()


def test_the_practice_run_is_left_alone_and_a_broken_one_is_not(make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    """The practice campaign's rate and rows; then a run that the rule is made to stop at step 7."""
    run = make_run(rows=64, held_out=0, max_steps=60, learning_rate=3e-3, warmup_steps=5)
    assert run.train() == 0
    state = json.loads((run.path / "checkpoints/step-000060/state.json").read_text())
    assert len(state["watch"]["losses"]) == 50 and state["watch"]["rising"] == 0
    broken = make_run(rows=4, held_out=0, max_steps=20, save_steps=2)
    seven = iter([None] * 6 + ["the loss has risen"])
    monkeypatch.setattr(steps_module, "see", lambda watch, *_: (watch, next(seven)))
    assert broken.train() == 1
    broken.require_valid()
    fault = broken.events("failed")[0]["fault"]
    assert fault["kind"] == "run.diverged"
    assert fault["message"] == "Training diverged at step 7: the loss has risen."
    assert broken.checkpoints() == [5, 6]
    assert "step 6 is unharmed" in fault["next"]


def finite_steps(run: Run) -> list[dict[str, Any]]:
    return [event for event in run.events("step") if not isinstance(event["loss"], str) and not isinstance(event["gradNorm"], str)]


def require_last_finite_kept(run: Run) -> None:
    """The newest checkpoint verifies, its numbers are finite, and the run can be asked about it."""
    import mlx.core as mx

    found, refusals = newest(run.path / "checkpoints")
    assert found and not refusals and found.step <= finite_steps(run)[-1]["step"]
    weights = mx.load(str(found.path / ADAPTERS))
    assert isinstance(weights, dict)
    assert all(bool(mx.all(mx.isfinite(value)).item()) for value in weights.values())
    fault = run.events("failed")[-1]["fault"]
    assert fault["kind"] == "run.diverged" and "lower learning_rate (× 0.4)" in fault["next"]
    assert f"The checkpoint of step {found.step} is unharmed." in fault["next"]
    assert not run.events("train-finished")


def test_row_29_weights_that_overflow(make_run: Callable[..., Run]) -> None:
    """Row 29: a real cause: in float16 a rate of 100 drives the adapter past what it can hold; NaN reaches the journal as a word."""
    run = make_run(rows=16, held_out=1, max_steps=20, learning_rate=100.0, warmup_steps=2, save_steps=1, dtype="float16",
                   lr_scheduler_type="constant")  # fmt: skip
    assert run.train() == 1
    run.require_valid()
    bad = run.events("step")[-1]
    assert {bad["loss"], bad["gradNorm"]} & {"NaN", "Infinity"} and len(run.events("failed")) == 1
    assert b"NaN," not in (run.path / "events.jsonl").read_bytes().replace(b'"NaN",', b"")
    require_last_finite_kept(run)
    # The same again, and not from the broken weights: what is sealed is what it goes on from.
    assert run.train() == 1
    assert run.events("resumed")[0]["fromStep"] == max(run.checkpoints())


def test_row_29_a_loss_that_rises_under_too_high_a_rate(make_run: Callable[..., Run]) -> None:
    """Row 29: a real cause with finite losses: a long warm-up learns at first, then the rate is far too high."""
    run = make_run(rows=16, held_out=0, max_steps=320, learning_rate=0.08, warmup_steps=140, lr_scheduler_type="constant", save_steps=1000,
                   micro_batch_size=1, gradient_accumulation_steps=1, weight_decay=0)  # fmt: skip
    assert run.train() == 1
    run.require_valid()
    assert len(finite_steps(run)) == len(run.events("step"))
    assert "the loss has risen from" in run.events("failed")[0]["fault"]["message"]
    require_last_finite_kept(run)


def test_row_29_a_gradient_that_explodes(make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 29: gradients a hundred thousand times as large from step 15 on (injected: Gemma's norms keep real ones small); the real
    trainer stops at the third in a row and keeps the last checkpoint."""
    accumulate = steps_module.accumulate
    seen = 0

    def exploding(*given: Any) -> Any:
        nonlocal seen
        seen += 1
        done = accumulate(*given)
        return replace(done, gradients=tree_map(lambda value: value * 1e5, done.gradients)) if seen >= 15 else done

    monkeypatch.setattr(steps_module, "accumulate", exploding)
    run = make_run(rows=16, held_out=0, max_steps=40, save_steps=5)
    assert run.train() == 1
    run.require_valid()
    assert [event["step"] for event in run.events("step")][-1] == 17
    assert "3 steps in a row" in run.events("failed")[0]["fault"]["message"]
    require_last_finite_kept(run)
