"""Where everything of one run lies (docs/architecture.md "The home folder"), and the lock that keeps two writers out of it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.run.faults import Fault, linked
from trainer.run.run_plan import RunPlan, parse_plan

# A killed process may need a moment to let go of its lock.
LOCK_WAIT_SECONDS = 5.0
_MOST_ENTRIES = 100_000


@dataclass(frozen=True)
class BaseModel:
    """`model.json`: the base model's folder on this machine."""

    path: Path
    revision: str
    files: list[str]


class RunFolder:
    def __init__(self, path: Path | str):
        self.path = Path(path).absolute()
        self.run_json = self.path / "run.json"
        self.model_json = self.path / "model.json"
        self.journal_path = self.path / "events.jsonl"
        self.control_path = self.path / "control.json"
        self.process_path = self.path / "process.json"
        self.exit_path = self.path / "exit.json"
        self.log_path = self.path / "trainer.log"
        self.lock_path = self.path / "run.lock"
        self.keep_lock_path = self.path / "keep.lock"
        self.data = self.path / "data"
        self.train_rows = self.data / "train.jsonl"
        self.held_out_rows = self.data / "held-out.jsonl"
        self.batches = self.data / "batches.jsonl"
        self.report = self.data / "report.json"
        self.prepared = self.data / "prepared.json"
        self.checkpoints = self.path / "checkpoints"
        self.evaluations = self.path / "evaluations"
        self.answers = self.path / "answers"
        self.export_dir = self.path / "export"
        self.merged_dir = self.export_dir / "merged"

    def relative(self, path: Path) -> str:
        """A path as it stands in the journal: inside the run's folder, so that a moved home stays readable."""
        return path.relative_to(self.path).as_posix()

    @property
    def plan(self) -> RunPlan:
        return parse_plan(self._read(self.run_json, "run.plan", "Start a new run."))

    @property
    def base_model(self) -> BaseModel:
        value = self._read(self.model_json, "model.missing", "Continue with: thortime resume; the model is then fetched first.")
        return BaseModel(Path(value["path"]), str(value.get("revision", "")), list(value.get("files", [])))

    def _read(self, path: Path, kind: str, next_step: str) -> dict[str, Any]:
        try:
            value = json.loads(path.read_bytes())
        except FileNotFoundError as error:
            raise Fault(kind, f"{path.name} is missing in {self.path}.", next_step) from error
        except ValueError as error:
            raise Fault(kind, f"{path.name} in {self.path} is damaged.", next_step) from error
        if not isinstance(value, dict):
            raise Fault(kind, f"{path.name} in {self.path} is damaged.", next_step)
        return value

    def require_no_links(self) -> None:
        """Whatever writes, sweeps or prunes here stays here. Raises Fault run.link with the first link's name, and OSError."""
        pending = [self.path]
        for _ in range(_MOST_ENTRIES):
            if not pending:
                return
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        raise linked(entry.path)
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(Path(entry.path))

    @contextmanager
    def lock(self, wait_seconds: float = LOCK_WAIT_SECONDS) -> Iterator[None]:
        """Held while a verb writes this run; the system lets go of it when the process ends, however it ends."""
        with self._held(self.lock_path, wait_seconds):
            yield

    @contextmanager
    def keeping(self, wait_seconds: float = LOCK_WAIT_SECONDS) -> Iterator[int]:
        """Held by a keeper from before its child exists, and by the child, which gets the descriptor: no two are ever started at once."""
        with self._held(self.keep_lock_path, wait_seconds) as fd:
            yield fd

    @contextmanager
    def _held(self, path: Path, wait_seconds: float) -> Iterator[int]:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            deadline = time.monotonic() + wait_seconds
            while not _try_flock(fd):
                if time.monotonic() >= deadline:
                    raise Fault(
                        "run.locked", f"Another process is working on {self.path}.", "Wait for it to end, or stop it with: thortime stop."
                    )
                time.sleep(0.05)
            yield fd
        finally:
            os.close(fd)


def _try_flock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:
        return False
