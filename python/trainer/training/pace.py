"""Between two micro-batches: obey `control.json`, rest as it asks, and say in the journal what was obeyed."""

from __future__ import annotations

import time
from collections.abc import Callable

from trainer.run.control import Control, ControlFile
from trainer.run.journal import Journal

# At most this pace while nobody watches the heat; electron/core/control.ts UNWATCHED_PACE.
UNWATCHED_PACE = 0.8
# How soon a sleeping trainer notices a new wish.
POLL_SECONDS = 0.1
# What was rested too long (a sleep ends late) is taken off the next rests; a machine that slept is not made up for.
CARRY_SECONDS = 0.5


class StopAsked(Exception):
    """The unfinished step is to be dropped and the last applied one sealed."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


class Pace:
    """`between(worked)` is called after each micro-batch (and each held-out row); it returns when the next one may start."""

    def __init__(
        self,
        control: ControlFile,
        journal: Journal,
        checkpoint_request: int = 0,
        apply_cache_limit: Callable[[int | None], None] = lambda _limit: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._control = control
        self._journal = journal
        self._apply_cache_limit = apply_cache_limit
        self._clock = clock
        self._sleep = sleep
        self._journalled: tuple[object, ...] = ("run", "", 1.0, checkpoint_request, False)
        self._cache_limit: int | None = None
        self.checkpoint_request = checkpoint_request
        # Called when a checkpoint is asked for during a rest; while working, the step is finished first.
        self.seal_while_resting: Callable[[], None] = lambda: None
        self._terminated = False
        self._rested_too_long = 0.0

    def terminate(self) -> None:
        """Called from a signal handler: the process is to stop as if the engine had asked for it."""
        self._terminated = True

    def between(self, worked_seconds: float) -> float:
        """Seconds rested. Raises StopAsked."""
        start = self._clock()
        ahead = self._rested_too_long
        while True:
            asked = self.checkpoint_request
            control, pace = self._obey()
            if self._terminated:
                raise StopAsked("the process was asked to end")
            if control.desired == "stop":
                raise StopAsked(control.why)
            if control.desired == "rest" and control.checkpoint_request > asked:
                self.seal_while_resting()
            # work / (work + rest) = pace
            wanted = worked_seconds * (1.0 - pace) / pace
            left = start + wanted - ahead - self._clock()
            if control.desired == "run" and left <= 0:
                self._rested_too_long = min(CARRY_SECONDS, -left) if pace < 1.0 else 0.0
                return max(0.0, self._clock() - start)
            self._sleep(POLL_SECONDS if control.desired == "rest" else min(left, POLL_SECONDS))

    def _obey(self) -> tuple[Control, float]:
        control, stale = self._control.read(), self._control.lease_stale
        pace = min(control.pace, UNWATCHED_PACE) if stale else control.pace
        # A reason is news only where it explains something; "run" needs none.
        why = "" if control.desired == "run" else control.why
        state = (control.desired, why, pace, control.checkpoint_request, stale)
        if state != self._journalled:
            self._journalled = state
            self._journal.write(
                "obeyed",
                desired=control.desired,
                why=control.why,
                pace=pace,
                checkpointRequest=control.checkpoint_request,
                leaseStale=stale,
            )
        if control.cache_limit_bytes != self._cache_limit:
            self._cache_limit = control.cache_limit_bytes
            self._apply_cache_limit(control.cache_limit_bytes)
        self.checkpoint_request = control.checkpoint_request
        return control, pace
