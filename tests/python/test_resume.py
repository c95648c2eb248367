"""Promise: a run that was killed and started again is the run it would have been: the same rows, the same losses to the last digit,
each step once, from the newest whole checkpoint."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Run
from safetensors import safe_open

from trainer.training.checkpoint import FILES, MANIFEST

MakeRun = Callable[..., Run]
# Rank 64 gives the 8-bit optimizer something to pack; 40 rows are three steps an epoch, so epochs end inside; dropout draws at random.
PLAN: dict[str, Any] = {"rows": 40, "held_out": 3, "lora_r": 64, "lora_dropout": 0.1, "optim": "adamw_8bit", "eval_steps": 4}


def folded(run: Run, type: str) -> dict[int, dict[str, Any]]:
    """By step, after what stood behind a `resumed` has been dropped, as core's reducer does it. A step that stands twice fails."""
    found: dict[int, dict[str, Any]] = {}
    for event in run.events():
        if event["type"] == "resumed":
            found = {step: value for step, value in found.items() if step <= event["fromStep"]}
        elif event["type"] == type:
            assert event["step"] not in found or type == "evaluated"
            found[event["step"]] = event
    return found


def figures(run: Run) -> list[tuple[Any, ...]]:
    return [(step, event["loss"], event["gradNorm"], event["learningRate"]) for step, event in sorted(folded(run, "step").items())]


def held_out(run: Run) -> dict[int, float]:
    return {step: event["loss"] for step, event in folded(run, "evaluated").items()}


@pytest.mark.parametrize("budget", [None, 128], ids=["plain", "uneven micro-batches"])
def test_killed_and_resumed_equals_uninterrupted(make_run: MakeRun, budget: int | None) -> None:
    """Row 30: straight, and killed after step 5 and resumed, with dropout, the 8-bit optimizer, uneven micro-batches and the end of an
    epoch between the checkpoint and the end: the same rows in the same order, the same losses bit for bit, each step once."""
    steps = 10
    straight = make_run(**PLAN, max_steps=steps, save_steps=1000, micro_batch_tokens=budget)
    assert straight.train() == 0
    killed = make_run(**PLAN, max_steps=steps, save_steps=1000, micro_batch_tokens=budget)
    process = killed.start()
    # Quarters seal steps 3, 6 and 9, and the first evaluation, the best so far, step 4; the kill comes in the second epoch, after a
    # step that no checkpoint holds.
    killed.wait_for("step", 5)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert killed.train() == 0
    killed.require_valid()
    cuts = [json.loads(line)["microBatches"] for line in (killed.path / "data/batches.jsonl").read_text().splitlines()]
    assert (len({len(rows) for step in cuts[:2] for rows in step}) > 1) == (budget is not None)
    assert (killed.path / "data/batches.jsonl").read_bytes() == (straight.path / "data/batches.jsonl").read_bytes()
    with safe_open(killed.path / "checkpoints/step-000010/optimizer.safetensors", "np") as state:
        # Packed moments: without them the 8-bit optimizer would have been an ordinary one.
        assert any(state.get_slice(name).get_dtype() in ("U8", "I8", "U32") for name in state.keys())  # noqa: SIM118
    epochs = [event["epoch"] for event in killed.events("step")]
    assert any(epoch != int(epoch) for epoch in epochs) and {1.0, 2.0, 3.0} <= set(epochs)
    resumed = killed.events("resumed")
    assert [event["fromStep"] in (3, 4, 6) for event in resumed] == [True]
    assert len(figures(killed)) == steps
    assert figures(killed) == figures(straight)
    assert held_out(killed) == held_out(straight)
    assert killed.events("held-out-compared")[0]["difference"] == straight.events("held-out-compared")[0]["difference"]
    finished, expected = killed.events("train-finished")[0], straight.events("train-finished")[0]
    assert [finished[name] for name in ("steps", "firstLoss", "lastLoss", "tokens")] == [
        expected[name] for name in ("steps", "firstLoss", "lastLoss", "tokens")
    ]


@pytest.mark.parametrize("damaged", [*FILES, MANIFEST])
def test_a_damaged_checkpoint_is_refused_and_said(make_run: MakeRun, damaged: str) -> None:
    """Row 11: the real trainer refuses it by name, says so, goes on from the one before, and makes the same step again."""
    run = make_run(**PLAN, max_steps=4)
    run.control(desired="run")
    assert run.train() == 0
    assert run.checkpoints() == [3, 4]
    with open(run.path / "checkpoints/step-000004" / damaged, "r+b") as file:
        file.truncate(17)
    assert run.train() == 0
    run.require_valid()
    refused = run.events("checkpoint-refused")
    assert [(event["step"], event["path"]) for event in refused] == [(4, "checkpoints/step-000004")]
    assert damaged in refused[0]["reason"]
    assert run.events("resumed")[0]["fromStep"] == 3
    assert run.checkpoints() == [3, 4]
    steps = [event for event in run.events("step") if event["step"] == 4]
    assert steps[0]["loss"] == steps[1]["loss"]


def test_a_checkpoint_of_another_plan_is_refused(make_run: MakeRun) -> None:
    run, other = make_run(**PLAN, max_steps=2), make_run(**{**PLAN, "lora_r": 8}, max_steps=2)
    assert run.train() == other.train() == 0
    (other.path / "checkpoints/step-000002").rename(other.path / "gone")
    (run.path / "checkpoints/step-000002").rename(other.path / "checkpoints/step-000002")
    assert other.train() == 0
    assert "does not fit" in other.events("checkpoint-refused")[0]["reason"]
    assert other.events("resumed")[0]["fromStep"] == 1


def test_row_12_leftovers_are_swept_and_never_chosen(make_run: MakeRun) -> None:
    """Row 12: a crash between temp and rename: whole checkpoints under unfinished names are not gone on from, and are gone after."""
    run = make_run(**PLAN, max_steps=4)
    assert run.train() == 0
    first = figures(run)
    place = run.path / "checkpoints"
    (place / "step-000004").rename(place / "step-000004.partial")
    shutil.copytree(place / "step-000003", place / "step-000009.removed.partial")
    (run.path / "evaluations/step-000004.jsonl.partial").write_text("{")
    assert run.train() == 0
    assert run.events("resumed")[0]["fromStep"] == 3 and figures(run) == first
    assert sorted(entry.name for entry in place.iterdir()) == ["step-000003", "step-000004"]
    assert not list((run.path / "evaluations").glob("*.partial"))


def test_all_damaged_means_step_0_and_says_so(make_run: MakeRun) -> None:
    """Row 11: no checkpoint is left that verifies."""
    run = make_run(**PLAN, max_steps=2)
    assert run.train() == 0
    first = [event["loss"] for event in run.events("step")]
    for step in (1, 2):
        (run.path / f"checkpoints/step-00000{step}/adapters.safetensors").write_bytes(b"")
    assert run.train() == 0
    assert [event["step"] for event in run.events("checkpoint-refused")] == [2, 1]
    assert run.events("resumed")[0]["fromStep"] == 0
    assert [event["loss"] for event in run.events("step")] == first * 2
