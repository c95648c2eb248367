"""`parcel pack --run DIR --out FILE` and `parcel unpack FILE --into DIR`: a run that is over, as one .tar.gz. Standard library only.

Carried are the plan, the journal, prepared rows, answers, evaluations and sealed checkpoints; models, locks and pages are not.
What comes in is taken by a list of allowed names and nothing else: regular files, each name once, within stated sizes, into a new folder.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from trainer.run.durable import creating
from trainer.run.faults import Fault

_CARRIED = re.compile(
    r"(run\.json|events\.jsonl|trainer\.log"
    r"|(data|answers|evaluations)/[A-Za-z0-9][A-Za-z0-9-]{0,60}\.jsonl?"
    r"|checkpoints/step-\d{6,12}/(adapters\.safetensors|adapter_config\.json|optimizer\.safetensors|state\.json|manifest\.json))"
)
_NEEDED = ("run.json", "events.jsonl")
MOST_FILES = 20_000
MOST_BYTES = 64 << 30
MOST_PLAN_BYTES = 8 << 20
# What is left to everybody else on the disk.
_SPARED_BYTES = 512 << 20
_CHUNK_BYTES = 1 << 20
# After its last file an archive is filled up with zeros, to 10 kB as a rule.
_MOST_PADDING_CHUNKS = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="what", required=True)
    pack_parser = verbs.add_parser("pack")
    pack_parser.add_argument("--run", type=Path, required=True, metavar="DIR")
    pack_parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    unpack_parser = verbs.add_parser("unpack")
    unpack_parser.add_argument("file", type=Path)
    unpack_parser.add_argument("--into", type=Path, required=True, metavar="DIR")


def run(args: argparse.Namespace) -> int:
    """Prints `{files, bytes}`: of the archive where one is written, of the folder where one is read."""
    done = pack(args.run, args.out) if args.what == "pack" else unpack(args.file, args.into)
    print(json.dumps(done))
    return 0


def pack(folder: Path, out: Path) -> dict[str, int]:
    """`out` is whole and new, or not there. Raises Fault data.parcel where it exists already or its folder does not."""
    names = sorted(_carried_files(folder))
    try:
        with creating(out) as [file], tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
            for name in names:
                with open(folder / name, "rb") as source:
                    info = tarfile.TarInfo(name)
                    status = os.fstat(source.fileno())
                    # As it is now: the journal of a run that is over may still get a line.
                    info.size, info.mtime, info.mode = status.st_size, int(status.st_mtime), 0o600
                    archive.addfile(info, source)
    except FileExistsError as error:
        raise Fault("data.parcel", f"{out} is there already; it is not overwritten.", "Choose another name.") from error
    except FileNotFoundError as error:
        raise Fault("data.parcel", f"The folder {out.parent} is not there.", "Choose another place.") from error
    return {"files": len(names), "bytes": out.stat().st_size}


def _carried_files(folder: Path) -> Iterator[str]:
    """Regular files only; of checkpoints the sealed ones."""
    for root, folders, files in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not (Path(root) / name).is_symlink()]
        inside = Path(root).relative_to(folder)
        if inside.parts[:1] == ("checkpoints",) and len(inside.parts) == 2 and "manifest.json" not in files:
            continue
        for file in files:
            name = (inside / file).as_posix()
            if _CARRIED.fullmatch(name) and not (folder / name).is_symlink():
                yield name


def unpack(file: Path, into: Path) -> dict[str, int]:
    """`into` is new. Whatever is wrong leaves it away again. Raises Fault data.parcel for anything that is no run."""
    try:
        into.mkdir(mode=0o700)
    except FileExistsError as error:
        raise Fault("data.parcel", f"{into} is there already.", "Try again.") from error
    try:
        return _unpack(file, into, min(MOST_BYTES, shutil.disk_usage(into).free - _SPARED_BYTES))
    except FileNotFoundError as error:
        shutil.rmtree(into, ignore_errors=True)
        raise Fault("data.parcel", f"There is no file {file}.", "Name a file that thortime export-run wrote.") from error
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeError, ValueError) as error:
        shutil.rmtree(into, ignore_errors=True)
        raise _refuse(f"{file.name} is no .tar.gz, or is not whole.") from error
    except BaseException:
        shutil.rmtree(into, ignore_errors=True)
        raise


def _unpack(file: Path, into: Path, limit_bytes: int) -> dict[str, int]:
    seen: set[str] = set()
    total = 0
    with gzip.open(file, "rb") as stream, tarfile.open(fileobj=_Bounded(stream, limit_bytes + (64 << 20)), mode="r:") as archive:
        for member in archive:
            name = member.name
            if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse() or not _CARRIED.fullmatch(name):
                raise _refuse(f"{file.name} holds {name[:80]!r}, which is no part of a run.")
            if name in seen:
                raise _refuse(f"{file.name} holds {name[:80]!r} twice.")
            if len(seen) >= MOST_FILES:
                raise _refuse(f"{file.name} holds more than {MOST_FILES:,} files.")
            total += member.size
            if total > limit_bytes or (name == "run.json" and member.size > MOST_PLAN_BYTES):
                raise _refuse(f"{file.name} is larger than what this disk has room for, or than a run may be.")
            seen.add(name)
            source = archive.extractfile(member)
            if source is None:
                raise _refuse(f"{file.name} is no .tar.gz, or is not whole.")
            _copy(source, into / name, member.size)
        # Only the very end of a gzip stream says whether it is whole.
        for _ in range(_MOST_PADDING_CHUNKS):
            if not stream.read(_CHUNK_BYTES):
                break
        else:
            raise _refuse(f"{file.name} is no .tar.gz, or is not whole.")
    if missing := [name for name in _NEEDED if name not in seen]:
        raise _refuse(f"{file.name} has no {missing[0]}.")
    return {"files": len(seen), "bytes": total}


def _copy(source: IO[bytes], path: Path, size: int) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW, 0o600)) as file:
        left = size
        while left > 0 and (chunk := source.read(min(left, _CHUNK_BYTES))):
            left -= file.write(chunk)
        if left > 0:
            raise EOFError("the archive ends within a file")
        file.flush()
        os.fsync(file.fileno())


class _Bounded:
    """What tarfile reads of a stream: never much at once (a header may claim to be gigabytes long), and never beyond a limit."""

    def __init__(self, stream: gzip.GzipFile, limit_bytes: int):
        self._stream = stream
        self._limit_bytes = limit_bytes

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _CHUNK_BYTES or self._stream.tell() + size > self._limit_bytes:
            raise ValueError("a piece of the archive is longer than it may be")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset > self._limit_bytes:
            raise ValueError("the archive is longer than it may be")
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def write(self, _: bytes) -> int:
        raise ValueError("an archive is only read here")

    def close(self) -> None:
        """The stream is its owner's to close."""


def _refuse(message: str) -> Fault:
    return Fault("data.parcel", message, "Name a file that thortime export-run wrote.")
