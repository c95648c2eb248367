"""`check --data FILE [--held-out FILE] --model PATH_OR_ID`: what would stop a run, said before the run exists."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from trainer.model.families import FAMILIES
from trainer.model.model_folder import check_model_folder
from trainer.model.model_source import is_local, require_hub_id
from trainer.rows.rows import Problem, read_rows
from trainer.run.faults import Fault

_LINES_NAMED = 5
# Fewer rows than one optimizer step can hold teach nothing a held-out loss could show.
_FEW_ROWS = 50


@dataclass(frozen=True)
class Usable:
    rows: int
    bad_rows: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="FILE")
    parser.add_argument("--held-out", type=Path, metavar="FILE")
    parser.add_argument("--model", required=True, metavar="PATH_OR_ID")
    parser.add_argument("--skip-bad-rows", action="store_true")
    parser.add_argument("--json", action="store_true", help="the only form there is; accepted so that every reading command takes it")


def run(args: argparse.Namespace) -> int:
    """Prints `{localModel, rows, heldOutRows, family|null, warnings: [sentences]}`; `family` is null until a hub model is fetched."""
    local = is_local(args.model)
    folder = check_model_folder(Path(args.model).expanduser()) if local else None
    if not local:
        require_hub_id(args.model)
    train = require_usable(args.data, args.skip_bad_rows)
    held_out = require_usable(args.held_out, args.skip_bad_rows) if args.held_out else None
    warnings = [_skipped(args.data, train), _skipped(args.held_out, held_out) if held_out else ""]
    if train.rows < _FEW_ROWS:
        warnings.append(f"{args.data.name} has only {train.rows} rows; the model will hardly change or learn them by heart.")
    if held_out and args.held_out.resolve() == args.data.resolve():
        raise Fault(
            "data.same-file", "The held-out file is the training file.", "Name another held-out file, or none: a share is then set aside."
        )
    answer = {
        "localModel": local,
        "rows": train.rows,
        "heldOutRows": held_out.rows if held_out else 0,
        "family": folder.family if folder else None,
        "families": list(FAMILIES),
        "warnings": [warning for warning in warnings if warning],
    }
    print(json.dumps(answer, ensure_ascii=False))
    return 0


def require_usable(path: Path, skip_bad_rows: bool) -> Usable:
    """Reads every line. Raises Fault data.bad-rows (unless skipped), data.no-rows, and what `read_rows` raises."""
    rows, problems, bad_rows = 0, [], 0
    for item in read_rows(path):
        if isinstance(item, Problem):
            bad_rows += 1
            if len(problems) < _LINES_NAMED:
                problems.append(item)
        else:
            rows += 1
    if rows == 0:
        raise Fault(
            "data.no-rows",
            f"{path.name} has no row that can be used: {_name_lines(problems, bad_rows)}.",
            "Correct the file, or choose another.",
        )
    if problems and not skip_bad_rows:
        counted = "1 row that cannot be used" if bad_rows == 1 else f"{bad_rows:,} rows that cannot be used"
        next_step = f"Correct {'that line' if bad_rows == 1 else 'those lines'}, or leave them out with --skip-bad-rows."
        raise Fault("data.bad-rows", f"{path.name} has {counted}: {_name_lines(problems, bad_rows)}.", next_step)
    return Usable(rows, bad_rows)


def _name_lines(problems: list[Problem], count: int) -> str:
    named = "; ".join(f"line {problem.line} {problem.reason}" for problem in problems)
    more = count - len(problems)
    return f"{named}; and {more:,} more" if more else named


def _skipped(path: Path, usable: Usable) -> str:
    return f"{usable.bad_rows:,} rows of {path.name} cannot be used and are left out." if usable.bad_rows else ""
