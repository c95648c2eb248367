"""Which checkpoints stay, and how the others go: renamed first, so that a kill never leaves half of one under a final name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

KEPT_NEWEST = 2


def prunable(steps: Iterable[int], losses: dict[int, float]) -> list[int]:
    """All but the newest two and the one with the lowest held-out loss (`losses`: step -> loss, only where it was measured)."""
    ordered = sorted(steps, reverse=True)
    kept = set(ordered[:KEPT_NEWEST])
    measured = [step for step in ordered if step in losses]
    if measured:
        kept.add(min(measured, key=lambda step: (losses[step], -step)))
    return [step for step in ordered if step not in kept]


def remove(path: Path) -> None:
    """Renamed first, so that a kill in the middle leaves a leftover for `sweep` and never half a checkpoint."""
    leftover = path.with_name(f"{path.name}.removed.partial")
    shutil.rmtree(leftover, ignore_errors=True)
    os.rename(path, leftover)
    shutil.rmtree(leftover)


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
