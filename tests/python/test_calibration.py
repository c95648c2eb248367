"""What a few measured shapes say, and what is chosen by it: the same rows and gradient, in the fastest cut that fits in memory."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import TRAINING, Run

from trainer.rows.cut import rounded
from trainer.run.run_plan import Training, parse_training
from trainer.training import calibrate
from trainer.training.calibration import (
    Calibration,
    Costs,
    Measured,
    choose,
    costs_of,
    read_calibration,
    tries,
)
from trainer.training.cost import Cost, Shape, fit

SHAPES = [Shape(1, 64), Shape(8, 64), Shape(1, 512), Shape(16, 64), Shape(2, 512)]
PLAIN = Cost(0.01, 1e-4, 2e-8)
DENSE = 1_000_000


def plan(**changes: object) -> Training:
    return parse_training({**TRAINING, "max_seq_length": 1024, **changes})


def steps(count: int = 40, seed: int = 1) -> list[list[list[int]]]:
    """As the plan cuts them: 4 × 4 rows in random order, most short and few long, as people's questions are."""
    draw = random.Random(seed)
    return [[[min(1024, int(draw.lognormvariate(5.2, 0.9)) + 8) for _ in range(4)] for _ in range(4)] for _ in range(count)]


@pytest.mark.parametrize(
    "cost",
    [
        PLAIN,
        Cost(0, 1e-4, 0),
        Cost(0.2, 1e-4, 0),
        Cost(0.01, 0, 1e-7),
        Cost(0, 3e-4, 5e-8),
    ],
)
def test_a_fit_finds_the_cost_again_that_made_the_figures(cost: Cost) -> None:
    found = fit([(shape, cost.of(shape)) for shape in SHAPES])
    for shape in [*SHAPES, Shape(3, 1024), Shape(1, 16)]:
        assert found.of(shape) == pytest.approx(cost.of(shape), rel=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_no_part_of_a_noisy_fit_is_negative_and_it_stays_near(seed: int) -> None:
    draw = random.Random(seed)
    found = fit([(shape, PLAIN.of(shape) * draw.uniform(0.9, 1.1)) for shape in SHAPES])
    assert min(found.fixed, found.per_token, found.per_token_length) >= 0
    for shape in SHAPES:
        assert found.of(shape) == pytest.approx(PLAIN.of(shape), rel=0.25)


def test_one_measured_shape_is_a_cost_by_tokens_and_none_is_refused() -> None:
    one = fit([(Shape(2, 50), 4.0)])
    assert (one.fixed, one.per_token, one.per_token_length) == (
        0,
        pytest.approx(0.04),
        0,
    )
    with pytest.raises(ValueError, match="nothing"):
        fit([])


def costs(kept_bytes: float = 10.0, again_slower: float = 1.3, again_bytes: float = 3.0) -> Costs:
    again = Cost(
        PLAIN.fixed * again_slower,
        PLAIN.per_token * again_slower,
        PLAIN.per_token_length * again_slower,
    )
    return Costs((PLAIN, Cost(0, kept_bytes, 0)), (again, Cost(0, again_bytes, 0)))


def test_with_room_the_fastest_cut_is_taken_without_recomputing_and_beats_random_batches() -> None:
    found = choose(steps(), 1024, plan(gradient_checkpointing=True), costs(), DENSE)
    assert found.recomputeOver is None
    assert found.planSecondsPerStep is not None
    # Half of random 4 x 4 is padding, and recomputing costs 1.3.
    assert found.planSecondsPerStep / found.secondsPerStep > 1.6


@pytest.mark.parametrize("room", [400, 2_000, 4_000, 8_000, 12_000, 40_000, DENSE])
def test_the_choice_fits_or_is_the_least_there_is(room: int) -> None:
    found = choose(steps(), 1024, plan(), costs(), room)
    least = 3.0 * rounded(1024)
    assert found.peakBytes <= max(room, least)
    if room < 10 * 1024:
        # A longest row kept whole would not fit.
        assert found.recomputeOver is not None
        assert found.recomputeOver * 10.0 <= room


def test_more_room_is_never_slower() -> None:
    speeds = [choose(steps(), 1024, plan(), costs(), room).secondsPerStep for room in (3_100, 5_000, 8_000, 12_000, 50_000, DENSE)]
    assert all(later <= earlier * 1.03 for earlier, later in pairwise(speeds))


def test_recomputing_that_is_no_slower_is_done_always() -> None:
    assert choose(steps(), 1024, plan(), costs(again_slower=0.9), DENSE).recomputeOver == 0


def test_a_plan_that_would_not_fit_says_so() -> None:
    found = choose(steps(), 1024, plan(gradient_checkpointing=False), costs(), 11_000)
    assert found.planSecondsPerStep is None


def test_a_choice_is_itself_again_after_the_journal(tmp_path: Path) -> None:
    found = choose(steps(), 1024, plan(), costs(), 8_000)
    journal = tmp_path / "events.jsonl"
    assert read_calibration(journal) is None
    assert tries(journal) == 0
    other = Calibration(64, None, 1.0, None, 1, 1.0)
    lines = [
        {"type": "calibrating", "by": "trainer", "done": 0, "total": 9},
        {"type": "calibrating", "by": "trainer", "done": 1, "total": 9},
        {"type": "calibrated", "by": "trainer", **asdict(other)},
        {"type": "calibrating", "by": "trainer", "done": 0, "total": 9},
        {"type": "calibrated", "by": "trainer", **asdict(found)},
        {"type": "calibrated", "by": "somebody", **asdict(other)},
        {"type": "calibrated", "by": "trainer"},
    ]
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"type":"calibrated"')
    assert read_calibration(journal) == found
    assert tries(journal) == 2


def test_costs_of_both_ways_are_kept_apart() -> None:
    measured = [Measured(2, 32, False, 1.0, 640), Measured(2, 32, True, 2.0, 64)]
    found = costs_of(measured)
    assert found.seconds(Shape(4, 32), True) == pytest.approx(2 * found.seconds(Shape(4, 32), False))
    assert found.bytes(Shape(2, 32), True) == pytest.approx(64)
    with pytest.raises(ValueError, match="not measured"):
        costs_of(measured[:1]).seconds(Shape(1, 1), True)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """These trainings are too short to be worth measuring."""
    monkeypatch.setattr(calibrate, "LIMIT_SHARE", 100.0)


@pytest.mark.usefixtures("patient")
def test_a_real_training_is_measured_once_and_learns_the_same(
    make_run: Callable[..., Run],
) -> None:
    plain, measured = make_run(), make_run(calibrate=True)
    assert plain.train() == measured.train() == 0
    measured.require_valid()
    (found,) = measured.events("calibrated")
    types = [event["type"] for event in measured.events()]
    assert types.index("calibrated") < types.index("step")
    assert len(found["shapes"]) >= 5
    assert found["peakBytes"] <= found["roomBytes"]
    for one, other in zip(plain.events("step"), measured.events("step"), strict=True):
        assert one["tokens"] == other["tokens"]
        assert one["loss"] == pytest.approx(other["loss"], abs=1e-4)
    padded = sum(event["paddedTokens"] for event in measured.events("step")) / 6
    assert padded == pytest.approx(found["paddedTokensPerStep"], rel=1e-6)


@pytest.mark.usefixtures("patient")
def test_a_resumed_run_takes_what_was_measured_and_is_not_measured_again(
    make_run: Callable[..., Run],
) -> None:
    run = make_run(calibrate=True, save_steps=3, lora_dropout=0.1)
    run.control(desired="stop", why="your pause")
    assert run.train() == 0
    # Stopped before the first shape: the next start measures.
    assert run.events("calibrated") == []
    run.control()
    assert run.train() == 0
    straight = [event["loss"] for event in run.events("step")]
    for later in (4, 5, 6):
        for file in (run.path / "checkpoints" / f"step-{later:06d}").glob("*"):
            file.unlink()
        if (run.path / "checkpoints" / f"step-{later:06d}").is_dir():
            (run.path / "checkpoints" / f"step-{later:06d}").rmdir()
    assert run.train() == 0
    assert len(run.events("calibrated")) == 1
    again = [event["loss"] for event in run.events("step")][len(straight) :]
    assert again == straight[-len(again) :]
    assert again


@pytest.mark.usefixtures("patient")
def test_where_memory_is_short_the_plan_stays_as_it_is_recomputing_too(
    make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate, "room_bytes", lambda: 1000)
    ways: list[bool] = []
    switch = calibrate.keep_or_recompute
    monkeypatch.setattr(calibrate, "keep_or_recompute", lambda model, again: (ways.append(again), switch(model, again))[1])
    plain, short = make_run(gradient_checkpointing=True), make_run(gradient_checkpointing=True, calibrate=True)
    assert plain.train() == short.train() == 0
    assert short.events("calibrated") == []
    assert [event["message"] for event in short.events("warned")] == [calibrate._TOO_LITTLE_MEMORY]
    assert ways[-1] is True
    assert [event["loss"] for event in short.events("step")] == [event["loss"] for event in plain.events("step")]


@pytest.mark.usefixtures("patient")
def test_with_room_for_the_smallest_only_what_is_longer_is_recomputed(
    make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    generous = make_run(calibrate=True)
    assert generous.train() == 0
    shapes = generous.events("calibrated")[0]["shapes"]
    kept = max(shape["bytes"] for shape in shapes if not shape["recomputed"])
    monkeypatch.setattr(calibrate, "room_bytes", lambda: kept // 2)
    tight = make_run(calibrate=True)
    assert tight.train() == 0
    (found,) = tight.events("calibrated")
    assert found["peakBytes"] <= found["roomBytes"] < kept
    assert len(found["shapes"]) < len(shapes)
    for one, other in zip(generous.events("step"), tight.events("step"), strict=True):
        assert one["loss"] == pytest.approx(other["loss"], abs=1e-4)


def test_a_training_of_a_few_seconds_is_not_measured_and_says_so(
    make_run: Callable[..., Run],
) -> None:
    run = make_run(calibrate=True, max_steps=2)
    assert run.train() == 0
    assert run.events("calibrated") == []
    (warned,) = [event for event in run.events("warned") if event["kind"] == "calibration.short"]
    assert "too short" in warned["message"]
    assert len(run.events("step")) == 2
