"""Promise: the checkpoint with the lowest held-out loss is kept, judged and exported; a held-out loss that rises is told, and ends the run
only where its plan says so; early tests cost at most their share and change nothing."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bare_run import call
from conftest import Run
from test_resume import figures, held_out

from trainer.run.durable import write_json_atomic
from trainer.run.faults import Fault
from trainer.run.journal import Journal
from trainer.run.run_folder import RunFolder
from trainer.training.chosen_checkpoint import require_chosen
from trainer.training.early_test import SHARE
from trainer.training.evaluate import RowLoss, by_category
from trainer.training.watch_held_out import HeldOutWatch, see

MakeRun = Callable[..., Run]
# Few rows, learned by heart at a high rate: from then on others get worse.
OVERFIT: dict[str, Any] = {
    "rows": 16, "held_out": 24, "max_steps": 32, "num_train_epochs": 60.0, "learning_rate": 0.02, "lr_scheduler_type": "constant",
    "eval_steps": 4, "save_steps": 1000, "optim": "adamw",
}  # fmt: skip
PROMPTS = [
    {"id": "who", "category": "basic", "text": "Who are you?", "persona": True},
    {"id": "legs", "category": "basic", "text": "How many legs does a spider have?"},
]


def plan(run: Run, **answers: Any) -> Run:
    value = json.loads((run.path / "run.json").read_text())
    value["answers"] = {**value["answers"], **answers}
    write_json_atomic(run.path / "run.json", value)
    return run


def losses(*values: float) -> list[RowLoss]:
    return [RowLoss(row, value, 5) for row, value in enumerate(values)]


def test_worse_than_the_best_twice_in_a_row_is_seen_once_and_chance_is_not() -> None:
    kept = {10: losses(*[1.0] * 30)}
    watch = HeldOutWatch()

    def look(step: int, *values: float) -> bool:
        kept[step] = losses(*values)
        return see(watch, step, kept[step], kept.__getitem__, seed=1)

    assert look(10, *[1.0] * 30) is False and (watch.bestStep, watch.bestLoss) == (10, 1.0)
    assert look(20, *[1.3] * 30) is False and watch.worse == 1
    # Up and down around the best is no worse than it.
    assert look(30, *[0.5, 1.52] * 15) is False and watch.worse == 0
    assert look(40, *[1.3] * 30) is False
    assert look(50, *[1.4] * 30) is True and look(60, *[1.5] * 30) is False
    # The same evaluation read again, after a resume, counts once.
    before = HeldOutWatch(**vars(watch))
    assert look(60, *[1.5] * 30) is False and watch == before
    assert look(70, *[0.9] * 30) is False and (watch.bestStep, watch.worse) == (70, 0)
    assert look(80, *[float("nan")] * 30) is False and look(90, *[float("inf")] * 30) is True
    assert HeldOutWatch.from_json(json.loads(json.dumps(vars(watch)))) == watch


def test_losses_by_category_count_rows_that_name_one() -> None:
    names = {0: "code", 1: "basic", 2: "", 3: "code"}
    found = by_category(losses(2, 2, 2, 4), losses(1, 3, 9, 1), names.__getitem__)
    assert [(one.category, one.before, one.after, one.rows) for one in found] == [("code", 3.0, 1.0, 2), ("basic", 2.0, 3.0, 1)]


@pytest.mark.parametrize("early_stop", [False, True])
def test_the_best_checkpoint_is_kept_told_and_exported(make_run: MakeRun, early_stop: bool) -> None:
    """Row 13: real training that overfits: the best evaluated step is sealed at once, survives every later one, and is what is merged."""
    run = make_run(**OVERFIT, early_stop=early_stop)
    assert run.train() == 0
    run.require_valid()
    measured = {step: loss for step, loss in held_out(run).items() if step > 0}
    best = min(measured, key=lambda step: (measured[step], -step))
    [worsened] = run.events("held-out-worsened")[:1]
    assert worsened["stops"] is early_stop and measured[worsened["bestStep"]] < measured[worsened["step"]]
    [finished], [chosen] = run.events("train-finished"), run.events("checkpoint-chosen")
    last = finished["steps"]
    assert finished["early"] is early_stop and (last == worsened["step"] if early_stop else last == 32)
    assert best < last and best in run.checkpoints() and last in run.checkpoints()
    assert (chosen["step"], chosen["lastStep"], chosen["why"], chosen["loss"]) == (best, last, "best", measured[best])
    assert any(event["step"] == best for event in run.events("checkpoint-sealed"))
    [compared], [stability] = run.events("held-out-compared"), run.events("held-out-stability")
    assert compared["step"] == best and compared["after"] == pytest.approx(measured[best]) and stability["low"] > 0
    [categories] = run.events("held-out-by-category")
    assert categories["step"] == best and sum(one["rows"] for one in categories["categories"]) == 24
    assert call(run, "merge") == 0
    assert run.events("merged")[0]["step"] == best
    # Asked to go on, a run that ended early has ended.
    steps = len(run.events("step"))
    assert run.train() == 0 and len(run.events("step")) == steps


def test_a_run_that_ends_early_and_was_killed_ends_at_the_same_step(make_run: MakeRun) -> None:
    straight, killed = make_run(**OVERFIT, early_stop=True), make_run(**OVERFIT, early_stop=True)
    assert straight.train() == 0
    process = killed.start()
    killed.wait_for("evaluated", 3)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert killed.train() == 0
    assert figures(killed) == figures(straight)
    assert killed.events("train-finished")[-1]["steps"] == straight.events("train-finished")[-1]["steps"] < 32
    assert killed.events("checkpoint-chosen")[-1]["step"] == straight.events("checkpoint-chosen")[-1]["step"]


def test_without_held_out_rows_the_newest_is_taken(make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run(rows=16, held_out=0, max_steps=2)
    assert run.train() == 0
    [chosen] = run.events("checkpoint-chosen")
    assert (chosen["step"], chosen["why"], chosen["loss"]) == (2, "newest", None) and run.events("held-out-by-category") == []
    (tmp_path / "none").mkdir()
    with pytest.raises(Fault, match="no sealed checkpoint"):
        require_chosen(RunFolder(tmp_path / "none"), Journal(tmp_path / "none/events.jsonl", "trainer", 0))


def test_early_tests_change_nothing_of_the_training_and_keep_to_their_share(make_run: MakeRun) -> None:
    """Row 30: with dropout, a run with early tests equals one without them bit for bit, also one that was killed."""
    more: dict[str, Any] = {"rows": 40, "held_out": 3, "lora_dropout": 0.1, "eval_steps": 4, "max_steps": 12, "save_steps": 2}
    plain = make_run(**more)
    asked = plan(make_run(**more), prompts=PROMPTS, early=["who", "legs"])
    killed = plan(make_run(**more), prompts=PROMPTS, early=["who", "legs"])
    assert plain.train() == asked.train() == 0
    process = killed.start()
    killed.wait_for("step", 7)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert killed.train() == 0
    assert figures(asked) == figures(plain) == figures(killed)
    assert held_out(asked) == held_out(plain) == held_out(killed)
    files = [run.path / "checkpoints/step-000012/adapters.safetensors" for run in (plain, asked, killed)]
    assert len({path.read_bytes() for path in files}) == 1
    asked.require_valid()
    tests = asked.events("early-tested")
    assert plain.events("early-tested") == [] and [test["step"] for test in tests] == [
        sealed["step"] for sealed in asked.events("checkpoint-sealed")
    ]
    # One token may be begun when the time is up: on a model of milliseconds a step that is more than the share allows.
    assert all(test["skipped"] is not None for test in tests if len(test["answers"]) < 2)
    worked, spent = 0.0, 0.0
    for event in asked.events("step", "early-tested"):
        if event["type"] == "step":
            worked += event["seconds"]
        elif event["seconds"] > 0:
            assert spent <= SHARE * worked
            spent += event["seconds"]


def test_early_tests_ask_when_there_is_time(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.training.early_test.SHARE", 100.0)
    run = plan(make_run(rows=16, max_steps=2, save_steps=1), prompts=PROMPTS, early=["who", "legs"])
    assert run.train() == 0
    tests = run.events("early-tested")
    assert [[answer["prompt"] for answer in test["answers"]] for test in tests] == [["who", "legs"]] * 2
    assert "eight" in tests[0]["answers"][1]["answer"] and tests[0]["skipped"] is None and tests[0]["share"] > 0
