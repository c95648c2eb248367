"""`trainer.log`: whatever the verbs print, capped. Children append through their own descriptor, so it may be cut under them."""

from __future__ import annotations

import os
from pathlib import Path

CAP_BYTES = 1_000_000
_KEPT_BYTES = CAP_BYTES // 2
_TAIL_BYTES = 64 * 1024
_TAIL_LINES = 20
_LINE_CHARACTERS = 500


def open_for_child(path: Path) -> int:
    """A descriptor to hand to a child; O_APPEND makes every write go to the end, also after a cut."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o644)


def cut(path: Path) -> bool:
    """Over the cap only the newest part stays. What a child writes in this very moment may be lost: it is a log."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        size = os.fstat(fd).st_size
        if size <= CAP_BYTES:
            return False
        newest = os.pread(fd, _KEPT_BYTES, size - _KEPT_BYTES)
        newest = newest[newest.find(b"\n") + 1 :]
        os.pwrite(fd, newest, 0)
        os.ftruncate(fd, len(newest))
        return True
    finally:
        os.close(fd)


class Since:
    """What was written from here on: the last words of the process before this one would be taken for this one's."""

    def __init__(self, path: Path):
        self._path = path
        self._from = path.stat().st_size if path.exists() else 0

    def cut(self) -> None:
        # What is left after a cut is half a megabyte of this process's own.
        if cut(self._path):
            self._from = 0

    def tail(self) -> list[str]:
        return tail(self._path, self._from)


def tail(path: Path, from_byte: int = 0) -> list[str]:
    """The last lines as text, each cut to a bearable length."""
    try:
        with open(path, "rb") as file:
            file.seek(max(from_byte, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    lines = [line.rstrip()[:_LINE_CHARACTERS] for line in text.splitlines() if line.strip()]
    return lines[-_TAIL_LINES:]
