"""A failure we understand, as a value: what kind, one human sentence, and the next step. Kinds as in electron/core/faults.ts."""

from __future__ import annotations

import errno


class Fault(Exception):
    def __init__(self, kind: str, message: str, next: str):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.next = next

    def to_json(self) -> dict[str, str]:
        return {"kind": self.kind, "message": self.message, "next": self.next}


NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_WRITE = {errno.EROFS, errno.EACCES, errno.EPERM}
_NO_DISK = {errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.ENOTCONN}
# What the engine waits for before a run goes on (electron/core/space.ts LEAST_BYTES).
_ROOM = "1 GB"


# What MLX says when an allocation fails: its allocators on Metal and on the CPU, a Metal command that ran out of memory, the C++ one.
_NO_MEMORY = ("[metal::malloc]", "[malloc_or_wait]", "Unable to allocate", "Insufficient Memory", "std::bad_alloc")


def from_memory_error(error: BaseException) -> Fault | None:
    """The fault behind an allocation that failed, else None."""
    text = str(error)
    if not isinstance(error, MemoryError) and not (isinstance(error, RuntimeError) and any(words in text for words in _NO_MEMORY)):
        return None
    asked = (text.strip().splitlines() or ["no more could be had"])[0][:200]
    return Fault(
        "memory.full",
        f"The memory was not enough: {asked}",
        "Close other programs and continue with: thortime resume. Smaller micro-batches (micro_batch_tokens) need less.",
    )


_NAME_SHOWN = 80


def from_os_error(error: OSError) -> Fault | None:
    """The fault behind an operating system error where a person can do something about it, else None."""
    where = str(error.filename) if error.filename else "the run's folder"
    if error.errno in NO_SPACE:
        return Fault(
            "disk.full",
            f"The disk is full: {where} could not be written.",
            f"Free at least {_ROOM}, then continue with: thortime resume.",
        )
    if error.errno in _NO_WRITE:
        return Fault(
            "disk.read-only",
            f"{where} cannot be written or read.",
            "Check the folder's permissions and that its disk is writable, then try again.",
        )
    if error.errno == errno.ELOOP:
        return linked(where)
    if error.errno == errno.ENAMETOOLONG:
        shown = where if len(where) <= _NAME_SHOWN else f"{where[:_NAME_SHOWN]}…"
        return Fault("file.name-too-long", f"The name {shown} is longer than a disk can hold.", "Give a shorter name.")
    return disk_gone(where) if error.errno in _NO_DISK else None


def disk_gone(where: object) -> Fault:
    return Fault(
        "disk.gone",
        f"{where} cannot be reached any more: its disk was unplugged, or the folder was moved or removed.",
        "Connect the disk again or put the folder back, then continue with: thortime resume.",
    )


def linked(where: object) -> Fault:
    return Fault("run.link", f"{where} is a link; a run's folder holds only its own files.", "Put the file or folder itself in its place.")


def understand(error: BaseException) -> Fault | None:
    """The fault behind any error a person can do something about, else None."""
    if isinstance(error, Fault):
        return error
    return from_os_error(error) if isinstance(error, OSError) else from_memory_error(error)
