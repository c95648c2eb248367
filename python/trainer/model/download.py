"""One file of a hub model, with resume.

huggingface_hub's own download is not used: since 1.x a partial file is deleted when the process ends, so a cut after 4 of 5 GB
would start from nothing. Here `<blob>.incomplete` stays, goes on with a Range request, and is renamed only when its hash is the one
the hub names.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from huggingface_hub import hf_hub_url
from huggingface_hub.utils import build_hf_headers, get_session

from trainer.model.hub import TIMEOUT_SECONDS, TRY_AGAIN, RemoteFile, Snapshot, offline, refusal
from trainer.run.durable import fsync_fd, fsync_file
from trainer.run.faults import Fault

_CHUNK_BYTES = 1024 * 1024
# Waits in seconds between tries that brought no new byte: a router that restarts in the night takes minutes.
_WAITS = (0.5, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0)


class _Interrupted(Exception):
    """The connection broke or the server is busy; what has arrived is kept."""


def download(snapshot: Snapshot, file: RemoteFile, blobs: Path, arrived: Callable[[int], None]) -> None:
    """Makes `blobs/<blob>`; `arrived` gets the bytes of this file that are here. Tries are bounded.

    Raises Fault model.offline, .gated, .not-found, .broken, and OSError where the disk refuses.
    """
    partial = blobs / f"{file.blob}.incomplete"
    if (blobs / file.blob).is_file():
        return arrived(file.bytes)
    # A part that was kept over a power cut may be damaged: then once more from nothing.
    for _ in range(2):
        _receive(snapshot, file, partial, arrived)
        if _size(partial) == file.bytes and _is_blob(partial, file):
            fsync_file(partial)
            return os.replace(partial, blobs / file.blob)
        partial.unlink(missing_ok=True)
    raise Fault("model.broken", f"{file.name} of {snapshot.source} arrives damaged.", "Try again later, or choose another model.")


def _receive(snapshot: Snapshot, file: RemoteFile, partial: Path, arrived: Callable[[int], None]) -> None:
    """Goes on until all bytes are here; gives up after `_WAITS` tries without a new one."""
    fruitless = 0
    while True:
        before = _size(partial)
        try:
            return _continue(snapshot, file, partial, arrived)
        except (_Interrupted, httpx.TransportError, httpx.StreamError):
            fruitless = 0 if _size(partial) > before else fruitless + 1
            if fruitless > len(_WAITS):
                raise offline(snapshot.source) from None
            time.sleep(_WAITS[max(0, fruitless - 1)])


def _continue(snapshot: Snapshot, file: RemoteFile, partial: Path, arrived: Callable[[int], None]) -> None:
    have = _size(partial)
    if have > file.bytes:
        partial.unlink()
        have = 0
    arrived(have)
    if have == file.bytes:
        partial.touch()
        return
    url = hf_hub_url(snapshot.source, file.name, revision=snapshot.revision)
    headers = {**build_hf_headers(), "Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    # httpx drops the Authorization header where a redirect leads to another host.
    with get_session().stream("GET", url, headers=headers, follow_redirects=True, timeout=TIMEOUT_SECONDS) as response:
        if response.status_code in TRY_AGAIN:
            raise _Interrupted
        if response.status_code not in (200, 206):
            raise refusal(snapshot.source, response.status_code, response.headers)
        # 200 to a Range request is the whole file again.
        have = have if response.status_code == 206 else 0
        with open(partial, "ab" if have else "wb") as out:
            try:
                for chunk in response.iter_bytes():  # as it arrives: what a buffer holds is lost with the connection
                    have += len(chunk)
                    if have > file.bytes:
                        raise Fault(
                            "model.broken",
                            f"{file.name} of {snapshot.source} is longer than the hub says.",
                            "Try again later, or choose another model.",
                        )
                    out.write(chunk)
                    arrived(have)
            finally:
                out.flush()
                fsync_fd(out.fileno())
    if have < file.bytes:
        raise _Interrupted


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is_blob(path: Path, file: RemoteFile) -> bool:
    """A large file is named by its SHA-256; a small one by git's SHA-1, of "blob <bytes>\\0" and its content."""
    hasher = hashlib.sha256() if len(file.blob) == 64 else hashlib.sha1(f"blob {file.bytes}\0".encode(), usedforsecurity=False)
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            hasher.update(chunk)
    return hasher.hexdigest() == file.blob
