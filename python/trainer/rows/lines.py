"""Lines of a text file as bytes arrive: bounded memory, and every damage named with its place.

A line over `MAX_LINE_BYTES` is skipped to its end, never held. BOM and CRLF are accepted.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from trainer.rows.text_file import SNIFF_BYTES, UTF8_BOM, require_text_file

MAX_LINE_BYTES = 8 * 1024 * 1024


class Line(NamedTuple):
    """One line without its ending. `number` counts from 1; `text` is None where the line is damaged, then `kind` and `reason` say how.

    `raw`: its bytes with their ending; empty where the line is too long to be held.
    """

    number: int
    text: str | None
    ended: bool
    raw: bytes
    kind: str = ""
    reason: str = ""


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
                        number, None, True, b"", "too-long", f"is {size / 1e6:.0f} MB long; at most {MAX_LINE_BYTES // 2**20} MiB are read"
                    )
                    continue
            else:
                offset += size
            yield _decode(raw, number, start)


def _skip_line(file) -> int:
    """Bytes passed over up to and with the line's end, read in pieces."""
    skipped = 0
    while piece := file.readline(SNIFF_BYTES):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def _decode(raw: bytes, number: int, start: int) -> Line:
    ended = raw.endswith(b"\n")
    body = raw.rstrip(b"\r\n")
    if number == 1 and body.startswith(UTF8_BOM):
        start += len(UTF8_BOM)
        body = body.removeprefix(UTF8_BOM)
    if b"\0" in body:
        return Line(number, None, ended, raw, "nul", f"holds a NUL byte (byte {start + body.index(0):,} of the file)")
    try:
        return Line(number, body.decode("utf-8"), ended, raw)
    except UnicodeDecodeError as error:
        place = start + error.start
        kind = "half-written" if not ended and error.reason == "unexpected end of data" else "encoding"
        return Line(number, None, ended, raw, kind, f"is not UTF-8 (byte 0x{body[error.start]:02x} at byte {place:,} of the file)")
