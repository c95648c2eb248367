"""Promise: the merged model is base + scale·B·A and nothing else: same names, shapes and dtype, same logits, in bounded memory."""

from __future__ import annotations

import json
import shutil
import signal
import tracemalloc
from dataclasses import replace
from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest
from bare_run import bare_run, call, fault, fetched
from conftest import PRACTICE, Run
from make_checkpoint import seal_adapter

from trainer.after import fuse
from trainer.after.answer import load_model
from trainer.model.model import load_base
from trainer.model.model_folder import check_model_folder
from trainer.model.safetensors_header import read_header
from trainer.run.run_folder import RunFolder
from trainer.training.checkpoint import newest

MODEL = PRACTICE / "model"
WEIGHTS = "model.safetensors"
TENSORS = len(read_header(MODEL / WEIGHTS)[0])


def merge(run: Run) -> dict:
    assert call(run, "merge") == 0, run.events("failed")
    return run.events("merged")[-1]


def logits(model: object) -> np.ndarray:
    ids = mx.array([[2, 4, 296, 16, 958, 948, 940, 417, 304, 5, 16, 4, 284, 16, 965, 359]])
    return np.array(model(ids).astype(mx.float32))  # type: ignore[operator]


def shapes(path: Path) -> dict[str, tuple]:
    return {tensor.name: (tensor.dtype, tensor.shape) for tensor in read_header(path)[0]}


def save_model(folder: Path, weights: dict[str, mx.array], shards: int = 1, **config: object) -> Path:
    """The practice model's files with other weights, in one file or several with an index."""
    shutil.copytree(MODEL, folder)
    (folder / WEIGHTS).unlink()
    (folder / "config.json").write_text(json.dumps({**json.loads((MODEL / "config.json").read_text()), **config}))
    names = sorted(weights)
    parts = [names[start::shards] for start in range(shards)]
    files = [WEIGHTS] if shards == 1 else [f"model-{index + 1:05}-of-{shards:05}.safetensors" for index in range(shards)]
    for file, part in zip(files, parts, strict=True):
        mx.save_safetensors(str(folder / file), {name: weights[name] for name in part})
    if shards > 1:
        index = {
            "metadata": {"total_size": 1},
            "weight_map": {name: file for file, part in zip(files, parts, strict=True) for name in part},
        }
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder


def practice_weights(dtype: mx.Dtype = mx.float32) -> dict[str, mx.array]:
    return {name: value.astype(dtype) for name, value in mx.load(str(MODEL / WEIGHTS)).items()}  # type: ignore[union-attr]


def test_merged_logits_equal_base_and_adapter(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run"))
    seal_adapter(run, 3, 0.05)
    event = merge(run)
    folder = RunFolder(run.path)
    together, _ = load_model(folder, folder.plan, newest(folder.checkpoints)[0])
    merged, _ = load_base(folder.merged_dir, folder.plan.training)
    base, _ = load_base(MODEL, folder.plan.training)
    difference = float(np.abs(logits(together) - logits(merged)).max())
    assert difference <= 1e-4, difference
    assert float(np.abs(logits(base) - logits(merged)).max()) > 0.1
    assert shapes(folder.merged_dir / WEIGHTS) == shapes(MODEL / WEIGHTS)
    assert (event["step"], event["tensors"], event["dequantized"], event["kQuantizable"]) == (3, TENSORS, False, False)
    assert event["path"] == str(folder.merged_dir) and event["bytes"] == sum(
        (folder.merged_dir / name).stat().st_size for name in event["files"]
    )
    assert {"config.json", "tokenizer.json", "tokenizer.model", WEIGHTS} <= set(event["files"])
    assert not (run.path / "export" / "merged.partial").exists()


def test_other_tensors_are_the_bases_bytes(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run", training={"target_modules": ["q_proj"]}))
    seal_adapter(run, 3, 0.05)
    merge(run)
    base, merged = practice_weights(), mx.load(str(run.path / "export" / "merged" / WEIGHTS))
    changed = {name for name in base if not mx.array_equal(base[name], merged[name]).item()}  # type: ignore[index]
    assert changed == {f"model.layers.{layer}.self_attn.q_proj.weight" for layer in (0, 1)}


@pytest.mark.parametrize(("dtype", "word"), [(mx.bfloat16, "BF16"), (mx.float16, "F16")])
def test_shards_and_16_bit_dtypes_stay_as_they_are(tmp_path: Path, dtype: mx.Dtype, word: str) -> None:
    base = save_model(tmp_path / "base", practice_weights(dtype), shards=3)
    run = fetched(bare_run(tmp_path / "run", model={"source": str(base)}))
    seal_adapter(run, 3, 0.05)
    merge(run)
    merged = run.path / "export" / "merged"
    for file in base.glob("*.safetensors"):
        assert shapes(merged / file.name) == shapes(file) and {dtype for dtype, _ in shapes(file).values()} == {word}
    name = "model.layers.1.mlp.down_proj.weight"
    adapter = mx.load(str(run.path / "checkpoints" / "step-000003" / "adapters.safetensors"))
    a, b = adapter["model.layers.1.mlp.down_proj.lora_a"], adapter["model.layers.1.mlp.down_proj.lora_b"]  # type: ignore[index]
    # In float64 and rounded once: the merge may differ from it by one unit in the last place of the dtype.
    exact = (
        np.array(practice_weights(dtype)[name].astype(mx.float32), np.float64) + 2 * (np.array(a, np.float64) @ np.array(b, np.float64)).T
    )
    found = np.array({k: v for file in merged.glob("*.safetensors") for k, v in mx.load(str(file)).items()}[name].astype(mx.float32))  # type: ignore[union-attr]
    unit = {"BF16": 2**-8, "F16": 2**-11}[word]
    assert np.all(np.abs(found - exact) <= unit * np.maximum(np.abs(exact), 2**-13))
    index = json.loads((merged / "model.safetensors.index.json").read_text())
    assert set(index["weight_map"]) == set(practice_weights()) and check_model_folder(merged).dtype == word


def test_a_quantised_base_is_dequantised_and_said_so(tmp_path: Path) -> None:
    packed: dict[str, mx.array] = {}
    for name, value in practice_weights(mx.float16).items():
        if value.ndim == 2:
            stem = name.removesuffix(".weight")
            packed[name], packed[f"{stem}.scales"], packed[f"{stem}.biases"] = mx.quantize(value, group_size=32, bits=4)
        else:
            packed[name] = value
    base = save_model(
        tmp_path / "base",
        packed,
        quantization={"group_size": 32, "bits": 4},
        quantization_config={"group_size": 32, "bits": 4, "quant_method": "mlx"},
    )
    found = check_model_folder(base)
    assert found.quantized and found.parameters == sum(value.size for value in practice_weights().values())
    run = fetched(bare_run(tmp_path / "run", model={"source": str(base)}, training={"dtype": "float16"}))
    seal_adapter(run, 3, 0.05)
    event = merge(run)
    merged = run.path / "export" / "merged"
    assert event["dequantized"] and shapes(merged / WEIGHTS) == {
        name: ("F16", shape) for name, (_, shape) in shapes(MODEL / WEIGHTS).items()
    }
    config = json.loads((merged / "config.json").read_text())
    assert "quantization" not in config and "quantization_config" not in config
    name = "model.embed_tokens.weight"
    expected = mx.dequantize(packed[name], packed["model.embed_tokens.scales"], packed["model.embed_tokens.biases"], group_size=32, bits=4)
    assert mx.array_equal(mx.load(str(merged / WEIGHTS))[name], expected.astype(mx.float16)).item()  # type: ignore[index]


def test_blocks_of_rows_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, pieces = (fetched(bare_run(tmp_path / name)) for name in ("whole", "pieces"))
    for run in (whole, pieces):
        seal_adapter(run, 3, 0.05)
    merge(whole)
    monkeypatch.setattr(fuse, "BLOCK_BYTES", 64 * 4 * 7)
    merge(pieces)
    first, second = (mx.load(str(run.path / "export" / "merged" / WEIGHTS)) for run in (whole, pieces))
    assert all(mx.allclose(first[name], second[name], rtol=0, atol=1e-6).item() for name in first)  # type: ignore[index]


def test_memory_does_not_grow_with_the_tensors(tmp_path: Path) -> None:
    rows, columns = 60_000, 1_000  # 240 MB in float32
    path, target = tmp_path / "in.safetensors", tmp_path / "out.safetensors"
    header = json.dumps({"big.weight": {"dtype": "F32", "shape": [rows, columns], "data_offsets": [0, rows * columns * 4]}}).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + rows * columns * 4)
    outputs = fuse.plan_outputs(read_header(path)[0], {})
    delta = fuse.Delta(mx.ones((columns, 4)), mx.ones((4, rows)), 0.5)
    mx.reset_peak_memory()
    mx.set_cache_limit(0)
    tracemalloc.start()
    fuse.write_fused(path, target, outputs, {"big.weight": delta}, lambda: None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * fuse.BLOCK_BYTES and mx.get_peak_memory() < 5 * fuse.BLOCK_BYTES
    with target.open("rb") as file:
        file.seek(-8, 2)
        assert np.frombuffer(file.read(), "<f4").tolist() == [2.0, 2.0]


def test_a_second_time_does_nothing_again_and_a_newer_checkpoint_does(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run"))
    seal_adapter(run, 3, 0.05)
    merge(run)
    at = (run.path / "export" / "merged" / WEIGHTS).stat().st_mtime_ns
    assert merge(run)["step"] == 3 and (run.path / "export" / "merged" / WEIGHTS).stat().st_mtime_ns == at
    seal_adapter(run, 4, 0.1)
    assert merge(run)["step"] == 4 and (run.path / "export" / "merged" / WEIGHTS).stat().st_mtime_ns != at
    (run.path / "export" / "merged" / WEIGHTS).write_bytes(b"cut")
    merge(run)
    assert check_model_folder(run.path / "export" / "merged").tensors == TENSORS


def test_a_kill_leaves_the_old_export_or_none(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run"))
    seal_adapter(run, 3, 0.05)
    for delay in (0.2, 0.5, 0.7, 0.9):
        process = run.start("merge")
        try:
            process.wait(delay)
        except Exception:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
        merged = run.path / "export" / "merged"
        assert not merged.exists() or check_model_folder(merged).tensors == TENSORS
    assert merge(run)["tensors"] == TENSORS and not (run.path / "export" / "merged.partial").exists()


def spoil(run: Run, **changed: mx.array) -> None:
    """Rewrites the adapter and seals the checkpoint's manifest anew."""
    import hashlib

    folder = run.path / "checkpoints" / "step-000003"
    path, manifest = folder / "adapters.safetensors", folder / "manifest.json"
    mx.save_safetensors(str(folder / "new.safetensors"), {**mx.load(str(path)), **changed})  # type: ignore[dict-item]
    (folder / "new.safetensors").rename(path)
    value = json.loads(manifest.read_text())
    value["files"]["adapters.safetensors"] = {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    manifest.write_text(json.dumps(value))


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"model.layers.0.self_attn.q_proj.m": mx.ones((64,))}, "run.adapter"),
        (
            {"model.layers.9.self_attn.q_proj.lora_a": mx.ones((64, 16)), "model.layers.9.self_attn.q_proj.lora_b": mx.ones((16, 64))},
            "run.adapter",
        ),
        ({"model.layers.0.self_attn.q_proj.lora_b": mx.ones((16, 63))}, "run.adapter"),
        ({"model.layers.0.self_attn.q_proj.lora_b": mx.full((16, 64), float("nan"))}, "run.not-finite"),
    ],
)
def test_refuses_adapters_that_do_not_fit(tmp_path: Path, changed: dict[str, mx.array], kind: str) -> None:
    run = fetched(bare_run(tmp_path / "run"))
    seal_adapter(run, 3, 0.05)
    spoil(run, **changed)
    assert call(run, "merge") == 1
    assert fault(run)["kind"] == kind and not (run.path / "export" / "merged").exists()


def test_says_when_there_is_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = fetched(bare_run(tmp_path / "run"))
    seal_adapter(run, 3, 0.05)
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: real._replace(free=1000))
    assert call(run, "merge") == 1
    assert fault(run)["kind"] == "disk.space"


def test_without_a_checkpoint_there_is_nothing_to_merge(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run"))
    assert call(run, "merge") == 1
    assert fault(run)["kind"] == "run.no-checkpoint"


def test_a_plan_names_the_packed_shapes() -> None:
    tensors = read_header(MODEL / WEIGHTS)[0]
    assert [output.shape for output in fuse.plan_outputs(tensors, {})] == [tensor.shape for tensor in tensors]
    assert replace(fuse.plan_outputs(tensors, {})[0], dtype="BF16").bytes * 2 == fuse.plan_outputs(tensors, {})[0].bytes
