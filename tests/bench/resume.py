"""`npm run bench -- resume`: seconds from the start of a trainer to its next step, resumed after kill -9 beside a fresh start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ground import MANY_STEPS, PYTHON, Run, arguments, encoded_rows, finish, make_run, middle, say, workplace


def seconds_to_step(run: Run) -> float:
    """Starts the trainer, waits for one more step than there are, and kills it."""
    before, start = len(run.events("step")), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "trainer", "train", "--run", str(run.path)], cwd=PYTHON, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        run.wait_for("step", before + 1)
        return time.monotonic() - start
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def sealed(folder: Path) -> Run:
    """A run that a checkpoint holds, so that the next start is a resume."""
    run = Run(folder)
    run.control(checkpointRequest=1)
    process = subprocess.Popen(
        [sys.executable, "-m", "trainer", "train", "--run", str(folder)], cwd=PYTHON, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        run.wait_for("checkpoint-sealed")
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    return run


def main() -> None:
    args = arguments(__doc__, rounds=3)
    rows = encoded_rows(48, 256)
    settings = {"max_seq_length": 256, "micro_batch_tokens": 512, "gradient_checkpointing": False, "max_steps": MANY_STEPS}
    fresh: list[float] = []
    resumed: list[float] = []
    with workplace() as place:
        killed = sealed(make_run(place / "killed", rows, **settings))
        for number in range(args.rounds):
            fresh.append(seconds_to_step(Run(make_run(place / f"fresh-{number}", rows, **settings))))
            resumed.append(seconds_to_step(killed))
    for name, values in (("fresh", fresh), ("resumed", resumed)):
        say(args, f"{name:8} {', '.join(f'{value:.2f}' for value in values)} s to the first step")
    ratio = middle([one / other for one, other in zip(resumed, fresh, strict=True)])
    finish("resume", middle(resumed), middle(fresh), ratio, limit=1.2)


if __name__ == "__main__":
    main()
