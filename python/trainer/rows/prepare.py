"""`prepare --run DIR`: source files → `DIR/data`: token rows, held-out rows, batch plan, report, hashes. Whole or not at all.

`data/` is written under another name and renamed when complete; when it is there and its hashes hold, nothing is done again. What a run
beside this one has prepared from the same content is taken over.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from trainer.model.model import load_tokenizer
from trainer.rows.check import require_usable
from trainer.rows.encode import EncodedFile, encode_file
from trainer.rows.inspect import inspect_files
from trainer.rows.plan import cut, cut_step, make_batches, padded_tokens, planned_steps, rows_per_step, shuffled, steps_per_epoch
from trainer.rows.reuse import content_key, take_over
from trainer.rows.split import split_rows
from trainer.run.durable import fingerprint, fsync_dir, fsync_file, write_json_atomic
from trainer.run.faults import Fault
from trainer.run.run_folder import RunFolder
from trainer.run.run_plan import RunPlan, Training

_JOURNALLED = ("bad-rows", "turn-marks", "conflicts", "leaks")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only what every verb of a run takes."""


def run(args: argparse.Namespace) -> int:
    started = time.monotonic()
    folder: RunFolder = args.folder
    plan = folder.plan
    sources = hash_sources(plan)
    counts = _prepared_counts(folder, plan, sources)
    if counts is None:
        counts, warnings = _prepare(folder, plan, sources)
        for kind, message in warnings:
            args.journal.write("warned", kind=kind, message=message)
    args.journal.write("prepared", **counts, seconds=round(time.monotonic() - started, 3))
    return 0


def hash_sources(plan: RunPlan) -> list[dict]:
    """`{path, bytes, sha256}` of the data files. Raises Fault data.bad-rows and what `read_rows` raises."""
    paths = [plan.data.train, *([plan.data.heldOut] if plan.data.heldOut is not None else [])]
    for path in paths:
        require_usable(Path(path), plan.data.skipBadRows)
    return [{"path": path, **fingerprint(Path(path))} for path in paths]


def _length(plan: RunPlan) -> dict:
    """What a person may cut from the plan before training begins, and what was prepared hangs on."""
    return {"rows": plan.data.rows, "num_train_epochs": plan.training.num_train_epochs, "max_steps": plan.training.max_steps}


def _prepared_counts(folder: RunFolder, plan: RunPlan, sources: list[dict]) -> dict | None:
    """What an earlier `prepare` counted, where its output is whole and the plan's length is the same. Raises Fault data.changed."""
    try:
        prepared = json.loads(folder.prepared.read_bytes())
        files, recorded, counts = prepared["files"], prepared["sources"], dict(prepared["counts"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    for old, new in zip(recorded, sources, strict=False):
        if (old["bytes"], old["sha256"]) != (new["bytes"], new["sha256"]):
            message = f"{Path(new['path']).name} has changed since this run began."
            raise Fault("data.changed", message, "Start a new run; this one keeps what it has trained so far.")
    if prepared.get("length", _length(plan)) != _length(plan):
        return None
    whole = all((folder.data / name).is_file() and fingerprint(folder.data / name) == expected for name, expected in files.items())
    return counts if whole else None


def _prepare(folder: RunFolder, plan: RunPlan, sources: list[dict]) -> tuple[dict, list[tuple[str, str]]]:
    partial = folder.path / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir()
        key = content_key(folder, sources)
        taken = take_over(folder, key, partial)
        if taken is None:
            return _write_data(folder, plan, sources, key, partial)
        write_json_atomic(partial / folder.prepared.name, taken)
        report = json.loads((partial / folder.report.name).read_bytes())
        _publish(partial, folder.data)
        return taken["counts"], _warnings(report, taken["counts"], plan)
    except BaseException:
        # What nothing goes on from would keep a full disk full.
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _write_data(folder: RunFolder, plan: RunPlan, sources: list[dict], key: str, partial: Path) -> tuple[dict, list[tuple[str, str]]]:
    split = split_rows(plan.data, plan.training.seed)
    tokenizer = load_tokenizer(folder.base_model.path)
    train = encode_file(split.train_path, split.train_lines, partial / folder.train_rows.name, tokenizer, plan)
    held_out = encode_file(split.held_out_path, split.held_out_lines, partial / folder.held_out_rows.name, tokenizer, plan)
    if not train.lengths:
        message = f"No row of {split.train_path.name} keeps any of its answer within {plan.training.max_seq_length:,} tokens."
        raise Fault("data.no-rows", message, "Raise max_seq_length or shorten the rows, then start a new run.")
    _write_batches(partial / folder.batches.name, train.lengths, plan.training)
    report = inspect_files(
        split.train_path, Path(plan.data.heldOut) if plan.data.heldOut is not None else None, None, plan.training.max_seq_length
    )
    write_json_atomic(partial / folder.report.name, report)
    counts = _count(train, held_out, split.leaked_rows, plan.training)
    if hash_sources(plan) != sources:
        raise Fault("data.changed", "A data file was changed while it was read.", "Let the other program finish, then start a new run.")
    files = {path.name: fingerprint(path) for path in sorted(partial.iterdir())}
    value = {
        "v": 1,
        "key": key,
        "sources": sources,
        "revision": folder.base_model.revision,
        "heldOutDroppedRows": held_out.dropped,
        "counts": counts,
        "length": _length(plan),
        "files": files,
    }
    write_json_atomic(partial / folder.prepared.name, value)
    _publish(partial, folder.data)
    return counts, _warnings(report, counts, plan)


def _write_batches(path: Path, lengths: Sequence[int], training: Training) -> None:
    with path.open("w", encoding="utf-8") as out:
        for step in make_batches(range(len(lengths)), training, lengths):
            out.write(json.dumps(step.to_json()) + "\n")
    fsync_file(path)


def _count(train: EncodedFile, held_out: EncodedFile, leaked: int, training: Training) -> dict:
    """Fields of the `prepared` event; tokens and padding are those of one epoch."""
    rows = len(train.lengths)
    steps, each_epoch = planned_steps(training, rows), steps_per_epoch(training, rows)
    epoch = cut(shuffled(range(rows), training.seed, 0), rows_per_step(training))
    micro_batches = [batch for step in epoch for batch in cut_step(step, training, train.lengths)]
    return {
        "rows": rows,
        "heldOutRows": len(held_out.lengths),
        "leakedRows": leaked,
        "droppedRows": train.dropped,
        "truncatedRows": train.truncated,
        "tokens": sum(train.lengths),
        "supervisedTokens": train.supervised,
        "paddedTokens": sum(padded_tokens([train.lengths[row] for row in batch], training) for batch in micro_batches),
        "steps": steps,
        "stepsPerEpoch": each_epoch,
        "epochs": round(steps / each_epoch, 6),
    }


def _warnings(report: dict, counts: dict, plan: RunPlan) -> list[tuple[str, str]]:
    warnings = [(f"data.{finding['kind']}", finding["message"]) for finding in report["findings"] if finding["kind"] in _JOURNALLED]
    limit = plan.training.max_seq_length
    if counts["truncatedRows"]:
        warnings.append(
            ("data.truncated", f"{counts['truncatedRows']:,} rows are longer than {limit:,} tokens; what is over that is cut off.")
        )
    if counts["droppedRows"]:
        warnings.append(
            ("data.dropped", f"{counts['droppedRows']:,} rows would lose their whole answer at {limit:,} tokens and are left out.")
        )
    if not counts["heldOutRows"]:
        warnings.append(("data.no-held-out", "No held-out row is left, so there is no held-out loss to judge this run by."))
    if plan.training.warmup_steps >= counts["steps"]:
        warnings.append(("plan.warm-up", f"The warm-up of {plan.training.warmup_steps} steps never ends in {counts['steps']:,} steps."))
    return warnings


def _publish(partial: Path, data: Path) -> None:
    fsync_dir(partial)
    shutil.rmtree(data, ignore_errors=True)
    os.replace(partial, data)
    fsync_dir(data.parent)
