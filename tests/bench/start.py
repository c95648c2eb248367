"""`npm run bench -- start`: seconds from the start of the work to the first optimizer step, beside a bare Unsloth script on the same rows.

Ours is what a night does between the model and its first step: `prepare`, then `train`, each a process of its own; once with data that no
run has prepared yet and once with the data of an earlier run. What a script does not do at all is not in it: the base model's answers and
its held-out loss, which come before the first step.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ground import CONTROL, PRACTICE, PYTHON, Run, arguments, bare_run, data_name, finish, middle, say, workplace, write_lookalike

from trainer.run.durable import write_json_atomic

MAX_SEQ_LENGTH = 256
SETTINGS = {"max_seq_length": MAX_SEQ_LENGTH, "warmup_steps": 0, "learning_rate": 5e-5}
STEP_S = 300


def rows_in(place: Path) -> Path:
    """The user's rows where THORTIME_JESSY names them, else a look-alike."""
    if folder := os.environ.get("THORTIME_JESSY"):
        return Path(folder) / "jessy_maximum_train.jsonl"
    write_lookalike(place)
    return place / "train.jsonl"


def ours(folder: Path, rows: Path) -> float:
    run = bare_run(folder, data={"train": str(rows), "heldOut": None, "heldOutShare": 0.0}, training=SETTINGS)
    write_json_atomic(folder / "model.json", {"path": str(PRACTICE / "model"), "revision": "", "files": []})
    write_json_atomic(folder / "control.json", CONTROL)
    started = time.perf_counter()
    subprocess.run(_verb("prepare", run), cwd=PYTHON, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process = subprocess.Popen(_verb("train", run), cwd=PYTHON, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        run.wait_for("step", 1, STEP_S)
        return time.perf_counter() - started
    finally:
        process.kill()
        process.wait()


def _verb(name: str, run: Run) -> Sequence[str]:
    return [sys.executable, "-m", "trainer", name, "--run", str(run.path)]


def bare(place: Path, rows: Path) -> float:
    """Until the script says on its own pipe that the step is made; what libraries print goes nowhere."""
    ours_end, theirs = os.pipe()
    script = Path(__file__).with_name("bare_start.py")
    command = [sys.executable, str(script), str(rows), str(PRACTICE / "model"), str(place / "bare"), str(MAX_SEQ_LENGTH)]
    started = time.perf_counter()
    # The script writes to descriptor 3, whatever number the pipe has here.
    process = subprocess.Popen(
        ["sh", "-c", f'exec "$@" 3>&{theirs}', "sh", *command], pass_fds=[theirs], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(theirs)
    try:
        with os.fdopen(ours_end) as said:
            if said.readline().strip() != "step":
                raise RuntimeError("the bare script made no step")
        return time.perf_counter() - started
    finally:
        process.kill()
        process.wait()


def main() -> None:
    args = arguments(__doc__, rounds=5)
    found: dict[str, list[float]] = {"bare script": [], "ours": [], "ours, data of an earlier run": []}
    with workplace() as place:
        rows = rows_in(place)
        for number in range(args.rounds):
            folder = place / f"round-{number}"
            turns = {
                "bare script": lambda: bare(place, rows),
                # A home of its own: no run beside it has prepared these rows.
                "ours": lambda folder=folder: ours(folder / "runs" / "first", rows),
                "ours, data of an earlier run": lambda folder=folder: ours(folder / "runs" / "second", rows),
            }
            for name in list(turns) if number % 2 else ["ours", "ours, data of an earlier run", "bare script"]:
                found[name].append(turns[name]())
            shutil.rmtree(folder)
    for name, seconds in found.items():
        say(args, f"{name:30} {', '.join(f'{one:.2f}' for one in seconds)} s to the first step on {data_name()}")
    ratios = {
        name: round(middle([one / other for one, other in zip(seconds, found["bare script"], strict=True)]), 4)
        for name, seconds in found.items()
    }
    finish(
        "start", middle(found["ours"]), middle(found["bare script"]), ratios["ours"], unit="s", limit=1.15,
        ratios={"data of an earlier run": ratios["ours, data of an earlier run"]},
    )  # fmt: skip


if __name__ == "__main__":
    main()
