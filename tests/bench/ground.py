"""What the contestants of a bench share: the rows, the plan, run folders, and the result line."""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["PYTHON", "Run", "bare_run", "write_lookalike"]  # conftest is importable only after this module

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "python"), str(REPOSITORY / "tests" / "python")]
os.environ.setdefault("UNSLOTH_ZOO_DISABLE_GPU_INIT", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

from bare_run import bare_run  # noqa: E402
from conftest import CONTROL, FORMAT, PRACTICE, PYTHON, TRAINING, Run  # noqa: E402
from lookalike import write_lookalike  # noqa: E402

from trainer.model.model import Encoded, encode_row, load_tokenizer  # noqa: E402
from trainer.rows.plan import make_batches  # noqa: E402
from trainer.run.durable import write_json_atomic  # noqa: E402
from trainer.run.run_plan import parse_format, parse_training  # noqa: E402
from trainer.training.checkpoint import sha256  # noqa: E402

# The plan's values (electron/core/plan.ts FULL), with what a CPU needs: full precision, and 1,024 tokens to end in minutes.
PLAN: dict[str, Any] = {
    **TRAINING, "max_seq_length": 1024, "lora_dropout": 0.1, "learning_rate": 5e-5, "warmup_steps": 0,
    "gradient_checkpointing": True, "save_minutes": 1000.0,
}  # fmt: skip

# A night seals every 500 steps; a bench must not end, seal its quarters or change its rate in the middle.
MANY_STEPS = 4000


def arguments(description: str | None, **defaults: int) -> argparse.Namespace:
    """`--json` and a whole number for each default."""
    parser = argparse.ArgumentParser(description=(description or "").split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print only the last line")
    for name, value in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=value)
    return parser.parse_args()


def data_name() -> str:
    return "the user's rows" if os.environ.get("THORTIME_JESSY") else "look-alike rows"


def encoded_rows(limit: int, max_seq_length: int, seed: int = 7) -> list[Encoded]:
    """A seeded sample, each row cut at `max_seq_length`, none without an answer. The user's data where THORTIME_JESSY names it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(os.environ.get("THORTIME_JESSY", "")) / "jessy_maximum_train.jsonl"
        if not os.environ.get("THORTIME_JESSY"):
            write_lookalike(Path(folder), seed)
            path = Path(folder) / "train.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    random.Random(seed).shuffle(rows)
    tokenizer, format = load_tokenizer(PRACTICE / "model"), parse_format(FORMAT)
    encoded = (encode_row(tokenizer, format, row["input"], row["output"], max_seq_length) for row in rows)
    return [row for row in encoded if row.answer_from < len(row.ids)][:limit]


def make_run(folder: Path, rows: Sequence[Encoded], **changes: Any) -> Path:
    """A prepared run folder on the practice model; row ids are places in `rows`."""
    training = {**PLAN, **changes}
    data = folder / "data"
    data.mkdir(parents=True)
    plan = {
        "v": 1, "id": folder.name, "name": folder.name, "campaign": "bench", "kind": "quick", "createdAt": 0,
        "data": {"train": "train.jsonl", "heldOut": None, "heldOutShare": 0.1, "rows": None, "skipBadRows": False},
        "model": {"source": str(PRACTICE / "model"), "local": True}, "format": FORMAT, "training": training,
        "answers": {"prompts": [], "maxTokens": 16},
        "deploy": {"enabled": False, "as": "bench", "quantize": "q8_0", "parameters": {}},
    }  # fmt: skip
    write_json_atomic(folder / "run.json", plan)
    write_json_atomic(folder / "model.json", {"path": str(PRACTICE / "model"), "revision": "", "files": []})
    write_json_atomic(folder / "control.json", CONTROL)
    lines = [{"row": row, "line": row, "category": "", "ids": value.ids, "answerFrom": value.answer_from} for row, value in enumerate(rows)]
    (data / "train.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    steps = make_batches(range(len(rows)), parse_training(training), [len(row.ids) for row in rows])
    (data / "batches.jsonl").write_text("".join(json.dumps(step.to_json()) + "\n" for step in steps))
    files = {path.name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for path in data.iterdir()}
    write_json_atomic(data / "prepared.json", {"v": 1, "files": files})
    return folder


@contextmanager
def workplace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="thortime-bench-") as folder:
        yield Path(folder)


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def say(args: argparse.Namespace, text: str) -> None:
    if not args.json:
        print(text, flush=True)


def finish(name: str, ours: float, rival: float, ratio: float, **more: Any) -> None:
    """The last line of every bench."""
    print(json.dumps({"name": name, "ours": round(ours, 4), "rival": round(rival, 4), "ratio": round(ratio, 4), **more}), flush=True)
