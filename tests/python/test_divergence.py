"""Promise: a run whose loss clearly rises or whose gradients explode is stopped; a good one, however noisy, never is."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence

import pytest
from conftest import Run

from trainer.training import step as steps_module
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
