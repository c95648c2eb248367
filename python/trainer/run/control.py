"""`control.json`: what the engine wants (electron/core/control.ts defines it); the engine is its only writer and replaces it whole."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Desired = Literal["run", "rest", "stop"]

# No lease movement for this long means that nobody watches the heat.
LEASE_STALE_SECONDS = 30.0


@dataclass(frozen=True)
class Control:
    desired: Desired = "run"
    why: str = "start"
    pace: float = 1.0
    # None keeps the plan's.
    micro_batch_tokens: int | None = None
    max_seq_length: int | None = None
    cache_limit_bytes: int | None = None
    checkpoint_request: int = 0
    lease: int = 0


class ControlFile:
    """Reads again only when the file changed (one `stat` otherwise) and ages the lease on this process's own clock."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic):
        self._path = path
        self._clock = clock
        self._seen: tuple[int, int, int] | None = None
        self._control = Control()
        self._lease_since = clock()

    def read(self) -> Control:
        """What the file says now; what it said before while it is missing or cannot be understood."""
        try:
            status = self._path.stat()
        except OSError:
            return self._control
        seen = (status.st_mtime_ns, status.st_ino, status.st_size)
        if seen != self._seen:
            self._seen = seen
            control = _parse(self._path)
            if control is not None:
                if control.lease != self._control.lease:
                    self._lease_since = self._clock()
                self._control = control
        return self._control

    @property
    def lease_stale(self) -> bool:
        return self._clock() - self._lease_since > LEASE_STALE_SECONDS


def _parse(path: Path) -> Control | None:
    try:
        value = json.loads(path.read_bytes())
        desired = value["desired"]
        if desired not in ("run", "rest", "stop"):
            return None
        return Control(
            desired=desired,
            why=str(value["why"]),
            pace=min(1.0, max(0.01, float(value["pace"]))),
            micro_batch_tokens=_whole(value.get("microBatchTokens"), 1),
            max_seq_length=_whole(value.get("maxSeqLength"), 1),
            cache_limit_bytes=_whole(value.get("cacheLimitBytes"), 0),
            checkpoint_request=int(value["checkpointRequest"]),
            lease=int(value["lease"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _whole(value: object, least: int) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or value < least:
        raise ValueError(value)
    return value
