"""Promise: kill -9 at any moment of any verb costs at most what was not sealed: the night ends with what an unkilled one makes (row 1).

THORTIME_KILL_ROUNDS says how many kills over all verbs (20), THORTIME_KILL_SEED which; both are printed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bare_run import bare_run, call
from conftest import PRACTICE, PYTHON, TRAINING
from hub_server import Behaviour, HubServer
from test_disk import tree
from test_resume import figures

from trainer.training import checkpoint

ROUNDS = int(os.environ.get("THORTIME_KILL_ROUNDS", "20"))
SEED = int(os.environ.get("THORTIME_KILL_SEED", str(random.randrange(10**6))))
# Shares of the rounds: training has the most moments.
SHARES = {"fetch": 2, "prepare": 2, "answer before": 2, "train": 10, "answer after": 2, "merge": 2}
PROMPTS = [{"id": f"p{number}", "category": "c", "text": text} for number, text in enumerate(("Hello!", "Who are you?", "say: moon"))]
PLAN = {
    **TRAINING, "max_steps": 8, "save_steps": 1, "eval_steps": 4, "lora_r": 64, "lora_dropout": 0.1, "micro_batch_tokens": 128,
}  # fmt: skip
# When a kill may come, by the events of the started process; None is anywhere from its first moment.
MOMENTS: dict[str, list[str | None]] = {
    "fetch": [None, "fetch-progress"],
    "prepare": [None],
    "answer before": [None, "answered"],
    "train": [None, "loaded", "train-started", "evaluated", "step", "step", "checkpoint-sealed", "partial", "partial"],
    "answer after": [None, "answered"],
    "merge": [None, "merge-progress"],
}


class Night:
    """One run's verbs in their order, each as a real process."""

    def __init__(self, path: Path, models: Path, endpoint: str):
        # A few held-out rows: an evaluation is a phase to be killed in, not a judgement here.
        held_out = path.parent / f"{path.name}-held-out.jsonl"
        held_out.parent.mkdir(parents=True, exist_ok=True)
        held_out.write_bytes(b"".join((PRACTICE / "held-out.jsonl").read_bytes().splitlines(keepends=True)[:5]))
        self.run = bare_run(
            path,
            data={"rows": 40, "heldOut": str(held_out)},
            training=PLAN,
            model={"source": "org/practice", "local": False},
            answers={"prompts": PROMPTS, "maxTokens": 6},
        )
        self.run.control()
        self._models = models
        self._env = {
            **os.environ, "HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": "0", "HF_HOME": str(models / "home"), "NO_PROXY": "*", "no_proxy": "*",
        }  # fmt: skip

    def arguments(self, phase: str) -> list[str]:
        verb, _, stage = phase.partition(" ")
        more = ["--models", str(self._models)] if verb == "fetch" else ["--stage", stage] if stage else []
        return [verb, *more]

    def start(self, phase: str) -> subprocess.Popen[bytes]:
        verb, *more = self.arguments(phase)
        with open(self.run.path / "trainer.log", "ab") as log:
            command = [sys.executable, "-m", "trainer", verb, "--run", str(self.run.path), *more]
            return subprocess.Popen(command, cwd=PYTHON, stdout=log, stderr=log, env=self._env)

    def finish(self, phase: str) -> None:
        if phase == "fetch":
            assert self.start(phase).wait(120) == 0, self.run.log()[-2000:]
        else:
            assert call(self.run, *self.arguments(phase)) == 0

    def made(self) -> dict[str, Any]:
        run = self.run
        losses = {f"evaluated {event['step']}": event["loss"] for event in run.events("evaluated")}
        made = {
            "steps": figures(run), **losses, **tree(run.path / "data"), **tree(run.path / "answers"), **tree(run.path / "export"),
        }  # fmt: skip
        # These name the run's own files by their paths.
        return {name: value for name, value in made.items() if name not in ("prepared.json", "report.json", "merged.json")}


def wait_for_moment(
    night: Night, process: subprocess.Popen[bytes], moment: str | None, before: dict[str, int], draw: random.Random
) -> None:
    """Until the process has come so far, at most until its end; then some milliseconds more."""
    deadline = time.monotonic() + 60
    if moment is None:
        time.sleep(draw.uniform(0, 1.5))
    elif moment == "partial":
        place = night.run.path / "checkpoints"
        while process.poll() is None and not (place.is_dir() and any(entry.name.endswith(".partial") for entry in place.iterdir())):
            assert time.monotonic() < deadline
    else:
        wanted = before.get(moment, 0) + draw.randrange(1, 4)
        while process.poll() is None and len(night.run.events(moment)) < wanted:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(draw.uniform(0, 0.06))


def require_unharmed(night: Night, phase: str, sealed: int, where: str) -> None:
    """What holds after each kill, whatever was going on."""
    run = night.run
    place = run.path / "checkpoints"
    if place.is_dir():
        whole = checkpoint.whole(place)
        names = [step for step, _ in checkpoint.sealed(place)]
        assert list(whole) == names, f"{where}: a checkpoint under its final name is damaged"
        assert max(whole, default=0) >= sealed, f"{where}: the sealed step {sealed} is lost"
        told = {event["step"] for event in run.events("checkpoint-sealed")}
        assert len(whole) >= min(2, len(told)), f"{where}: {names} after {sorted(told)}"
        measured = {step: loss for step, loss in whole.items() if loss is not None}
        gone = {event["step"] for event in run.events("checkpoint-pruned")}
        every = {event["step"]: event["loss"] for event in run.events("evaluated") if event["step"] in told | gone and event["step"]}
        if every and measured:
            assert min(measured.values()) <= min(every.values()) + 1e-9, f"{where}: the best checkpoint is gone"
    assert not run.events("failed", "checkpoint-refused"), f"{where}: {run.events('failed', 'checkpoint-refused')}"


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("reference")
    with HubServer(PRACTICE / "model") as hub:
        night = Night(folder / "run", folder / "models", hub.endpoint)
        for phase in SHARES:
            night.finish(phase)
    return night.made()


def rounds_of(phase: str) -> int:
    return max(1, round(ROUNDS * SHARES[phase] / sum(SHARES.values())))


def test_row_1_killed_at_any_moment_of_any_verb(tmp_path: Path, reference: dict[str, Any], reap: Callable[..., None]) -> None:
    """Row 1: seeded kills over fetch, prepare, answers, train (load, step, checkpoint, evaluation) and merge; then each verb once to
    its end. The next start goes on from the newest sealed checkpoint, each step stands once, and all outputs are the reference's."""
    draw = random.Random(SEED)
    print(f"seed {SEED}, {ROUNDS} rounds")
    kills = 0
    nights = 0
    # A night has so many kills before its end; more rounds are more nights.
    while kills < ROUNDS:
        nights += 1
        with HubServer(PRACTICE / "model", Behaviour(bytes_per_second=1_500_000)) as hub:
            night = Night(tmp_path / f"night-{nights}", tmp_path / f"models-{nights}", hub.endpoint)
            for phase in SHARES:
                for _ in range(rounds_of(phase) if ROUNDS <= 20 else SHARES[phase]):
                    if kills >= ROUNDS:
                        break
                    kills += 1
                    kill_once(night, phase, draw, f"seed {SEED}, kill {kills} in {phase}", reap)
                night.finish(phase)
        run = night.run
        assert night.made() == reference
        assert [step for step, *_ in figures(run)] == list(range(1, PLAN["max_steps"] + 1))
        leftovers = [path for name in ("checkpoints", "evaluations", "answers", "export") for path in (run.path / name).rglob("*.partial*")]
        assert not leftovers and not (run.path / "data.partial").exists()
        run.require_valid()
        print(f"{kills} kills, {nights} nights ended as the unkilled one")


def kill_once(night: Night, phase: str, draw: random.Random, where: str, reap: Callable[..., None]) -> None:
    run, moment = night.run, draw.choice(MOMENTS[phase])
    before = {type: len(run.events(type)) for type in ("resumed", *(name for name in MOMENTS[phase] if name))}
    sealed = max([0, *(event["step"] for event in run.events("checkpoint-sealed"))])
    process = night.start(phase)
    reap(process)
    wait_for_moment(night, process, moment, before, draw)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    where = f"{where} at {moment}"
    for event in run.events("resumed")[before["resumed"] :]:
        assert event["fromStep"] >= sealed, f"{where}: went back to {event['fromStep']}"
    require_unharmed(night, phase, sealed, where)


@pytest.fixture
def reap() -> Any:
    """Ends what a failed test would leave running."""
    started: list[subprocess.Popen[bytes]] = []
    yield started.append
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()
