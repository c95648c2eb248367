"""Checkpoints that this process has found whole or sealed itself: not read again while nothing about their files has changed.

Every seal is followed by a look at all that are kept. Hashing them anew each time took four times as long as writing the new one, and
read the very pages that had been written: what a disk loses later shows only to a process that reads it from the disk.
"""

from __future__ import annotations

import os
from pathlib import Path

from trainer.training.checkpoint import FILES, MANIFEST, Checkpoint, verify

# Of each file: inode, kind, size, times of the last change of content and of anything else. Whoever writes into it changes these.
_Stamp = tuple[tuple[int, int, int, int, int], ...]


class Verified:
    def __init__(self) -> None:
        self._known: dict[Path, tuple[_Stamp, Checkpoint]] = {}

    def note(self, sealed: Checkpoint) -> None:
        """Just sealed: its files were hashed as they were written."""
        self._known[sealed.path] = (_stamp(sealed.path), sealed)

    def verify(self, path: Path, step: int) -> Checkpoint:
        """As checkpoint.verify. Raises Damaged."""
        stamp = _stamp(path)
        known = self._known.get(path)
        if known and stamp and known[0] == stamp:
            return known[1]
        found = verify(path, step)
        self._known[path] = (stamp, found)
        return found

    def forget(self, path: Path) -> None:
        self._known.pop(path, None)


def _stamp(path: Path) -> _Stamp:
    """Empty where a file is missing, so that nothing counts as known."""
    try:
        found = [os.lstat(path / name) for name in (*FILES, MANIFEST)]
    except OSError:
        return ()
    return tuple((one.st_ino, one.st_mode, one.st_size, one.st_mtime_ns, one.st_ctime_ns) for one in found)
