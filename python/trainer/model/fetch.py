"""`fetch --run DIR --models DIR`: the base model's folder, checked, as `DIR/model.json`; a hub model is downloaded first."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from trainer.model.model_folder import ModelFolder, check_model_folder
from trainer.model.model_source import require_hub_id
from trainer.model.snapshot import fetch_snapshot
from trainer.run.durable import write_json_atomic
from trainer.run.faults import Fault
from trainer.run.journal import Journal
from trainer.run.run_folder import RunFolder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--models", type=Path, required=True, metavar="DIR")


def run(args: argparse.Namespace) -> int:
    started = time.monotonic()
    folder: RunFolder = args.folder
    journal: Journal = args.journal
    plan = folder.plan
    if plan.model_local:
        path, revision = Path(plan.model_source).expanduser(), "local"
    else:
        path = fetch_snapshot(require_hub_id(plan.model_source), args.models, journal)
        revision = path.name
    found = check_model_folder(path)
    _require_same(folder, found)
    write_json_atomic(
        folder.model_json, {"path": found.path, "revision": revision, "files": found.files, "configSha256": found.configSha256}
    )
    seconds = round(time.monotonic() - started, 3)
    journal.write("fetched", model=plan.model_source, path=found.path, revision=revision, bytes=found.bytes, seconds=seconds)
    return 0


def _require_same(folder: RunFolder, found: ModelFolder) -> None:
    """Adapters belong to the weights they were trained on. Raises Fault model.changed."""
    if not folder.model_json.exists() or not folder.checkpoints.exists():
        return
    try:
        value = json.loads(folder.model_json.read_bytes())
    except ValueError:
        value = {}
    if (value.get("configSha256"), value.get("files")) != (found.configSha256, found.files):
        raise Fault(
            "model.changed", "The base model is not the one this run was trained on.", "Put the old model back, or start a new run."
        )
