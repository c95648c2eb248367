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


_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_WRITE = {errno.EROFS, errno.EACCES, errno.EPERM}


def from_os_error(error: OSError) -> Fault | None:
    """The fault behind an operating system error where a person can do something about it, else None."""
    where = str(error.filename) if error.filename else "the run's folder"
    if error.errno in _NO_SPACE:
        return Fault(
            "disk.full", f"The disk is full: {where} could not be written.", "Free some space, then continue with: thortime resume."
        )
    if error.errno in _NO_WRITE:
        return Fault(
            "disk.read-only",
            f"{where} cannot be written or read.",
            "Check the folder's permissions and that its disk is writable, then try again.",
        )
    return None
