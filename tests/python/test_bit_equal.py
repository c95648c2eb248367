"""Promise: on the plain plan our loop is Unsloth's `MLXTrainer`, bit for bit: every loss and every LoRA weight.

Held in float32 on this machine's backend, 4 × 4 rows, dropout 0 and 0.1, chunked and plain loss, 8-bit and plain AdamW, global-norm
clipping that bites. Not covered: float16 (there we accumulate in float32 and MLXTrainer in float16, on purpose) and uneven epochs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest
from conftest import PRACTICE, Run
from mlx.utils import tree_flatten

from trainer.model.model import add_adapter, load_base, make_loss
from trainer.run.journal import Journal
from trainer.run.run_folder import RunFolder
from trainer.run.run_plan import Training
from trainer.training import session as sessions
from trainer.training.step import step_seed
from trainer.training.train import train

STEPS = 5
# Rank 64: only matrices of 4,096 elements and more get an 8-bit first moment.
PLAN: dict[str, Any] = {
    "max_steps": STEPS, "lora_r": 64, "lora_alpha": 128, "warmup_steps": 2, "learning_rate": 3e-3, "weight_decay": 0.001,
    "max_grad_norm": 0.5, "eval_steps": 1000,
}  # fmt: skip


def weights(model: Any) -> dict[str, np.ndarray]:
    return {name: np.array(value) for name, value in tree_flatten(model.trainable_parameters())}


def ours(run: Run, cce: bool, monkeypatch: pytest.MonkeyPatch) -> tuple[list[float], dict[str, np.ndarray]]:
    monkeypatch.setattr(sessions, "make_loss", lambda model, _chunked: make_loss(model, cce=cce))
    session = sessions.open_session(RunFolder(run.path), Journal(run.path / "events.jsonl", "trainer", 0))
    train(session)
    return [event["loss"] for event in run.events("step")], weights(session.model)


def in_plan_order(run: Run) -> list[dict[str, list[int]]]:
    rows = {value["row"]: value for value in map(json.loads, (run.path / "data/train.jsonl").read_text().splitlines())}
    steps = [json.loads(line) for line in (run.path / "data/batches.jsonl").read_text().splitlines()]
    order = [rows[row] for step in steps for micro_batch in step["microBatches"] for row in micro_batch]
    return [{"input_ids": row["ids"], "labels": [-100] * row["answerFrom"] + row["ids"][row["answerFrom"] :]} for row in order]


def theirs(run: Run, training: Training, cce: bool, output: Path) -> tuple[list[float], dict[str, np.ndarray]]:
    from unsloth_zoo.mlx.trainer import MLXTrainer, MLXTrainingConfig

    model, tokenizer = load_base(PRACTICE / "model", training)
    model = add_adapter(model, training)
    losses: list[float] = []

    class Callback:
        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            mx.random.seed(step_seed(training.seed, state.global_step + 1))

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any], **_: Any) -> None:
            if "loss" in logs:
                losses.append(logs["loss"])

    config = MLXTrainingConfig(
        per_device_train_batch_size=training.micro_batch_size,
        gradient_accumulation_steps=training.gradient_accumulation_steps,
        max_steps=STEPS,
        warmup_steps=training.warmup_steps,
        learning_rate=training.learning_rate,
        lr_scheduler_type=training.lr_scheduler_type,
        optim=training.optim,
        weight_decay=training.weight_decay,
        max_grad_norm=training.max_grad_norm,
        seed=training.seed,
        output_dir=str(output),
        max_seq_length=training.max_seq_length,
        use_cce=cce,
        compile=False,
        gradient_checkpointing=training.gradient_checkpointing,
        dataset_order="sequential",
        disable_memory_limits=True,
    )
    MLXTrainer(model=model, tokenizer=tokenizer, train_dataset=in_plan_order(run), args=config, callbacks=[Callback()]).train()
    return losses, weights(model)


@pytest.mark.parametrize("cce", [True, False], ids=["chunked-loss", "plain-loss"])
@pytest.mark.parametrize(("dropout", "optim"), [(0.0, "adamw_8bit"), (0.1, "adamw_8bit"), (0.1, "adamw")])
def test_equal(
    make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, dropout: float, optim: str, cce: bool
) -> None:
    run = make_run(rows=16 * STEPS, held_out=1, lora_dropout=dropout, optim=optim, **PLAN)
    our_losses, our_weights = ours(run, cce, monkeypatch)
    their_losses, their_weights = theirs(run, RunFolder(run.path).plan.training, cce, tmp_path / "theirs")
    assert len(our_losses) == STEPS
    assert our_losses == their_losses
    assert our_weights.keys() == their_weights.keys()
    assert all(np.array_equal(our_weights[name], their_weights[name]) for name in our_weights)
    # The comparison is of something: training moved the weights.
    assert any(np.abs(our_weights[name]).max() > 0 for name in our_weights if name.endswith("lora_b"))
