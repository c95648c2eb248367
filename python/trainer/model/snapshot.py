"""A hub model's files in `models/`, in Hugging Face's cache layout.

`snapshots/<revision>` is renamed into place when every file is whole, so a snapshot that exists is complete and later runs need
no network.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trainer.model.families import require_family
from trainer.model.model_folder import read_config, require_no_code
from trainer.run.durable import fsync_dir
from trainer.run.faults import Fault
from trainer.run.progress import Progress, Writes

# Room that must stay free beside the download, so that the journal and the system go on.
SPARE_BYTES = 512 * 1024 * 1024
_LOCK_WAIT_SECONDS = 5.0
# Gemma's tokenizer.json is 34 MB.
_MAX_JSON_BYTES = 256 * 1024 * 1024


def fetch_snapshot(source: str, models: Path, journal: Writes) -> Path:
    """The folder of a complete snapshot. Raises Fault model.*, disk.space, and OSError where the disk refuses."""
    repository = models / ("models--" + source.replace("/", "--"))
    complete = _complete_snapshot(repository)
    if complete is not None:
        return complete
    (repository / "blobs").mkdir(parents=True, exist_ok=True)
    with _only_fetcher(repository, source):
        return _complete_snapshot(repository) or _download(source, repository, journal)


def _download(source: str, repository: Path, journal: Writes) -> Path:
    # Imported here: a local model and a snapshot that is already here need no network library. It reads this when it is imported,
    # and without it asks the hub for a list of AI agents and reports the one it finds itself in.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from trainer.model.download import download
    from trainer.model.hub import RemoteFile, list_snapshot

    snapshot = list_snapshot(source)
    files = sorted(
        (file for file in snapshot.files if _is_wanted(file.name)),
        key=lambda file: (file.name != "config.json", not file.name.endswith(".json"), file.name),
    )
    if not any(file.name == "config.json" for file in files):
        raise Fault("model.family", f"{source} has no config.json, so it is not a model Thortime can train.", "Choose another model.")
    if not any(file.name.endswith(".safetensors") for file in files):
        raise Fault(
            "model.no-weights",
            f"{source} has no model*.safetensors on the hub.",
            "Choose a model with safetensors weights, for example unsloth/gemma-2-2b.",
        )
    if any(file.bytes > _MAX_JSON_BYTES for file in files if file.name.endswith(".json")):
        raise Fault("model.broken", f"A configuration of {source} is far too large.", "Choose another model.")
    blobs = repository / "blobs"
    total, done = sum(file.bytes for file in files), 0
    progress = Progress(journal.write, "fetch-progress")

    def show(file: RemoteFile, arrived: int) -> None:
        progress.show(file=file.name, doneBytes=done + arrived, totalBytes=total)

    for file in files:
        if file.name.endswith(".safetensors") and not (blobs / file.blob).exists():
            _require_space(repository, sum(_missing_bytes(blobs, other.blob, other.bytes) for other in files))
        download(snapshot, file, blobs, lambda arrived, file=file: show(file, arrived))
        if file.name.endswith(".json"):
            _require_harmless(blobs / file.blob, file.name, source)
        done += file.bytes
    progress.show(file=files[-1].name, doneBytes=total, totalBytes=total)
    progress.last()
    return _link_snapshot(repository, snapshot.revision, {file.name: file.blob for file in files})


def _is_wanted(name: str) -> bool:
    return name == "tokenizer.model" or name.endswith(".json") or (name.startswith("model") and name.endswith(".safetensors"))


def _require_harmless(blob: Path, name: str, source: str) -> None:
    """Before any weight is downloaded: family, and no code of the model's own."""
    if name.endswith((".index.json", "tokenizer.json", "vocab.json", "added_tokens.json")):
        return
    config = read_config(blob, f"{source} ({name})")
    require_no_code(name, config)
    if name == "config.json":
        require_family(source, config)


def _missing_bytes(blobs: Path, blob: str, size: int) -> int:
    if (blobs / blob).is_file():
        return 0
    partial = blobs / f"{blob}.incomplete"
    return max(0, size - (partial.stat().st_size if partial.is_file() else 0))


def _require_space(repository: Path, needed: int) -> None:
    free = shutil.disk_usage(repository).free
    if needed + SPARE_BYTES > free:
        message = f"The model needs {needed / 1e9:.1f} GB more on this disk; {free / 1e9:.1f} GB are free."
        raise Fault(
            "disk.space", message, f"Free at least {(needed + SPARE_BYTES - free) / 1e9:.1f} GB, then continue with: thortime resume."
        )


def _complete_snapshot(repository: Path) -> Path | None:
    """The snapshot `refs/main` names, or none. Nothing but a finished fetch writes that name."""
    try:
        revision = (repository / "refs" / "main").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    snapshot = repository / "snapshots" / revision
    whole = revision.isalnum() and snapshot.is_dir() and all(entry.exists() for entry in snapshot.iterdir())
    return snapshot if whole else None


def _link_snapshot(repository: Path, revision: str, files: dict[str, str]) -> Path:
    snapshots = repository / "snapshots"
    partial, final = snapshots / f"{revision}.partial", snapshots / revision
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(final, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, blob in files.items():
        (partial / name).symlink_to(Path("..", "..", "blobs", blob))
    fsync_dir(repository / "blobs")
    os.replace(partial, final)
    refs = repository / "refs"
    refs.mkdir(exist_ok=True)
    (refs / "main.partial").write_text(revision)
    os.replace(refs / "main.partial", refs / "main")
    return final


@contextmanager
def _only_fetcher(repository: Path, source: str) -> Iterator[None]:
    """Two fetches of one model would append to the same partial file."""
    fd = os.open(repository / "fetch.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    deadline = time.monotonic() + _LOCK_WAIT_SECONDS
    try:
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Fault(
                        "model.busy", f"Another run is fetching {source}.", "Wait for it to end, then continue with: thortime resume."
                    ) from None
                time.sleep(0.1)
        yield
    finally:
        os.close(fd)
