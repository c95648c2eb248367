"""Which checkpoints stay, and how the others go: renamed first, so that a kill never leaves half of one under a final name."""

from __future__ import annotations

import math
import os
import shutil
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

KEPT_NEWEST = 2


def best_of(losses: Mapping[int, float]) -> int | None:
    """The step with the lowest finite held-out loss, the later one of equal ones; None where none was measured."""
    measured = [step for step, loss in losses.items() if math.isfinite(loss)]
    return min(measured, key=lambda step: (losses[step], -step), default=None)


def prunable(steps: Iterable[int], losses: dict[int, float]) -> list[int]:
    """All but the newest two and the one with the lowest held-out loss (`losses`: step -> loss, only where it was measured)."""
    ordered = sorted(steps, reverse=True)
    kept = set(ordered[:KEPT_NEWEST])
    best = best_of({step: losses[step] for step in ordered if step in losses})
    if best is not None:
        kept.add(best)
    return [step for step in ordered if step not in kept]


def remove(path: Path) -> None:
    """Renamed first, so that a kill in the middle leaves a leftover for `sweep` and never half a checkpoint."""
    shutil.rmtree(_rename(path))


def _rename(path: Path) -> Path:
    leftover = path.with_name(f"{path.name}.removed.partial")
    shutil.rmtree(leftover, ignore_errors=True)
    os.rename(path, leftover)
    return leftover


class Removal:
    """Removes old checkpoints beside the next steps, which need not wait until their room is free; gone at once under their own name."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    def begin(self, path: Path) -> None:
        # What cannot be removed now is swept at the next start.
        thread = threading.Thread(target=shutil.rmtree, args=(_rename(path),), kwargs={"ignore_errors": True})
        thread.start()
        self._threads.append(thread)

    def wait(self) -> None:
        """Until all of it is gone."""
        while self._threads:
            self._threads.pop().join()


def set_aside(path: Path) -> None:
    """A refused one is kept for a look, under a name that is never chosen."""
    aside = path.with_name(f"{path.name}.refused")
    shutil.rmtree(aside, ignore_errors=True)
    os.rename(path, aside)


def sweep(folder: Path) -> None:
    """Leftovers of writers that were killed."""
    if not folder.is_dir():
        return
    for entry in folder.iterdir():
        if entry.name.endswith(".partial"):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)
