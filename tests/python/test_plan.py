"""Promise: the plain batch plan meets every row once an epoch in a seeded order, and makes the steps that the plan page promised."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from typing import Any

import pytest
from conftest import REPOSITORY, TRAINING

from trainer.rows.plan import make_batches, padded_tokens, planned_steps, shuffled
from trainer.run.run_plan import Training, parse_training

ORDER_OF_EPOCH_0 = [0, 3, 4, 8, 6, 7, 1, 5, 9, 2]
ORDER_OF_EPOCH_1 = [2, 8, 7, 9, 5, 3, 6, 0, 1, 4]


def training(**changes: Any) -> Training:
    return parse_training({**TRAINING, "max_steps": -1, **changes})


def rows_of(step: Any) -> list[int]:
    return [row for micro_batch in step.micro_batches for row in micro_batch]


@pytest.mark.parametrize("rows", [1, 3, 4, 15, 16, 17, 33, 100])
def test_every_row_once_an_epoch(rows: int) -> None:
    steps = list(make_batches(range(rows), training(num_train_epochs=3)))
    per_epoch = len(steps) // 3
    assert [step.step for step in steps] == list(range(1, len(steps) + 1))
    for epoch in range(3):
        part = steps[epoch * per_epoch : (epoch + 1) * per_epoch]
        assert Counter(row for step in part for row in rows_of(step)) == Counter(range(rows))
        assert part[-1].epoch == epoch + 1
    assert all(len(micro_batch) <= 4 for step in steps for micro_batch in step.micro_batches)
    assert all(len(rows_of(step)) == 16 for step in steps if step.step % per_epoch)


def test_the_last_step_keeps_the_remainder() -> None:
    steps = list(make_batches(range(21), training()))
    assert [[len(micro_batch) for micro_batch in step.micro_batches] for step in steps] == [[4, 4, 4, 4], [4, 1]]


def test_epochs_differ_and_a_seed_repeats() -> None:
    plan = [rows_of(step) for step in make_batches(range(64), training(num_train_epochs=2))]
    again = [rows_of(step) for step in make_batches(range(64), training(num_train_epochs=2))]
    other = [rows_of(step) for step in make_batches(range(64), training(num_train_epochs=2, seed=1))]
    assert plan == again != other
    assert plan[:4] != plan[4:]


def test_the_order_is_the_same_on_every_machine() -> None:
    # Written down once: a resumed or compared run must not depend on the Python that made the plan.
    assert shuffled(range(10), 3407, 0) == ORDER_OF_EPOCH_0
    assert shuffled(range(10), 3407, 1) == ORDER_OF_EPOCH_1


def test_max_steps_beats_epochs_and_goes_on() -> None:
    steps = list(make_batches(range(20), training(max_steps=5, num_train_epochs=1)))
    assert len(steps) == 5
    assert [step.epoch for step in steps] == [0.5, 1.0, 1.5, 2.0, 2.5]
    assert len(list(make_batches(range(100), training(max_steps=2, num_train_epochs=9)))) == 2


def test_part_of_an_epoch() -> None:
    assert len(list(make_batches(range(160), training(num_train_epochs=0.25)))) == 3
    assert len(list(make_batches(range(160), training(num_train_epochs=1.5)))) == 15


def test_no_rows() -> None:
    with pytest.raises(ValueError):
        list(make_batches([], training()))


def test_padding() -> None:
    assert padded_tokens([3, 10, 5], training()) == 30
    assert padded_tokens([], training()) == 0


def test_core_plans_the_same_steps() -> None:
    cases = [
        {
            "rows": rows,
            "max_steps": max_steps,
            "num_train_epochs": epochs,
            "micro_batch_size": micro,
            "gradient_accumulation_steps": accumulation,
        }
        for rows in (1, 15, 16, 17, 1000, 3242)
        for max_steps in (-1, 60)
        for epochs in (0.1, 1, 1.7, 3)
        for micro, accumulation in ((4, 4), (1, 16), (3, 5))
    ]
    code = """const { plannedSteps } = await import(process.argv[1]);
        console.log(JSON.stringify(JSON.parse(process.argv[2]).map((c) => plannedSteps(c, c.rows))));"""
    node = REPOSITORY / "node_modules/.bin/node"
    plan = (REPOSITORY / "electron/core/plan.ts").as_uri()
    done = subprocess.run(
        [str(node), "--input-type=module", "-e", code, plan, json.dumps(cases)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=REPOSITORY,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ours = [planned_steps(training(**{name: value for name, value in case.items() if name != "rows"}), int(case["rows"])) for case in cases]
    assert json.loads(done.stdout) == ours
