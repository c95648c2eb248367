"""A run folder that nothing has worked on yet, and verbs as real processes with an environment of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from conftest import FORMAT, PRACTICE, PYTHON, TRAINING, Run

from trainer.__main__ import main
from trainer.run.durable import write_json_atomic


def bare_run(folder: Path, **sections: dict[str, Any]) -> Run:
    """`bare_run(dir, data={…}, training={…}, model={…}, answers={…}, format={…})` changes those values of run.json."""
    folder.mkdir(parents=True)
    plan: dict[str, Any] = {
        "v": 1, "id": folder.name, "name": "test", "campaign": "test", "kind": "quick", "createdAt": 0,
        "data": {
            "train": str(PRACTICE / "train.jsonl"), "heldOut": str(PRACTICE / "held-out.jsonl"), "heldOutShare": 0.1,
            "rows": None, "skipBadRows": False,
        },
        "model": {"source": str(PRACTICE / "model"), "local": True}, "format": FORMAT, "training": TRAINING,
        "answers": {"prompts": json.loads((PRACTICE / "prompts.json").read_text()), "maxTokens": 24},
        "deploy": {"enabled": False, "as": "test", "quantize": "auto", "parameters": {}},
    }  # fmt: skip
    for name, values in sections.items():
        plan[name] = {**plan[name], **values}
    write_json_atomic(folder / "run.json", plan)
    return Run(folder)


def verb(run: Run, *arguments: str, env: dict[str, str] | None = None, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    name, *more = arguments
    return subprocess.run(
        [sys.executable, "-m", "trainer", name, "--run", str(run.path), *more],
        cwd=PYTHON, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip


def call(run: Run, name: str, *more: str) -> int:
    """Exit code of the verb in this process: the same door, without the seconds that a new one needs for its imports."""
    return main([name, "--run", str(run.path), *more])


def ask(*arguments: str, python: tuple[str, ...] = (sys.executable,)) -> tuple[int, dict[str, Any]]:
    """Exit code and the one JSON object of a verb without a run."""
    done = subprocess.run([*python, "-m", "trainer", *arguments], cwd=PYTHON, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, json.loads(done.stdout)


def fetched(run: Run) -> Run:
    """With its model.json, as `fetch` leaves it."""
    assert call(run, "fetch", "--models", str(run.path.parent / "models")) == 0
    return run


def fault(run: Run) -> dict[str, str]:
    """The fault a verb journalled last."""
    return run.events("failed")[-1]["fault"]
