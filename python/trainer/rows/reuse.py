"""Data that another run of this home has prepared from the same content: taken over file by file, each checked against its hash.

A second attempt at a plan, a quick test's full night and a night with another rate use the rows that are there: nothing is tokenised
again. There is no cache to keep small: what is deleted with its run is prepared anew.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trainer.model import model
from trainer.run import run_plan
from trainer.run.durable import fingerprint, fsync_file, sha256
from trainer.run.run_folder import RunFolder

# Of the plan's training values, those that no prepared row and no batch hangs on; one that is not named here counts.
_NO_MATTER = frozenset(
    {
        "lora_r", "lora_alpha", "lora_dropout", "target_modules", "learning_rate", "lr_scheduler_type", "warmup_steps", "weight_decay",
        "max_grad_norm", "load_in_4bit", "dtype", "optim", "gradient_checkpointing", "save_steps", "save_minutes", "eval_steps",
        "cache_limit_bytes", "early_stop",
    }
)  # fmt: skip
_WEIGHTS = (".safetensors", ".bin", ".gguf", ".npz")
_MOST_RUNS = 200
_RECORD_BYTES = 1 << 20


def content_key(folder: RunFolder, sources: list[dict]) -> str:
    """Of all that prepared data follows from: the sources' content, plan, tokenizer and the code that makes them. Raises OSError."""
    plan = folder.plan
    code = [*sorted(Path(__file__).parent.glob("*.py")), Path(model.__file__), Path(run_plan.__file__)]
    tokenizer = sorted(path for path in folder.base_model.path.iterdir() if path.is_file() and path.suffix not in _WEIGHTS)
    value = {
        "sources": sources,
        "data": asdict(plan.data),
        "format": asdict(plan.format),
        "training": {name: value for name, value in asdict(plan.training).items() if name not in _NO_MATTER},
        "tokenizer": {path.name: sha256(path) for path in tokenizer},
        "revision": folder.base_model.revision,
        "code": {path.name: sha256(path) for path in code},
    }
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def take_over(folder: RunFolder, key: str, target: Path) -> dict[str, Any] | None:
    """The record of a run beside this one whose data has that key, its files copied into `target` and whole; None where there is none."""
    for data, record in _prepared_beside(folder):
        if record.get("key") != key:
            continue
        try:
            for name, expected in record["files"].items():
                if Path(name).name != name or (data / name).is_symlink():
                    raise ValueError(f"{name} is no file of it")
                shutil.copyfile(data / name, target / name)
                if fingerprint(target / name) != expected:
                    raise ValueError(f"{name} is not what was prepared")
                fsync_file(target / name)
            dict(record["counts"])
            return record
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            # Damaged, or deleted this very moment: another one, or prepared anew.
            for copied in target.iterdir():
                copied.unlink()
    return None


def _prepared_beside(folder: RunFolder) -> Iterator[tuple[Path, dict[str, Any]]]:
    """(data folder, its record) of the other runs, newest name first."""
    others = sorted((path for path in folder.path.parent.iterdir() if path != folder.path), reverse=True)[:_MOST_RUNS]
    for other in others:
        data = other / folder.data.name
        record = data / folder.prepared.name
        try:
            if any(path.is_symlink() for path in (other, data, record)) or record.stat().st_size > _RECORD_BYTES:
                continue
            value = json.loads(record.read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(value, dict):
            yield data, value
