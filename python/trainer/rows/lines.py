"""Lines of a text file as bytes arrive: bounded memory, and every damage named with its place.

A line over `MAX_LINE_BYTES` is skipped to its end, never held. BOM and CRLF are accepted. UTF-16, archives and other
binary files are refused as a whole, because each of their lines would only repeat the same complaint.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trainer.run.faults import Fault

MAX_LINE_BYTES = 8 * 1024 * 1024
_SNIFF_BYTES = 64 * 1024
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Line:
    """One line without its ending. `number` counts from 1; `text` is None where the line is damaged, then `kind` and `reason` say how."""

    number: int
    text: str | None
    ended: bool
    kind: str = ""
    reason: str = ""


def require_text_file(path: Path) -> int:
    """Size in bytes of a file that may hold text.

    Raises Fault data.missing, data.folder, data.unreadable, data.empty, data.binary.
    """
    try:
        if path.is_dir():
            raise Fault("data.folder", f"{path} is a folder, not a file of rows.", "Name the .jsonl file inside it.")
        if not path.exists():
            raise Fault("data.missing", f"There is no file {path}.", "Check the name, or choose the file again.")
        if not path.is_file():
            raise Fault("data.unreadable", f"{path} is not a regular file.", "Name a .jsonl file.")
        with path.open("rb") as file:
            head = file.read(_SNIFF_BYTES)
    except OSError as error:
        reason = error.strerror or "unknown"
        raise Fault("data.unreadable", f"{path} cannot be read ({reason}).", "Check the file's permissions, then try again.") from error
    if len(head) < _SNIFF_BYTES and not head.removeprefix(_UTF8_BOM).strip():
        raise Fault("data.empty", f"{path} is empty.", "Name a file with at least one row.")
    if head.startswith(_UTF16_BOMS):
        raise Fault("data.binary", f"{path} is UTF-16 text, not UTF-8.", "Save it again as UTF-8, then try again.")
    if b"\0" in head:
        raise Fault("data.binary", f"{path} is a binary file (NUL bytes), not text.", "Name a .jsonl file: one JSON object a line, UTF-8.")
    return path.stat().st_size


def read_lines(path: Path) -> Iterator[Line]:
    """Every line of the file, damaged ones included. Raises what `require_text_file` raises."""
    require_text_file(path)
    with path.open("rb") as file:
        number, offset = 0, 0
        while raw := file.readline(MAX_LINE_BYTES):
            number += 1
            start, size = offset, len(raw)
            if size == MAX_LINE_BYTES and not raw.endswith(b"\n"):
                size += _skip_line(file)
                offset += size
                if size > MAX_LINE_BYTES:
                    yield Line(
                        number, None, True, "too-long", f"is {size / 1e6:.0f} MB long; at most {MAX_LINE_BYTES // 2**20} MiB are read"
                    )
                    continue
            else:
                offset += size
            yield _decode(raw, number, start)


def _skip_line(file) -> int:
    """Bytes passed over up to and with the line's end, read in pieces."""
    skipped = 0
    while piece := file.readline(_SNIFF_BYTES):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def _decode(raw: bytes, number: int, start: int) -> Line:
    ended = raw.endswith(b"\n")
    body = raw.rstrip(b"\r\n")
    if number == 1 and body.startswith(_UTF8_BOM):
        start += len(_UTF8_BOM)
        body = body.removeprefix(_UTF8_BOM)
    if b"\0" in body:
        return Line(number, None, ended, "nul", f"holds a NUL byte (byte {start + body.index(0):,} of the file)")
    try:
        return Line(number, body.decode("utf-8"), ended)
    except UnicodeDecodeError as error:
        place = start + error.start
        kind = "half-written" if not ended and error.reason == "unexpected end of data" else "encoding"
        return Line(number, None, ended, kind, f"is not UTF-8 (byte 0x{body[error.start]:02x} at byte {place:,} of the file)")
