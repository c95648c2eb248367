"""Run folders for the trainer's tests: real rows of the practice campaign, the practice model (or a tiny random one), small plans."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHON = REPOSITORY / "python"
PRACTICE = REPOSITORY / "resources" / "practice"
sys.path.insert(0, str(PYTHON))
os.environ.setdefault("UNSLOTH_ZOO_DISABLE_GPU_INIT", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from trainer.__main__ import main  # noqa: E402
from trainer.model.model import encode_row, load_tokenizer  # noqa: E402
from trainer.rows.plan import make_batches  # noqa: E402
from trainer.run.durable import sha256, write_json_atomic  # noqa: E402
from trainer.run.run_plan import parse_format, parse_training  # noqa: E402

TRAINING: dict[str, Any] = {
    "max_seq_length": 128, "lora_r": 16, "lora_alpha": 32, "lora_dropout": 0.0,
    "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    "micro_batch_size": 4, "gradient_accumulation_steps": 4, "learning_rate": 3e-3, "lr_scheduler_type": "linear",
    "warmup_steps": 2, "weight_decay": 0.001, "max_grad_norm": 1.0, "num_train_epochs": 1.0, "max_steps": 6,
    "load_in_4bit": False, "dtype": "float32", "optim": "adamw_8bit", "seed": 3407, "train_on_answer_only": True,
    "gradient_checkpointing": False, "save_steps": 1000, "save_minutes": 60.0, "eval_steps": 1000, "cache_limit_bytes": 268435456,
    "micro_batch_tokens": None,
}  # fmt: skip
FORMAT: dict[str, Any] = {
    "family": "gemma2", "bos": "<bos>", "userPrefix": "<start_of_turn>user\n", "modelPrefix": "<start_of_turn>model\n",
    "turnEnd": "<end_of_turn>\n", "stops": ["<end_of_turn>"], "system": "",
}  # fmt: skip
CONTROL: dict[str, Any] = {
    "v": 1, "desired": "run", "why": "start", "pace": 1, "microBatchTokens": None, "maxSeqLength": None, "cacheLimitBytes": None,
    "checkpointRequest": 0, "lease": 1,
}  # fmt: skip


@dataclass
class Run:
    """A run folder with prepared data, and the verbs on it as real processes."""

    path: Path

    def control(self, **values: Any) -> None:
        write_json_atomic(self.path / "control.json", {**CONTROL, **values})

    def start(self, verb: str = "train", *more: str) -> subprocess.Popen[bytes]:
        log = open(self.path / "trainer.log", "ab")  # noqa: SIM115  (the child's)
        try:
            return subprocess.Popen(
                [sys.executable, "-m", "trainer", verb, "--run", str(self.path), *more], cwd=PYTHON, stdout=log, stderr=log
            )
        finally:
            log.close()

    def train(self) -> int:
        """In this process: the same door, without the seconds a new one needs for its imports."""
        return main(["train", "--run", str(self.path)])

    def wait_for(self, type: str, count: int = 1, seconds: float = 90) -> list[dict[str, Any]]:
        """The events of that type once there are so many."""
        deadline = time.monotonic() + seconds
        while len(found := self.events(type)) < count:
            assert time.monotonic() < deadline, f"no {count} {type} in {seconds} s: {self.events()[-3:]}\n{self.log()[-2000:]}"
            time.sleep(0.02)
        return found

    def require_valid(self) -> None:
        """Every line fits the schema that core generates, and no process lost a line."""
        validator = Draft202012Validator(json.loads((REPOSITORY / "tests/fixtures/events.schema.json").read_text()))
        last: dict[str, int] = {}
        for event in self.events():
            validator.validate(event)
            assert event["n"] in (1, last.get(event["by"], 0) + 1)
            last[event["by"]] = event["n"]

    def events(self, *types: str) -> list[dict[str, Any]]:
        """Whole lines only: the journal may be growing."""
        path = self.path / "events.jsonl"
        text = path.read_text() if path.exists() else ""
        events = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines() if line]
        return [event for event in events if not types or event["type"] in types]

    def log(self) -> str:
        return (self.path / "trainer.log").read_text()

    def checkpoints(self) -> list[int]:
        return sorted(int(entry.name[5:]) for entry in (self.path / "checkpoints").iterdir() if entry.name[5:].isdigit())


def practice_rows(name: str, limit: int) -> list[dict[str, str]]:
    return [json.loads(line) for line in (PRACTICE / name).read_text().splitlines()[:limit]]


def write_prepared(folder: Path, training: dict[str, Any], rows: int, held_out: int) -> None:
    """What `prepare` writes, made from the same two functions of the plan and the model."""
    data = folder / "data"
    data.mkdir()
    tokenizer, format = load_tokenizer(PRACTICE / "model"), parse_format(FORMAT)
    lengths: dict[int, int] = {}
    for name, source, count in (("train.jsonl", "train.jsonl", rows), ("held-out.jsonl", "held-out.jsonl", held_out)):
        with open(data / name, "w") as file:
            for row, value in enumerate(practice_rows(source, count), start=1):
                encoded = encode_row(tokenizer, format, value["input"], value["output"], training["max_seq_length"])
                answer_from = encoded.answer_from if training["train_on_answer_only"] else 1
                if name == "train.jsonl":
                    lengths[row] = len(encoded.ids)
                file.write(
                    json.dumps({"row": row, "line": row, "category": value["category"], "ids": encoded.ids, "answerFrom": answer_from})
                    + "\n"
                )
    with open(data / "batches.jsonl", "w") as file:
        for step in make_batches(range(1, rows + 1), parse_training(training), lengths):
            file.write(json.dumps(step.to_json()) + "\n")
    files = {path.name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for path in data.iterdir()}
    write_json_atomic(data / "prepared.json", {"v": 1, "files": files})


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Run]:
    """`make_run(rows=…, held_out=…, **training)`: an own folder each time."""

    def make(rows: int = 40, held_out: int = 4, **changes: Any) -> Run:
        folder = tmp_path / f"run-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        training = {**TRAINING, **changes}
        plan = {
            "v": 1, "id": folder.name, "name": folder.name, "campaign": "test", "kind": "quick", "createdAt": 0,
            "data": {"train": "train.jsonl", "heldOut": None, "heldOutShare": 0.1, "rows": None, "skipBadRows": False},
            "model": {"source": str(PRACTICE / "model"), "local": True}, "format": FORMAT, "training": training,
            "answers": {"prompts": [], "maxTokens": 16},
            "deploy": {"enabled": False, "as": "test", "quantize": "q8_0", "parameters": {}},
        }  # fmt: skip
        write_json_atomic(folder / "run.json", plan)
        write_json_atomic(folder / "model.json", {"path": str(PRACTICE / "model"), "revision": "", "files": []})
        write_prepared(folder, training, rows, held_out)
        run = Run(folder)
        run.control()
        return run

    return make


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "users_data: reads the user's own rows; THORTIME_JESSY names their folder")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The user's rows are not part of the project: where they are absent these tests do not exist, the look-alike holds the same path."""
    if os.environ.get("THORTIME_JESSY"):
        return
    absent = [item for item in items if item.get_closest_marker("users_data")]
    config.hook.pytest_deselected(items=absent)
    items[:] = [item for item in items if item not in absent]
