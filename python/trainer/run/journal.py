"""The run's journal, `events.jsonl`: one JSON line an event (electron/core/events.ts is the definition), append only."""

from __future__ import annotations

import errno
import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

from trainer.run.durable import fsync_file

By = Literal["trainer", "keeper"]
LINE_LIMIT_BYTES = 64 * 1024
_SHORTENINGS = 20


@cache
def boot_id() -> str:
    """Names this boot of the machine; monotonic clocks are comparable only within one."""
    if sys.platform == "linux":
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    # kern.boottime moves whenever the wall clock is set, the session's UUID does not.
    for name in ("kern.bootsessionuuid", "kern.boottime"):
        got = subprocess.run(["/usr/sbin/sysctl", "-n", name], capture_output=True, text=True, check=False)
        if got.returncode == 0 and got.stdout.strip():
            return got.stdout.strip()
    return "unknown"


def figure(value: Any) -> Any:
    """JSON has no NaN and no infinities: they travel as words, at any depth."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, dict):
        return {key: figure(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [figure(item) for item in value]
    return value


def _encode(event: dict[str, Any]) -> bytes:
    """One line under the limit; the longest text is halved until it fits, because a lost event would be worse."""
    for _ in range(_SHORTENINGS):
        # A lone surrogate in someone's data must not stop the run: it becomes a question mark.
        line = json.dumps(event, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"
        if len(line) < LINE_LIMIT_BYTES:
            return line
        texts = {key: value for key, value in event.items() if isinstance(value, str)}
        longest = max(texts, key=lambda key: len(texts[key]))
        event = {**event, longest: texts[longest][: len(texts[longest]) // 2] + "…"}
    raise ValueError("an event without long texts is over 64 kB")


class Journal:
    """Appends lines as one writer; `n` counts this process's lines so that a lost one can be seen."""

    def __init__(self, path: Path, by: By, attempt: int):
        self.path = path
        self._by = by
        self._attempt = attempt
        self._n = 0
        self._lock = threading.Lock()
        self._device = _device(path.parent)

    def write(self, type: str, **fields: Any) -> None:
        """Raises OSError when the line could not be written whole."""
        with self._lock:
            event = {
                "v": 1,
                "at": int(time.time() * 1000),
                "mono": round(time.monotonic(), 6),
                "boot": boot_id(),
                "by": self._by,
                "n": self._n + 1,
                "attempt": self._attempt,
                "type": type,
                **figure(fields),
            }
            # Where a disk was mounted stays an empty folder: a journal begun there would never be found again.
            if _device(self.path.parent) != self._device:
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV), str(self.path.parent))
            _append(self.path, _encode(event), self._count)

    def _count(self) -> None:
        self._n += 1

    def sync(self) -> None:
        """Down to the medium; called before a checkpoint is sealed, so that no checkpoint is ahead of its journal."""
        if self.path.exists():
            fsync_file(self.path)


def read_own(path: Path, type: str) -> Iterator[dict[str, Any]]:
    """What the trainer has journalled of that type, in order: nothing of a lost journal, and no line that cannot be read."""
    mark = f'"{type}"'.encode()
    try:
        with open(path, "rb") as file:
            for line in file:
                # Most lines are others, and are not parsed.
                if mark in line and (event := _object(line)) and event.get("type") == type and event.get("by") == "trainer":
                    yield event
    except FileNotFoundError:
        return


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _append(path: Path, line: bytes, written_whole: Callable[[], None]) -> None:
    """`written_whole` is called as soon as the line stands there: closing the file may still be refused."""
    # Opened for each line: if the file was replaced, the next line goes where readers look. Never through a link.
    fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        size = os.fstat(fd).st_size
        if size > 0 and os.pread(fd, 1, size - 1) != b"\n":
            line = b"\n" + line
        written = os.write(fd, line)
        if written != len(line):
            _take_back(fd, written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        written_whole()
    except OSError as error:
        # The calls on a descriptor do not know its name.
        error.filename = error.filename or str(path)
        raise
    finally:
        os.close(fd)


def _take_back(fd: int, written: int) -> None:
    """The disk took only the beginning of our line: no half line stays, unless another writer has come after it."""
    end = os.lseek(fd, 0, os.SEEK_CUR)
    if os.fstat(fd).st_size == end:
        os.ftruncate(fd, end - written)


def _device(folder: Path) -> int | None:
    try:
        return os.stat(folder).st_dev
    except FileNotFoundError:
        return None
