"""Files that survive a power cut: flushed to the medium, then renamed, then the folder flushed."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

_CHUNK_BYTES = 1 << 20


def fsync_fd(fd: int) -> None:
    """`fsync` on macOS leaves data in the drive's cache; F_FULLFSYNC does not, but not every file system knows it."""
    if sys.platform == "darwin":
        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
            return
        except OSError:
            pass
    os.fsync(fd)


def fsync_file(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        fsync_fd(fd)
    finally:
        os.close(fd)


def write_through(path: Path, content: Iterable[bytes | memoryview]) -> None:
    """A new file of these pieces, on the medium when it returns."""
    with open(path, "wb") as file:
        for piece in content:
            file.write(piece)
        file.flush()
        fsync_fd(file.fileno())


def fsync_dir(path: Path) -> None:
    fsync_file(path)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Opens `<name>.partial` for writing; it becomes `path` only when the block ends without an error."""
    partial = path.with_name(path.name + ".partial")
    try:
        with open(partial, "wb") as file:
            yield file
            file.flush()
            fsync_fd(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    fsync_dir(path.parent)


@contextmanager
def creating(*paths: Path) -> Iterator[list[IO[bytes]]]:
    """Opens a new file for each path; all of them appear when the block ends without an error, and none otherwise.

    Nothing is ever overwritten: FileExistsError where a name is taken, also when it is taken meanwhile.
    """
    for path in paths:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    partials, published = [path.with_name(f".{path.name}.{os.urandom(4).hex()}.partial") for path in paths], []
    try:
        with ExitStack() as stack:
            files: list[IO[bytes]] = [stack.enter_context(open(partial, "xb")) for partial in partials]
            yield files
            for file in files:
                file.flush()
                fsync_fd(file.fileno())
        for partial, path in zip(partials, paths, strict=True):
            # A link refuses a taken name where a rename would replace it.
            os.link(partial, path)
            published.append(path)
    except BaseException:
        for path in published:
            path.unlink(missing_ok=True)
        raise
    finally:
        for partial in partials:
            partial.unlink(missing_ok=True)
    for folder in {path.parent for path in paths}:
        fsync_dir(folder)


def write_json_atomic(path: Path, value: Any) -> None:
    """The whole file or the old one, never a half; one line of UTF-8 JSON, no NaN."""
    with replacing(path) as file:
        file.write(json.dumps(value, ensure_ascii=False, allow_nan=False).encode() + b"\n")


def sha256(path: Path) -> str:
    """Hex digest, read in pieces."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def fingerprint(path: Path) -> dict[str, int | str]:
    """`{bytes, sha256}`: what a manifest keeps of a file."""
    return {"bytes": path.stat().st_size, "sha256": sha256(path)}
