"""The Hugging Face hub: which files a model has, and one file's bytes with resume.

Listing, addresses and headers (with HF_ENDPOINT and HF_TOKEN) are huggingface_hub's. Its download is not used: since 1.x a
partial file is deleted when the process ends, so a cut after 4 of 5 GB would start from nothing. Here `<blob>.incomplete` stays,
goes on with a Range request, and is renamed only when its hash is the one the hub names.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import httpx
from huggingface_hub import HfApi, ModelInfo, constants, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.utils import build_hf_headers, get_session

from trainer.durable import fsync_fd, fsync_file
from trainer.faults import Fault

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")
_HEX = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MAX_FILES = 1_000
_CHUNK_BYTES = 1024 * 1024
_TIMEOUT_SECONDS = 30.0
# Waits in seconds between tries that brought no new byte: a router that restarts in the night takes minutes.
_WAITS = (0.5, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0)
_LIST_WAITS = (0.5, 2.0)
_TRY_AGAIN = {408, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class RemoteFile:
    """`blob` names its content: SHA-256 of a large file, else git's SHA-1 of it."""

    name: str
    bytes: int
    blob: str


@dataclass(frozen=True)
class Snapshot:
    source: str
    revision: str
    files: tuple[RemoteFile, ...]


class _Interrupted(Exception):
    """The connection broke or the server is busy; what has arrived is kept."""


def list_snapshot(source: str) -> Snapshot:
    """The newest revision's files in the model's top folder. Raises Fault model.not-found, .gated, .offline, .broken."""
    info = _ask(source)
    files = []
    for sibling in (info.siblings or [])[:_MAX_FILES]:
        blob = sibling.lfs.sha256 if sibling.lfs else sibling.blob_id
        # Names with a folder, or anything that could leave ours, are never asked for.
        if (
            _NAME.fullmatch(sibling.rfilename)
            and isinstance(blob, str)
            and _HEX.fullmatch(blob)
            and isinstance(sibling.size, int)
            and sibling.size >= 0
        ):
            files.append(RemoteFile(sibling.rfilename, sibling.size, blob))
    if not info.sha or not _HEX.fullmatch(info.sha):
        raise Fault("model.broken", f"The hub names no revision of {source}.", "Try again later, or choose another model.")
    return Snapshot(source, info.sha, tuple(files))


def _ask(source: str) -> ModelInfo:
    for wait in (*_LIST_WAITS, None):
        try:
            return HfApi().model_info(source, files_metadata=True, timeout=_TIMEOUT_SECONDS)
        except HfHubHTTPError as error:
            if error.response.status_code not in _TRY_AGAIN or wait is None:
                raise _refusal(source, error.response.status_code, error.response.headers) from None
        except OfflineModeIsEnabled:
            raise _offline(source) from None
        except (httpx.TransportError, OSError):
            if wait is None:
                raise _offline(source) from None
        except (ValueError, KeyError, TypeError):
            next_step = "Check HF_ENDPOINT and your network, then try again."
            raise Fault("model.offline", f"{constants.ENDPOINT} does not answer like a model hub.", next_step) from None
        time.sleep(wait)
    raise AssertionError("unreachable: the last try returns or raises")


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
                raise _offline(snapshot.source) from None
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
    with get_session().stream("GET", url, headers=headers, follow_redirects=True, timeout=_TIMEOUT_SECONDS) as response:
        if response.status_code in _TRY_AGAIN:
            raise _Interrupted
        if response.status_code not in (200, 206):
            raise _refusal(snapshot.source, response.status_code, response.headers)
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


def _refusal(source: str, status: int, headers: httpx.Headers) -> Fault:
    """Never the library's own text: it may carry addresses and request ids."""
    code = headers.get("X-Error-Code", "")
    if code == "GatedRepo" or status == 403:
        next_step = (
            f"Accept its terms at {constants.ENDPOINT}/{source} and set HF_TOKEN, or use a copy without a gate such as unsloth/gemma-2-2b."
        )
        return Fault("model.gated", f"{source} is gated: the hub gives it only to accounts that accepted its terms.", next_step)
    if status == 401 and "Invalid" in headers.get("X-Error-Message", ""):
        return Fault(
            "model.gated",
            "The hub refused the access token (HF_TOKEN).",
            "Make a new read token in your hub account and set HF_TOKEN, or unset it.",
        )
    if status in (401, 404) or code in ("RepoNotFound", "EntryNotFound", "RevisionNotFound"):
        return Fault("model.not-found", f"The hub has no public model {source}.", "Check the name; for a private model set HF_TOKEN.")
    return Fault("model.offline", f"The hub answered {status} for {source}.", "Try again later, or name a model folder on this machine.")


def _offline(source: str) -> Fault:
    next_step = "Check the network, then continue with: thortime resume; what has arrived is kept."
    return Fault("model.offline", f"The hub cannot be reached, so {source} could not be fetched.", next_step)
