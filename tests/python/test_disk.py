"""Promise: a disk that refuses at any operation, is read-only or is unplugged costs no sealed checkpoint and no half line of the
journal; one sentence says so, and the run goes on when the disk is back (rows 10, 16)."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bad_disk import BadDisk, fill, may_mount, small_file_system
from bare_run import bare_run, call
from conftest import PYTHON, TRAINING, Run
from make_checkpoint import seal_adapter
from test_resume import figures

from trainer.run.faults import Fault, understand
from trainer.run.journal import Journal
from trainer.run.run_folder import RunFolder
from trainer.training import checkpoint, retention
from trainer.training.sealing import seal
from trainer.training.session import Session, open_session
from trainer.training.step import advance, begin_step, take_step

MakeRun = Callable[..., Run]
# How many operations of each verb are refused; 0 refuses every one in turn.
SAMPLES = int(os.environ.get("THORTIME_DISK_ROUNDS", "3"))


def require_whole_lines(run: Run) -> None:
    """Every line is JSON and no number of a writer is missing."""
    raw = (run.path / "events.jsonl").read_bytes()
    # Where the first write was refused it is there and empty.
    assert not raw or raw.endswith(b"\n")
    for line in raw.splitlines():
        json.loads(line)
    run.require_valid()


def one_step(session: Session, number: int) -> None:
    step, rested = begin_step(session, number)
    advance(session, step, take_step(session, step, rested))


def test_row_10_every_operation_of_sealing(make_run: MakeRun) -> None:
    """Row 10: ENOSPC at each write, fsync, rename, close, open and mkdir of sealing and pruning in turn, with the real model; once
    for that operation alone, once for a disk that stays full from there on."""
    run = make_run(rows=16, held_out=0, max_steps=8)
    session = open_session(RunFolder(run.path), Journal(run.path / "events.jsonl", "trainer", 0))
    for number in (1, 2):
        one_step(session, number)
        seal(session, "asked")
    place, kinds = run.path / "checkpoints", set[str]()
    one_step(session, 3)
    for stays_full in (False, True):
        for at in range(1, 200):
            before = {step: (place / f"step-{step:06d}/manifest.json").read_bytes() for step in checkpoint.whole(place)}
            # The same weights as a step further each time one was sealed in spite of the refusal.
            session.sealed_step = max(before)
            session.progress.step = session.sealed_step + 1
            disk = BadDisk(run.path, at, stays_full)
            refused: BaseException | None = None
            with disk.mounted():
                try:
                    seal(session, "asked")
                except (Fault, OSError) as error:
                    refused = error
            if len(disk.operations) < at:
                break
            where = disk.operations[at - 1]
            kinds.add(where.split()[0])
            if refused is not None:
                fault = understand(refused)
                assert fault and fault.kind == "disk.full" and re.search(r"Free .*[\d.]+ [MG]B", fault.next), where
            whole = checkpoint.whole(place)
            assert len(whole) >= 2 and max(whole) in (max(before), max(before) + 1), where
            assert (place / f"step-{max(before):06d}/manifest.json").read_bytes() == before[max(before)], where
            assert list(whole) == [step for step, _ in checkpoint.sealed(place)], where
            retention.sweep(place)
        else:
            raise AssertionError("sealing has more operations than this test looks at")
    assert kinds == {"write", "fsync", "rename", "close", "open", "mkdir"}
    require_whole_lines(run)


def tree(folder: Path) -> dict[str, str]:
    """What a verb made, without the seconds it took."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".jsonl" and path.parent.name == "answers":
                lines = [json.loads(line) for line in content.splitlines()]
                content = json.dumps([{name: value for name, value in line.items() if name != "seconds"} for line in lines]).encode()
            found[str(path.relative_to(folder))] = hashlib.sha256(content).hexdigest()
    return found


VERBS = {
    "fetch": (["--models", "models"], "model.json", "fetched"),
    "prepare": ([], "data", "prepared"),
    "answer": (["--stage", "before"], "answers", "answers-finished"),
    "merge": ([], "export", "merged"),
}


BESIDE = "prepare beside a prepared run"


@pytest.mark.parametrize("what", [*VERBS, BESIDE])
def test_row_10_operations_of_the_other_verbs(tmp_path: Path, what: str) -> None:
    """Row 10: a seeded sample of each verb's operations (all with THORTIME_DISK_ROUNDS=0): the output is whole or not there, the
    journal has no half line, and the same verb makes the same output when there is room again."""
    verb = what.split()[0]
    more, output, success = VERBS[verb]
    made = bare_run(
        tmp_path / "made",
        data={"rows": 24},
        answers={"prompts": [{"id": "a", "category": "b", "text": "Hello!"}, {"id": "b", "category": "b", "text": "Who?"}], "maxTokens": 4},
    )
    if verb != "fetch":
        assert call(made, "fetch", "--models", str(tmp_path / "models")) == 0
    if verb == "merge":
        seal_adapter(made, 3, 0.05)
    beside = tmp_path / "beside" / "other"
    if what == BESIDE:
        shutil.copytree(made.path, beside)
        assert call(Run(beside), verb) == 0

    def attempt(number: int, at: int | None, stays_full: bool) -> tuple[Run, BadDisk, int]:
        # Each in a home of its own: beside another run `prepare` would only take over what that one has.
        folder = tmp_path / f"copy-{number}" / "run"
        shutil.copytree(made.path, folder)
        if what == BESIDE:
            shutil.copytree(beside, folder.parent / "other")
        disk = BadDisk(folder, at, stays_full)
        with disk.mounted():
            return Run(folder), disk, call(Run(folder), verb, *more)

    def content(run: Run) -> dict[str, str]:
        return tree(run.path / output) if (run.path / output).is_dir() else {output: (run.path / output).read_text()}

    good, whole, code = attempt(0, None, False)
    assert code == 0
    wanted, seed = content(good), random.randrange(10**6)
    print(f"seed {seed}, {len(whole.operations)} operations")
    # The last one is the closing of the lock, when all is done.
    every = range(1, len(whole.operations))
    chosen = every if SAMPLES == 0 else random.Random(seed).sample(every, min(SAMPLES, len(every)))
    for number, at in enumerate(chosen, start=1):
        run, disk, code = attempt(number, at, stays_full=number % 2 == 0)
        where = f"seed {seed}: {disk.operations[at - 1]}"
        if (run.path / "events.jsonl").exists():
            require_whole_lines(run)
        done = run.events(success)
        assert code == 1 or done, where
        for event in run.events("failed"):
            assert event["fault"]["kind"] == "disk.full" and "Free at least 1 GB" in event["fault"]["next"], where
        if done:
            assert content(run) == wanted, where
        assert call(run, verb, *more) == 0, where
        assert {name: value for name, value in content(run).items() if not name.endswith(".partial")} == wanted, where
        shutil.rmtree(run.path)


def test_row_10_operations_of_training(make_run: MakeRun) -> None:
    """Row 10: a seeded sample over a whole run of the trainer; whatever was refused, the run ends with the losses it would have had."""
    plan = {"rows": 24, "held_out": 2, "max_steps": 4, "save_steps": 1, "eval_steps": 2, "lora_dropout": 0.1}
    straight = make_run(**plan)
    count = BadDisk(straight.path)
    with count.mounted():
        assert straight.train() == 0
    seed = random.randrange(10**6)
    print(f"seed {seed}, {len(count.operations)} operations")
    every = range(1, len(count.operations))
    for number, at in enumerate(every if SAMPLES == 0 else random.Random(seed).sample(every, SAMPLES * 2)):
        run = make_run(**plan)
        disk = BadDisk(run.path, at, stays_full=number % 2 == 0)
        with disk.mounted():
            run.train()
        where = f"seed {seed}: {disk.operations[at - 1]}"
        if (run.path / "events.jsonl").exists():
            require_whole_lines(run)
        assert all(event["fault"]["kind"] == "disk.full" for event in run.events("failed")), where
        told = {event["step"] for event in run.events("checkpoint-sealed")} - {event["step"] for event in run.events("checkpoint-pruned")}
        kept = set(checkpoint.whole(run.path / "checkpoints"))
        assert told <= kept | {max(kept, default=0)} or len(kept) >= 2, where
        assert run.train() == 0, where
        assert figures(run) == figures(straight), where
        assert not run.events("checkpoint-refused"), where
        shutil.rmtree(run.path)


@pytest.mark.skipif(not may_mount(), reason="needs the right to mount a file system")
def test_row_10_a_real_disk_without_any_room(make_run: MakeRun, tmp_path: Path) -> None:
    """Row 10: the whole run folder on a file system of 3 MB that somebody else fills at any moment, with 0 to 4,096 bytes left."""
    plan = {"rows": 16, "held_out": 2, "max_steps": 6, "save_steps": 2}
    straight = make_run(**plan)
    assert straight.train() == 0
    with small_file_system(tmp_path / "disk", "3m"):
        for leave in (0, 4096):
            prepared = make_run(**plan)
            run = Run(tmp_path / "disk" / f"run-{leave}")
            shutil.copytree(prepared.path, run.path)
            process = run.start()
            run.wait_for("step", 3)
            ballast = fill(tmp_path / "disk", leave)
            code = process.wait(90)
            ballast.unlink()
            require_whole_lines(run)
            if code != 0:
                said = [event["fault"]["kind"] for event in run.events("failed")]
                assert said == ["disk.full"] or not said
            assert run.train() == 0
            assert figures(run) == figures(straight)
            shutil.rmtree(run.path)


@pytest.mark.skipif(not may_mount(), reason="needs the right to mount a file system")
def test_row_16_a_volume_that_turns_read_only(make_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Row 16: one sentence, an end, nothing lost; and the run goes on when the volume can be written again."""
    with small_file_system(tmp_path / "disk", "8m"):
        run = Run(tmp_path / "disk" / "run")
        shutil.copytree(make_run(rows=16, held_out=1, max_steps=8).path, run.path)
        process = start_with_log(run, tmp_path / "log")
        run.wait_for("checkpoint-sealed", 1)
        # Linux turns no file system read-only while a file of it is open for writing, as the run's lock is.
        process.kill()
        process.wait()
        remount = ["mount", "-o"]
        subprocess.run([*remount, "remount,ro", str(tmp_path / "disk")], check=True)
        assert run.train() == 1
        said = capsys.readouterr().err
        assert said.count("cannot be written or read. Check the folder's permissions") == 1 and "Traceback" not in said
        subprocess.run([*remount, "remount,rw", str(tmp_path / "disk")], check=True)
        lines = len(run.events())
        assert run.train() == 0
        assert len(run.events()) > lines
        require_whole_lines(run)


def start_with_log(run: Run, log: Path) -> subprocess.Popen[bytes]:
    """Its log lies elsewhere, so that it can be read when the folder is gone."""

    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, "-m", "trainer", "train", "--run", str(run.path)], cwd=PYTHON, stdout=out, stderr=out)


@pytest.mark.parametrize("how", ["removed", "unmounted"])
def test_row_16_a_folder_that_vanishes_beneath_a_trainer(make_run: MakeRun, tmp_path: Path, how: str) -> None:
    """Row 16: the trainer says in one sentence that its folder is gone and ends; nothing is written where the disk was mounted."""
    if how == "unmounted" and not may_mount():
        pytest.skip("needs the right to mount a file system")
    log, place = tmp_path / "log", tmp_path / "volume"
    prepared = make_run(rows=16, held_out=1, max_steps=4000)
    if how == "unmounted":
        with small_file_system(place, "8m"):
            run = Run(place)
            shutil.copytree(prepared.path, run.path, dirs_exist_ok=True)
            process = start_with_log(run, log)
            run.wait_for("step", 2)
            subprocess.run(["umount", "-l", str(place)], check=True)
            code = process.wait(60)
        assert list(place.iterdir()) == []
    else:
        run = prepared
        process = start_with_log(run, log)
        run.wait_for("step", 2)
        run.path.rename(place)
        code = process.wait(60)
        assert not run.path.exists()
    assert code == 1
    said = log.read_text()
    assert said.count("cannot be reached any more") == 1 and "Traceback" not in said
    assert "Connect the disk again" in said


def test_row_10_a_full_disk_is_not_the_models_fault(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 10, 24: what refuses while the model is loaded (a log on the full disk, no memory) keeps its own name."""
    import unsloth_zoo.mlx.loader as loader

    from trainer.model.model import load_base
    from trainer.run.run_plan import parse_training

    for error, kind in ((OSError(28, "No space left on device"), "disk.full"), (MemoryError("12 GB"), "memory.full")):

        def refuse(*_args: object, error: Exception = error, **_more: object) -> None:
            raise error

        monkeypatch.setattr(loader.FastMLXModel, "from_pretrained", refuse)
        with pytest.raises(Fault) as caught:
            load_base(RunFolder(make_run().path).base_model.path, parse_training(TRAINING))
        assert caught.value.kind == kind
