"""`merge --run DIR`: base and chosen adapter (training/chosen_checkpoint.py) as `DIR/export/merged` in Hugging Face's layout."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from pathlib import Path

import mlx.core as mx

from trainer.after.fuse import Delta, Output, plan_outputs, write_fused
from trainer.model.model_folder import ModelFolder, check_model_folder, read_config
from trainer.model.safetensors_header import read_header
from trainer.model.weights import INDEX, weight_files
from trainer.run.durable import fsync_dir, fsync_file, write_json_atomic
from trainer.run.faults import Fault
from trainer.run.progress import Progress
from trainer.run.run_folder import RunFolder
from trainer.training.checkpoint import ADAPTER_CONFIG, ADAPTERS, MANIFEST, Checkpoint
from trainer.training.chosen_checkpoint import require_chosen

_SPARE_BYTES = 512 * 1024 * 1024
_NOT_COPIED = (INDEX, "config.json", "adapter_config.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only what every verb of a run takes."""


def run(args: argparse.Namespace) -> int:
    started = time.monotonic()
    folder: RunFolder = args.folder
    chosen = require_chosen(folder, args.journal).checkpoint
    base = check_model_folder(folder.base_model.path)
    identity = {
        "step": chosen.step,
        "adapter": json.loads((chosen.path / MANIFEST).read_bytes())["files"][ADAPTERS],
        "base": base.configSha256,
    }
    if not _is_done(folder, identity):
        merged = _merge(folder, base, chosen, Progress(args.journal.write, "merge-progress"))
        write_json_atomic(folder.export_dir / "merged.json", {**identity, "files": merged.files})
    merged = check_model_folder(folder.merged_dir)
    args.journal.write(
        "merged",
        path=str(folder.merged_dir), step=chosen.step, bytes=merged.bytes, tensors=merged.tensors, files=sorted(merged.files),
        dequantized=base.quantized, kQuantizable=merged.kQuantizable, seconds=round(time.monotonic() - started, 3),
    )  # fmt: skip
    return 0


def _is_done(folder: RunFolder, identity: dict) -> bool:
    try:
        record = json.loads((folder.export_dir / "merged.json").read_bytes())
        files = record.pop("files")
        return record == identity and all((folder.merged_dir / name).stat().st_size == size for name, size in files.items())
    except (OSError, ValueError, KeyError, AttributeError):
        return False


def _merge(folder: RunFolder, base: ModelFolder, chosen: Checkpoint, progress: Progress) -> ModelFolder:
    root = Path(base.path)
    config = read_config(root / "config.json", root.name)
    shards = {
        name: plan_outputs(read_header(root / name)[0], config.get("quantization") or {}) for name in weight_files(root, sorted(base.files))
    }
    outputs = [output for shard in shards.values() for output in shard]
    deltas = read_deltas(chosen.path, {output.name: output for output in outputs})
    folder.export_dir.mkdir(exist_ok=True)
    _require_space(folder.export_dir, sum(output.bytes for output in outputs))
    partial = folder.export_dir / "merged.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir()
        written = 0

        def count() -> None:
            nonlocal written
            written += 1
            progress.show(doneTensors=written, totalTensors=len(outputs))

        for name, shard in shards.items():
            write_fused(root / name, partial / name, shard, deltas, count)
        progress.last()
        _write_configs(root, partial, base, config, shards)
        fsync_dir(partial)
        merged = check_model_folder(partial)
        shutil.rmtree(folder.merged_dir, ignore_errors=True)
        os.replace(partial, folder.merged_dir)
    except BaseException:
        # Gigabytes that nothing goes on from would keep a full disk full.
        shutil.rmtree(partial, ignore_errors=True)
        raise
    fsync_dir(folder.export_dir)
    return merged


def read_deltas(checkpoint: Path, outputs: dict[str, Output]) -> dict[str, Delta]:
    """LoRA matrices by the name of the weight they change. Raises Fault run.adapter where they do not fit the base."""
    config = read_config(checkpoint / ADAPTER_CONFIG, checkpoint.name)
    weights = mx.load(str(checkpoint / ADAPTERS))
    assert isinstance(weights, dict)  # what a safetensors file gives; its header was checked with the checkpoint
    scale = float(config.get("lora_parameters", {}).get("scale", "nan"))
    stems = {name.removesuffix(".lora_a") for name in weights if name.endswith(".lora_a")}
    expected = {f"{stem}.{part}" for stem in stems for part in ("lora_a", "lora_b")}
    # Anything else (DoRA's magnitudes, full matrices) would be left out silently.
    if config.get("fine_tune_type") != "lora" or not stems or set(weights) != expected or scale != scale:
        raise _misfit("it is not a plain LoRA adapter")
    deltas = {}
    for stem in stems:
        a, b = (weights[f"{stem}.{part}"].astype(mx.float32) for part in ("lora_a", "lora_b"))
        output = outputs.get(f"{stem}.weight")
        if output is None or a.ndim != 2 or b.ndim != 2 or (b.shape[1], a.shape[0]) != output.shape or a.shape[1] != b.shape[0]:
            raise _misfit(f"{stem} has no fitting weight in the base model")
        deltas[output.name] = Delta(a, b, scale)
    return deltas


def _misfit(why: str) -> Fault:
    return Fault("run.adapter", f"The adapter cannot be merged: {why}.", "Start a new run with this version and this base model.")


def _write_configs(root: Path, partial: Path, base: ModelFolder, config: dict, shards: dict[str, list[Output]]) -> None:
    plain = {key: value for key, value in config.items() if key not in ("quantization", "quantization_config")}
    write_json_atomic(partial / "config.json", plain)
    for name in base.files:
        if "/" not in name and name not in _NOT_COPIED and (name.endswith(".json") or name == "tokenizer.model"):
            shutil.copyfile(root / name, partial / name)
            fsync_file(partial / name)
    if INDEX in base.files:
        total = sum(output.bytes for shard in shards.values() for output in shard)
        weight_map = {output.name: name for name, shard in shards.items() for output in shard}
        write_json_atomic(partial / INDEX, {"metadata": {"total_size": total}, "weight_map": weight_map})


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed + _SPARE_BYTES > free:
        message = f"The merged model needs {needed / 1e9:.1f} GB on this disk; {free / 1e9:.1f} GB are free."
        raise Fault(
            "disk.space", message, f"Free at least {(needed + _SPARE_BYTES - free) / 1e9:.1f} GB, then continue with: thortime resume."
        )
