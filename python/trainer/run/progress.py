"""Progress events at a bounded rate: a journal line costs a disk write and a repaint."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Protocol

EVERY_SECONDS = 0.5


class Writes(Protocol):
    """Where progress goes: a run's journal, or stderr for a verb without a run."""

    def write(self, type: str, **fields) -> None: ...


def say_on_stderr(type: str, **fields) -> None:
    """One JSON line; a reader that is gone costs nothing."""
    try:
        print(json.dumps({"type": type, **fields}, ensure_ascii=False), file=sys.stderr, flush=True)
    except OSError:
        pass


class Progress:
    """Calls `write(type, **fields)` at most twice a second; `last()` writes what was held back."""

    def __init__(self, write: Callable[..., None], type: str, clock: Callable[[], float] = time.monotonic):
        self._write = write
        self._type = type
        self._clock = clock
        self._written_at = float("-inf")
        self._held: dict | None = None

    def show(self, **fields) -> None:
        now = self._clock()
        if now - self._written_at < EVERY_SECONDS:
            self._held = fields
            return
        self._written_at, self._held = now, None
        self._write(self._type, **fields)

    def last(self) -> None:
        if self._held is not None:
            self._write(self._type, **self._held)
            self._held = None
