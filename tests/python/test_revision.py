"""Promise: a plan revised in the middle of a run goes on with the same rows in the same steps, says so, and a killed run repeats it."""

from __future__ import annotations

import itertools
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import TRAINING, Run
from test_resume import figures

from trainer.rows.plan import Step
from trainer.rows.row_store import PreparedRow
from trainer.run.control import Control
from trainer.run.run_plan import Training, parse_training
from trainer.training.revision import Revision, describe_truncation, in_force, micro_batches, read_revisions, replace_from, wanted

MakeRun = Callable[..., Run]
# Dropout and the 8-bit optimizer, whose state depends on every gradient before; 40 rows are 2.5 steps, so epochs end unevenly.
PLAN: dict[str, Any] = {"rows": 40, "held_out": 0, "lora_r": 64, "lora_dropout": 0.1, "optim": "adamw_8bit", "max_steps": 9}


def training(**changes: Any) -> Training:
    return parse_training({**TRAINING, **changes})


def test_a_killed_run_repeats_its_revision(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both runs are revised before step 5, one is killed behind it and resumes from step 3 with the old cut and from 5 with the new."""
    from trainer.training import train as module

    begin = module.begin_step

    def revised_at_5(session: Any, number: int) -> Any:
        if number == 5:
            Run(session.folder.path).control(microBatchTokens=96, maxSeqLength=24, why="memory is short")
        return begin(session, number)

    monkeypatch.setattr(module, "begin_step", revised_at_5)
    straight, killed = make_run(**PLAN), make_run(**PLAN)
    assert straight.train() == 0
    # The same up to the revision in this process; then the real kill of a process that has journalled steps behind it.
    monkeypatch.setattr(module, "reason_to_seal", lambda session: "schedule" if session.progress.step == 3 else None)
    monkeypatch.setattr(module, "finish", lambda session: None)
    assert killed.train() == 0
    monkeypatch.undo()
    assert killed.checkpoints() == [3] and killed.events("step")[-1]["step"] == 9
    process = killed.start()
    killed.wait_for("step", 9 + 4)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert killed.train() == 0
    killed.require_valid()
    straight.require_valid()
    assert next(event["fromStep"] for event in killed.events("resumed")) == 3
    assert figures(killed) == figures(straight)
    for run in (killed, straight):
        revised = run.events("plan-revised")
        assert [(event["fromStep"], event["microBatchTokens"], event["maxSeqLength"], event["why"]) for event in revised] == [
            (5, 96, 24, "memory is short")
        ]
    assert "are longer than 24 tokens" in straight.events("warned")[0]["message"]


def test_what_control_asks_for_at_the_start_holds_from_there(make_run: MakeRun) -> None:
    plan = {**PLAN, "max_steps": 4}
    plain, asked, planned = make_run(**plan), make_run(**plan), make_run(**plan, micro_batch_tokens=96)
    asked.control(microBatchTokens=96, why="the machine has 8 GB")
    planned.control(microBatchTokens=96)
    assert plain.train() == asked.train() == planned.train() == 0
    assert [event["fromStep"] for event in asked.events("plan-revised")] == [1]
    assert not planned.events("plan-revised") and not plain.events("plan-revised")
    for one, other in zip(plain.events("step"), asked.events("step"), strict=True):
        assert [one[name] for name in ("step", "tokens", "supervisedTokens")] == [
            other[name] for name in ("step", "tokens", "supervisedTokens")
        ]
    # Lifted again at the next start: said, and in force from there.
    assert asked.train() == 0 and len(asked.events("plan-revised")) == 1
    asked.control()
    (asked.path / "checkpoints/step-000004").rename(asked.path / "gone")
    assert asked.train() == 0
    asked.require_valid()
    assert [(event["fromStep"], event["microBatchTokens"]) for event in asked.events("plan-revised")] == [(1, 96), (4, None)]


def test_later_words_replace_earlier_ones(tmp_path: Path) -> None:
    first, second, back = Revision(5, 512, None), Revision(9, 256, 1024), Revision(7, None, None)
    said = replace_from(replace_from([], first), second)
    assert [in_force(said, step) for step in (4, 5, 8, 9)] == [Revision(), first, first, second]
    assert replace_from(said, back) == [first, back]
    lines = [
        {"type": "plan-revised", "by": "trainer", "fromStep": 5, "microBatchTokens": 512, "maxSeqLength": None},
        {"type": "plan-revised", "by": "engine", "fromStep": 1, "microBatchTokens": 1, "maxSeqLength": 1},
        {"type": "warned", "by": "trainer", "message": '"plan-revised"'},
        {"type": "plan-revised", "by": "trainer", "fromStep": 9, "microBatchTokens": 256, "maxSeqLength": 1024},
    ]
    journal = tmp_path / "events.jsonl"
    assert read_revisions(journal) == []
    journal.write_bytes(b"\n".join(json.dumps(line).encode() for line in lines) + b'\n\xff"plan-revised"\n{"type":"plan-revised"')
    assert read_revisions(journal) == said


def test_the_plans_own_values_are_no_revision() -> None:
    plan = training(max_seq_length=128, micro_batch_tokens=256)
    for control in (Control(), Control(micro_batch_tokens=256), Control(max_seq_length=128), Control(max_seq_length=4096)):
        assert wanted(control, plan, 3).same_as(Revision())
    assert wanted(Control(micro_batch_tokens=128, max_seq_length=64), plan, 3) == Revision(3, 128, 64)


def row(number: int, length: int, answer_from: int = 1) -> PreparedRow:
    return PreparedRow(number, list(range(length)), answer_from)


def test_a_shorter_sequence_keeps_what_can_be_learned() -> None:
    rows = {1: row(1, 100, 10), 2: row(2, 30, 5), 3: row(3, 90, 60), 4: row(4, 80, 70)}
    step = Step(1, 1.0, [[1, 2], [3, 4]])
    cut = micro_batches(step, rows.__getitem__, Revision(1, None, 50), training())
    assert [[(one.row, one.length) for one in part.rows] for part in cut] == [[(1, 50), (2, 30)]]
    assert cut[0].length == 50
    cut = micro_batches(step, rows.__getitem__, Revision(1, 64, 50), training())
    assert [([(one.row, one.length) for one in part.rows], part.length) for part in cut] == [([(1, 50)], 56), ([(2, 30)], 32)]
    # Nothing of the step would be left: its shortest row stays whole, because a step must have something to learn.
    cut = micro_batches(Step(1, 1.0, [[3, 4]]), rows.__getitem__, Revision(1, 64, 50), training())
    assert [[(one.row, one.length) for one in part.rows] for part in cut] == [[(4, 80)]]
    assert describe_truncation(list(rows.values()), 50) == (
        "3 of 4 rows are longer than 50 tokens and lose what is over that, 2 of them with their whole answer, which are left out; "
        "this changes the loss."
    )
    assert describe_truncation(list(rows.values()), 100) is None


def test_the_file_is_the_plan_where_nothing_is_revised() -> None:
    rows = {number: row(number, 10 * number) for number in range(1, 9)}
    step = Step(1, 1.0, [[8, 1], [2, 3]])
    plain = micro_batches(step, rows.__getitem__, Revision(), training())
    assert [([one.row for one in part.rows], part.length) for part in plain] == [([8, 1], 80), ([2, 3], 30)]
    budget = micro_batches(step, rows.__getitem__, Revision(), training(micro_batch_tokens=64))
    assert [([one.row for one in part.rows], part.length) for part in budget] == [([8, 1], 80), ([2, 3], 32)]
    measured = micro_batches(step, rows.__getitem__, Revision(), training(micro_batch_tokens=512), 64)
    assert [([one.row for one in part.rows], part.length) for part in measured] == [([8], 80), ([3], 32), ([2, 1], 24)]
    again = micro_batches(step, rows.__getitem__, Revision(1, 64, None), training())
    assert sorted(itertools.chain(*([one.row for one in part.rows] for part in again))) == [1, 2, 3, 8]
