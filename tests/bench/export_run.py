"""One part of `npm run bench -- export` in a process of its own; the last line is JSON.

make FOLDER LAYERS   a run with a sealed random adapter on a random Gemma-2 in bfloat16 (16 layers: 1.0 billion parameters, one shard)
make FOLDER 0        the same on the practice model
merge FOLDER         the verb: {"seconds", "cpu", "peak", "folder", "bytes", "shard"}
copy FOLDER          the base's weight files, copied and flushed: {"seconds", "cpu", "peak"}
"""

from __future__ import annotations

import json
import resource
import shutil
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ground import CONTROL, FORMAT, PLAN, PRACTICE

from trainer.__main__ import main as trainer
from trainer.run.durable import fsync_file, write_json_atomic
from trainer.training import checkpoint

HIDDEN, INTERMEDIATE, HEADS, KV_HEADS, HEAD_DIM, RANK = 2048, 8192, 8, 4, 256, 16
_BLOCK_VALUES = 1 << 24
_NORMS = ("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm")


def projections() -> dict[str, tuple[int, int]]:
    """Name within a layer -> (out, in)."""
    attention = {"q": (HEADS * HEAD_DIM, HIDDEN), "k": (KV_HEADS * HEAD_DIM, HIDDEN), "v": (KV_HEADS * HEAD_DIM, HIDDEN)}
    own = {f"self_attn.{name}_proj": shape for name, shape in {**attention, "o": (HIDDEN, HEADS * HEAD_DIM)}.items()}
    mlp = {"gate": (INTERMEDIATE, HIDDEN), "up": (INTERMEDIATE, HIDDEN), "down": (HIDDEN, INTERMEDIATE)}
    return {**own, **{f"mlp.{name}_proj": shape for name, shape in mlp.items()}}


def write_base(folder: Path, layers: int) -> None:
    """Written tensor by tensor: even a model that does not fit into memory can be made."""
    folder.mkdir(parents=True)
    for path in (PRACTICE / "model").iterdir():
        if "token" in path.name or path.name == "generation_config.json":
            shutil.copyfile(path, folder / path.name)
    config = json.loads((PRACTICE / "model/config.json").read_text())
    config.update(
        hidden_size=HIDDEN, intermediate_size=INTERMEDIATE, num_hidden_layers=layers, num_attention_heads=HEADS,
        num_key_value_heads=KV_HEADS, head_dim=HEAD_DIM, query_pre_attn_scalar=HEAD_DIM, torch_dtype="bfloat16",
    )  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (config["vocab_size"], HIDDEN), "model.norm.weight": (HIDDEN,)}
    for layer in range(layers):
        shapes.update({f"model.layers.{layer}.{norm}.weight": (HIDDEN,) for norm in _NORMS})
        shapes.update({f"model.layers.{layer}.{name}.weight": shape for name, shape in projections().items()})
    random = np.random.default_rng(7)
    # A sign and seven bits of mantissa at random, 2^-7 by exponent: small numbers, none of them special.
    blocks = {
        name: _blocks(int(np.prod(shape)), lambda n: (random.integers(0, 1 << 16, n, np.uint16) & 0x807F) | 0x3C00)
        for name, shape in shapes.items()
    }
    write_safetensors(folder / "model.safetensors", "BF16", 2, shapes, blocks)


def write_adapter(folder: Path, layers: int) -> None:
    """As a checkpoint holds it: lora_a (in, r), lora_b (r, out), float32."""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in range(layers):
        for name, (rows, columns) in projections().items():
            stem = f"model.layers.{layer}.{name}"
            shapes.update({f"{stem}.lora_a": (columns, RANK), f"{stem}.lora_b": (RANK, rows)})
    random = np.random.default_rng(11)
    blocks = {name: _blocks(int(np.prod(shape)), lambda n: random.standard_normal(n, np.float32) * 0.01) for name, shape in shapes.items()}
    write_safetensors(folder / checkpoint.ADAPTERS, "F32", 4, shapes, blocks)
    write_safetensors(folder / checkpoint.OPTIMIZER, "F32", 4, {"step": (1,)}, {"step": _blocks(1, lambda n: np.zeros(n, np.float32))})
    keys = sorted(projections())
    config = {"fine_tune_type": "lora", "num_layers": layers, "lora_parameters": {"rank": RANK, "scale": 2.0, "dropout": 0.0, "keys": keys}}
    (folder / checkpoint.ADAPTER_CONFIG).write_text(json.dumps(config))
    (folder / checkpoint.STATE).write_text(json.dumps({"step": 1}))


def _blocks(values: int, draw: Any) -> Iterator[np.ndarray]:
    for first in range(0, values, _BLOCK_VALUES):
        yield draw(min(_BLOCK_VALUES, values - first))


def write_safetensors(
    path: Path, dtype: str, width: int, shapes: dict[str, tuple[int, ...]], blocks: dict[str, Iterator[np.ndarray]]
) -> None:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        size = width * int(np.prod(shape))
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    raw = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(raw)) + raw)
        for name in shapes:
            for block in blocks[name]:
                file.write(block.tobytes())
    fsync_file(path)


def make(folder: Path, layers: int) -> dict[str, Any]:
    base = folder / "base" if layers else PRACTICE / "model"
    run = folder / "run"
    if layers:
        write_base(base, layers)
    run.mkdir(parents=True)
    training = {**PLAN, "max_seq_length": 128, "lora_dropout": 0.0, "dtype": "bfloat16" if layers else "float32"}
    plan = {
        "v": 1, "id": "bench", "name": "bench", "campaign": "bench", "kind": "quick", "createdAt": 0,
        "data": {"train": "train.jsonl", "heldOut": None, "heldOutShare": 0.1, "rows": None, "skipBadRows": False},
        "model": {"source": str(base), "local": True}, "format": FORMAT, "training": training, "answers": {"prompts": [], "maxTokens": 16},
        "deploy": {"enabled": False, "as": "bench", "quantize": "q8_0", "parameters": {}},
    }  # fmt: skip
    write_json_atomic(run / "run.json", plan)
    write_json_atomic(run / "model.json", {"path": str(base), "revision": "", "files": []})
    write_json_atomic(run / "control.json", CONTROL)
    if layers:
        (run / "checkpoints").mkdir()
        made = run / "adapter"
        made.mkdir()
        write_adapter(made, layers)
        checkpoint.seal(run / "checkpoints", 1, [(name, [(made / name).read_bytes()]) for name in checkpoint.FILES], lambda: None)
    else:
        from conftest import Run
        from make_checkpoint import seal_adapter

        seal_adapter(Run(run), 1, 0.05)
    return {}


def shards(run: Path) -> list[Path]:
    return sorted(Path(json.loads((run / "model.json").read_text())["path"]).glob("*.safetensors"))


def merge(folder: Path) -> dict[str, Any]:
    run = folder / "run"
    shutil.rmtree(run / "export", ignore_errors=True)
    measured = timed(lambda: trainer(["merge", "--run", str(run)]))
    merged = run / "export/merged"
    sizes = [path.stat().st_size for path in merged.glob("*.safetensors")]
    return {**measured, "folder": str(merged), "bytes": sum(sizes), "shard": max(path.stat().st_size for path in shards(run))}


def copy(folder: Path) -> dict[str, Any]:
    target = folder / "copy"
    target.mkdir()

    def work() -> int:
        for path in shards(folder / "run"):
            shutil.copyfile(path, target / path.name)
            fsync_file(target / path.name)
        return 0

    measured = timed(work)
    shutil.rmtree(target)
    return measured


def timed(work: Any) -> dict[str, Any]:
    started, cpu = time.perf_counter(), time.process_time()
    if work() != 0:
        raise SystemExit("it failed; see the run's journal")
    return {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu, "peak": peak_bytes()}


def peak_bytes() -> int:
    """Of this process: Linux hands a parent's peak on in getrusage, its other count begins anew."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    part, place, *more = sys.argv[1:]
    out, sys.stdout = sys.stdout, sys.stderr  # the libraries print
    result = make(Path(place), int(more[0])) if part == "make" else {"merge": merge, "copy": copy}[part](Path(place))
    out.write(json.dumps(result) + "\n")
