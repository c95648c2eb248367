"""The keeper's eye on the engine: a lease that stands still means that nobody watches heat, phases and verdict."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field

from trainer.run.control import ControlFile
from trainer.run.journal import Journal
from trainer.run.run_folder import RunFolder

# electron/core/control.ts LEASE_STALE_MS; the variable is for tests.
LEASE_STALE_SECONDS = 120.0
LEASE_STALE_VARIABLE = "THORTIME_LEASE_STALE_S"
RESTARTS_PER_HOUR = 3
_HOUR_SECONDS = 3600.0


@dataclass
class EngineWatch:
    """Starts the recorded engine command when the lease has not moved for too long, a few times an hour at most."""

    folder: RunFolder
    journal: Journal
    command: list[str] | None
    env: dict[str, str]
    stale_seconds: float = field(default_factory=lambda: float(os.environ.get(LEASE_STALE_VARIABLE, LEASE_STALE_SECONDS)))
    count: int = 0

    def __post_init__(self) -> None:
        self._control = ControlFile(self.folder.control_path)
        self._lease = self._control.read().lease
        self._since = time.monotonic()
        self._restarts: deque[float] = deque(maxlen=RESTARTS_PER_HOUR)
        self._engine: subprocess.Popen[bytes] | None = None

    def look(self) -> None:
        if self.command is None:
            return
        if self._engine is not None and self._engine.poll() is not None:
            self._engine = None
        now, lease = time.monotonic(), self._control.read().lease
        if lease != self._lease:
            self._lease, self._since = lease, now
        elif now - self._since > self.stale_seconds and self._may_restart(now):
            self._since = now
            self._restarts.append(now)
            self._restart(self.command)

    def _may_restart(self, now: float) -> bool:
        return len(self._restarts) < RESTARTS_PER_HOUR or now - self._restarts[0] > _HOUR_SECONDS

    def _restart(self, command: list[str]) -> None:
        try:
            self._engine = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **self.env},
                start_new_session=True,
            )
        except OSError as error:
            print(f"The engine could not be started: {error}", file=sys.stderr)
            return
        self.count += 1
        try:
            self.journal.write("engine-restarted", pid=self._engine.pid, count=self.count)
        except OSError as error:
            print(f"The journal could not be written: {error}", file=sys.stderr)
