"""A disk that refuses: every call by which the trainer changes files under a folder is counted, and the chosen one fails."""

from __future__ import annotations

import builtins
import errno
import io
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class BadDisk:
    """Counts write, fsync, rename, close, open and mkdir. `at`: the one that fails (from 1), and with `stays_full` all after it."""

    def __init__(self, root: Path, at: int | None = None, stays_full: bool = False):
        self.root, self.at, self.stays_full = str(root), at, stays_full
        self.operations: list[str] = []
        self._open: dict[int, str] = {}
        self._reading: set[int] = set()

    def _meet(self, name: str, path: object) -> None:
        self.operations.append(f"{name} {str(path)[len(self.root) :]}")
        count = len(self.operations)
        if self.at is not None and (count == self.at or (self.stays_full and count > self.at)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    def _is_ours(self, path: object) -> bool:
        return isinstance(path, (str, os.PathLike)) and str(path).startswith(self.root)

    @contextmanager
    def mounted(self) -> Iterator[BadDisk]:
        with pytest.MonkeyPatch.context() as patch:
            self._patch_system_calls(patch)
            self._patch_files(patch)
            self._patch_tensors(patch)
            yield self

    def _patch_system_calls(self, patch: pytest.MonkeyPatch) -> None:
        real_open, real_write, real_fsync, real_close = os.open, os.write, os.fsync, os.close

        def open_(path: Any, flags: int, *more: Any, **named: Any) -> int:
            if not self._is_ours(path):
                return real_open(path, flags, *more, **named)
            if flags & _WRITING:
                self._meet("open", path)
            fd = real_open(path, flags, *more, **named)
            self._open[fd] = str(path)
            if not flags & _WRITING:
                self._reading.add(fd)
            return fd

        def on_descriptor(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
            def call(fd: int, *more: Any) -> Any:
                if fd in self._open:
                    self._meet(name, self._open[fd])
                return real(fd, *more)

            return call

        def close(fd: int) -> None:
            path, reading = self._open.pop(fd, None), fd in self._reading
            self._reading.discard(fd)
            real_close(fd)
            # What was only read from, as folders are, has nothing left to write when it is closed.
            if path is not None and not reading:
                self._meet("close", path)

        patch.setattr(os, "open", open_)
        patch.setattr(os, "write", on_descriptor("write", real_write))
        patch.setattr(os, "fsync", on_descriptor("fsync", real_fsync))
        patch.setattr(os, "close", close)
        for name in ("rename", "replace", "mkdir"):
            patch.setattr(os, name, self._by_path(name, getattr(os, name)))

    def _by_path(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *more: Any, **named: Any) -> Any:
            if self._is_ours(path):
                self._meet(name, path)
            return real(path, *more, **named)

        return call

    def _patch_files(self, patch: pytest.MonkeyPatch) -> None:
        real = io.open

        def open_(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
            if not self._is_ours(file) or not set(mode) & set("wax+"):
                return real(file, mode, *more, **named)
            self._meet("open", file)
            opened = real(file, mode, *more, **named)
            self._open[opened.fileno()] = str(file)
            return _File(self, opened, str(file))

        patch.setattr(io, "open", open_)
        patch.setattr(builtins, "open", open_)

    def _patch_tensors(self, patch: pytest.MonkeyPatch) -> None:
        """MLX writes by itself; on a full disk it leaves half a file and says no reason."""
        real = mx.save_safetensors

        def save(path: str, *more: Any, **named: Any) -> None:
            real(path, *more, **named)
            try:
                self._meet("write", path)
            except OSError:
                os.truncate(path, os.stat(path).st_size // 2)
                raise RuntimeError(f"[write] Unable to write 4096 bytes to file {path}") from None

        patch.setattr(mx, "save_safetensors", save)


class _File:
    """A file being written, whose write, flush and close may be refused."""

    def __init__(self, disk: BadDisk, file: Any, path: str):
        self._disk, self._file, self._path = disk, file, path

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, data: Any) -> int:
        self._disk._meet("write", self._path)
        return self._file.write(data)

    def close(self) -> None:
        if self._file.closed:
            return
        self._disk._open.pop(self._file.fileno(), None)
        self._file.close()
        self._disk._meet("close", self._path)


@contextmanager
def small_file_system(folder: Path, size: str) -> Iterator[None]:
    """A file system of its own. Needs the right to mount; where there is none, the test says so and does not pass."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def may_mount() -> bool:
    return os.geteuid() == 0 and Path("/proc/mounts").exists()


def fill(folder: Path, leave: int = 0) -> Path:
    """A file that takes all room but `leave` bytes; remove it to give the room back."""
    ballast = folder / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
        file.truncate(max(0, file.tell() - leave))
    return ballast
