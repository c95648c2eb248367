"""Progress events at a bounded rate: a journal line costs a disk write and a repaint."""

from __future__ import annotations

import time
from collections.abc import Callable

EVERY_SECONDS = 0.5


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
