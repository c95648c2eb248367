"""What a file is, judged by its first bytes: text that may hold rows, or something else with its name and the way out of it.

A file that is as a whole no file of rows is refused as a whole, because each of its lines would only repeat the same complaint.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from trainer.run.faults import Fault

SNIFF_BYTES = 64 * 1024
UTF8_BOM = b"\xef\xbb\xbf"
_LINES_LOOKED_AT = 20
_AS_JSONL = "Name a .jsonl file: one JSON object a line, UTF-8."
# UTF-16 Latin text is half NULs; a torn write leaves some in a file of text.
_BINARY_SHARE = 0.05
_BOMS = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_ARCHIVES = (
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ\0", "compressed with xz"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
)
_BINARIES = (
    (b"PAR1", "a Parquet table", "Export it as JSON lines (pandas: to_json with orient='records', lines=True)."),
    (b"SQLite format 3\0", "an SQLite database", "Export the rows as JSON lines, then try again."),
    (b"%PDF-", "a PDF document", _AS_JSONL),
)


def require_text_file(path: Path) -> int:
    """Size in bytes of a file that may hold rows.

    Raises Fault data.missing, data.folder, data.unreadable, data.empty, data.binary, data.array, data.pretty, data.csv, data.text.
    """
    size = require_regular(path)
    try:
        with path.open("rb") as file:
            head = file.read(SNIFF_BYTES)
    except OSError as error:
        raise _unreadable(path, error.strerror or "unknown") from error
    if len(head) < SNIFF_BYTES and not head.removeprefix(UTF8_BOM).strip():
        raise Fault("data.empty", f"{path} is empty.", "Name a file with at least one row.")
    _require_text(path, head)
    _require_rows(path, head.removeprefix(UTF8_BOM))
    return size


def require_regular(path: Path) -> int:
    """Its size in bytes. Raises Fault data.missing, data.folder, data.unreadable."""
    try:
        found = os.stat(path)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Fault("data.unreadable", f"{path} is a link that leads to itself.", "Name the file itself.") from error
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise Fault("data.missing", f"There is no file {path}.", "Check the name, or choose the file again.") from error
        raise _unreadable(path, error.strerror or "unknown") from error
    except ValueError as error:
        raise Fault("data.missing", "A file's name cannot hold a NUL character.", "Check the name, or choose the file again.") from error
    if stat.S_ISDIR(found.st_mode):
        raise Fault("data.folder", f"{path} is a folder, not a file of rows.", "Name the .jsonl file inside it.")
    if not stat.S_ISREG(found.st_mode):
        raise Fault("data.unreadable", f"{path} is not a regular file.", "Name a .jsonl file; what comes from a pipe, save it first.")
    return found.st_size


def _unreadable(path: Path, reason: str) -> Fault:
    return Fault("data.unreadable", f"{path} cannot be read ({reason}).", "Check the file's permissions, then try again.")


def _require_text(path: Path, head: bytes) -> None:
    for mark, name in _BOMS:
        if head.startswith(mark):
            raise Fault("data.binary", f"{path} is {name} text, not UTF-8.", "Save it again as UTF-8, then try again.")
    for mark, name in _ARCHIVES:
        if head.startswith(mark):
            raise Fault("data.binary", f"{path} is {name}, not text.", "Unpack it, and name the .jsonl file inside it.")
    for mark, name, next_step in _BINARIES:
        if head.startswith(mark):
            raise Fault("data.binary", f"{path} is {name}, not text.", next_step)
    nuls = head.count(0)
    if nuls > _BINARY_SHARE * len(head) or (nuls and head.removeprefix(UTF8_BOM).lstrip()[:1] != b"{"):
        if head[:4].count(0) == 2:
            raise Fault("data.binary", f"{path} is UTF-16 text without a mark, not UTF-8.", "Save it again as UTF-8, then try again.")
        raise Fault("data.binary", f"{path} is a binary file (NUL bytes), not text.", _AS_JSONL)


def _require_rows(path: Path, head: bytes) -> None:
    lines = [line.strip() for line in head.split(b"\n") if line.strip()][:_LINES_LOOKED_AT]
    if not lines:
        return
    first = lines[0]
    if first.startswith(b"["):
        next_step = "Write one JSON object a line (for example: jq -c '.[]' FILE > rows.jsonl), then try again."
        raise Fault("data.array", f"{path.name} is one JSON array, not one JSON object a line.", next_step)
    if first == b"{" and len(lines) > 1 and lines[1].startswith(b'"'):
        next_step = "Write one JSON object a line (for example: jq -c . FILE > rows.jsonl), then try again."
        raise Fault("data.pretty", f"{path.name} spreads each JSON object over several lines.", next_step)
    if any(line.startswith(b"{") for line in lines):
        return
    # A damaged first line says nothing about the file; one that is plainly another format does.
    if first.startswith(b"<"):
        raise Fault("data.text", f"{path.name} is a page or XML, not rows.", "Download the file itself, not the page that shows it.")
    if first.startswith(b"version https://git-lfs"):
        raise Fault("data.text", f"{path.name} is a Git LFS pointer; the rows are not here yet.", "Fetch them with: git lfs pull.")
    for mark, name in ((b"\t", "a table with tabs (TSV)"), (b";", "a CSV table"), (b",", "a CSV table")):
        if len(lines) > 1 and all(mark in line for line in lines[:2]):
            next_step = "Save it as JSON lines: one object a line with `input` and `output`."
            raise Fault("data.csv", f"{path.name} looks like {name}, not one JSON object a line.", next_step)
