"""`pull SOURCE --models DIR --json`: a hub model's files before any run needs them; what has arrived stays, and is gone on from."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from trainer.model.model_folder import check_model_folder
from trainer.model.model_source import require_hub_id
from trainer.model.snapshot import fetch_snapshot
from trainer.run.progress import say_on_stderr


class _Stderr:
    """Takes `fetch-progress` as a journal would."""

    def write(self, type: str, **fields) -> None:
        say_on_stderr(type, **fields)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="ORGANISATION/NAME")
    parser.add_argument("--models", type=Path, required=True, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="the only form there is; accepted so that every reading command takes it")


def run(args: argparse.Namespace) -> int:
    """Prints `{source, path, revision, bytes}`; progress on stderr as `fetch-progress` lines."""
    path = fetch_snapshot(require_hub_id(args.source), args.models, _Stderr())
    found = check_model_folder(path)
    print(json.dumps({"source": args.source, "path": found.path, "revision": path.name, "bytes": found.bytes}, ensure_ascii=False))
    return 0
