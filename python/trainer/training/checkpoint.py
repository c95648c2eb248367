"""Sealed checkpoints: written under another name, flushed, listed in a manifest with sizes and hashes, renamed last.

A folder `step-NNNNNN` is therefore whole or damaged by something else, and `verify` tells which. Standard library only.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.model.safetensors_header import read_header
from trainer.run.durable import fsync_dir, sha256, write_through
from trainer.run.faults import Fault
from trainer.training.retention import remove

ADAPTERS, ADAPTER_CONFIG, OPTIMIZER, STATE = "adapters.safetensors", "adapter_config.json", "optimizer.safetensors", "state.json"
MANIFEST = "manifest.json"
FILES = (ADAPTERS, ADAPTER_CONFIG, OPTIMIZER, STATE)
_NAME = re.compile(r"step-(\d{6,})")


# A file in pieces, one after the other.
Content = Sequence[bytes | memoryview]


class Damaged(Exception):
    """Why a checkpoint is not what its manifest says."""


@dataclass(frozen=True)
class Checkpoint:
    """A verified one. `bytes` of all its files; `state` is its state.json."""

    step: int
    path: Path
    bytes: int
    state: dict[str, Any]


@dataclass(frozen=True)
class Refusal:
    step: int
    path: Path
    reason: str


def folder_name(step: int) -> str:
    return f"step-{step:06d}"


def seal(checkpoints: Path, step: int, contents: Iterable[tuple[str, Content]], sync_journal: Callable[[], None]) -> Checkpoint:
    """`contents`: name and content of the four files, made one after the other while those before are written.

    On any error earlier checkpoints are untouched and nothing half-made has a final name.
    """
    final = checkpoints / folder_name(step)
    partial = checkpoints / f"{final.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        files = _write_and_hash(partial, contents)
        manifest = json.dumps({"step": step, "files": files}, indent=1).encode()
        write_through(partial / MANIFEST, [manifest])
        fsync_dir(partial)
        # The journal must never be behind a checkpoint: what it says of these steps is on the medium first.
        sync_journal()
        if final.exists():
            remove(final)
        os.rename(partial, final)
        fsync_dir(checkpoints)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    size = sum(int(entry["bytes"]) for entry in files.values()) + len(manifest)
    return Checkpoint(step, final, size, json.loads((final / STATE).read_bytes()))


def _write_and_hash(folder: Path, contents: Iterable[tuple[str, Content]]) -> dict[str, dict[str, int | str]]:
    """Each file is hashed while the medium writes it and the next one is made: the three take about as long as one another."""
    with ThreadPoolExecutor(max_workers=4) as workers:
        begun: dict[str, tuple[int, Future[str], Future[None]]] = {}
        for name, content in contents:
            begun[name] = sum(map(len, content)), workers.submit(_digest, content), workers.submit(write_through, folder / name, content)
        if set(begun) != set(FILES):
            raise ValueError(f"a checkpoint is made of {FILES}, not of {tuple(begun)}")
        for _, _, written in begun.values():
            written.result()
        return {name: {"bytes": begun[name][0], "sha256": begun[name][1].result()} for name in FILES}


def _digest(content: Content) -> str:
    digest = hashlib.sha256()
    for piece in content:
        digest.update(piece)
    return digest.hexdigest()


def verify(path: Path, step: int) -> Checkpoint:
    """Sizes, hashes and safetensors headers. Raises Damaged with a reason for people."""
    manifest = read_object(path / MANIFEST)
    files = manifest.get("files")
    if manifest.get("step") != step or not isinstance(files, dict) or set(files) != set(FILES):
        raise Damaged("its manifest does not fit")
    total = (path / MANIFEST).stat().st_size
    for name in FILES:
        entry, file = files[name], path / name
        try:
            status = os.lstat(file)
        except OSError as error:
            raise Damaged(f"{name} is missing") from error
        if not stat.S_ISREG(status.st_mode):
            raise Damaged(f"{name} is not a regular file")
        if not isinstance(entry, dict) or status.st_size != entry.get("bytes"):
            raise Damaged(
                f"{name} is {status.st_size:,} bytes long and should be {entry.get('bytes') if isinstance(entry, dict) else 'listed'}"
            )
        if sha256(file) != entry.get("sha256"):
            raise Damaged(f"{name} does not have the content it was sealed with")
        total += status.st_size
    for name in (ADAPTERS, OPTIMIZER):
        try:
            read_header(path / name)
        except Fault as fault:
            raise Damaged(fault.message) from fault
    state = read_object(path / STATE)
    if state.get("step") != step:
        raise Damaged("its state.json belongs to another step")
    return Checkpoint(step, path, total, state)


def read_object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise Damaged(f"{path.name} is missing") from error
    except ValueError as error:
        raise Damaged(f"{path.name} is not JSON") from error
    if not isinstance(value, dict):
        raise Damaged(f"{path.name} is not an object")
    return value


def sealed(checkpoints: Path) -> list[tuple[int, Path]]:
    """(step, folder) of everything under a final name, newest first; not verified. Links are never followed."""
    if not checkpoints.is_dir():
        return []
    found = [(int(match[1]), entry) for entry in checkpoints.iterdir() if (match := _NAME.fullmatch(entry.name)) and not entry.is_symlink()]
    return sorted(found, reverse=True)


def newest(checkpoints: Path) -> tuple[Checkpoint | None, list[Refusal]]:
    """The newest one that verifies, and the newer ones that do not, with reasons."""
    refusals: list[Refusal] = []
    for step, path in sealed(checkpoints):
        try:
            return verify(path, step), refusals
        except Damaged as damage:
            refusals.append(Refusal(step, path, str(damage)))
    return None, refusals


def whole(checkpoints: Path, check: Callable[[Path, int], Checkpoint] = verify) -> dict[int, float | None]:
    """Step -> held-out loss (None where it was not measured) of those that verify, newest first."""
    found: dict[int, float | None] = {}
    for step, path in sealed(checkpoints):
        try:
            loss = check(path, step).state.get("heldOutLoss")
        except Damaged:
            continue
        found[step] = float(loss) if isinstance(loss, (int, float)) else None
    return found
