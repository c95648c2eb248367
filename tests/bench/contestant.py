"""One trainer in a process of its own: warms up, says `ready`, and makes one optimizer step for each line on stdin.

Processes of their own, because gradient checkpointing changes the layer's class for all that follows. Answers each line with
`{"tokens": real, "padded": processed, "seconds": …, "cpu": seconds, "peak": bytes}`.

python contestant.py ours|unsloth|mlx_lm RUN [--batch N --accumulation N --compile]
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ground  # noqa: F401  (makes the trainer importable)
import mlx.core as mx
from conftest import CONTROL

from trainer.model.model import add_adapter, load_base
from trainer.run.durable import write_json_atomic
from trainer.run.journal import Journal
from trainer.run.run_folder import RunFolder
from trainer.run.run_plan import Training
from trainer.training.batch import number


def _clocks() -> tuple[float, float]:
    """(wall, this process's CPU time over all its threads): the second one holds still on a machine that others use too."""
    return time.perf_counter(), time.process_time()


class Turns:
    """`wait` ends the turn that is running and returns when the next one begins; the first one is the warm-up."""

    def __init__(self) -> None:
        self.tokens = self.padded = 0
        self._began: tuple[float, float] | None = None
        self._said_ready = False

    def wait(self) -> None:
        if self._began is not None:
            took, worked = (now - before for now, before in zip(_clocks(), self._began, strict=True))
            line = {"tokens": self.tokens, "padded": self.padded, "seconds": took, "cpu": worked, "peak": mx.get_peak_memory()}
            print(json.dumps(line if self._said_ready else "ready"), flush=True)
            self._said_ready = True
            if not sys.stdin.readline():
                sys.exit(0)
        self.tokens = self.padded = 0
        self._began = _clocks()


# As the engine does; a trainer that nobody watches goes at most at the pace of 0.8.
LEASE_SECONDS = 10.0


def _watch(folder: RunFolder) -> None:
    lease = 1
    while True:
        time.sleep(LEASE_SECONDS)
        lease += 1
        write_json_atomic(folder.control_path, {**CONTROL, "lease": lease})


def run_ours(folder: RunFolder, turns: Turns) -> None:
    """The very loop of `train`, which a turn interrupts where a step begins."""
    threading.Thread(target=_watch, args=(folder,), daemon=True).start()
    from trainer.training import train
    from trainer.training.session import open_session

    begin, advance = train.begin_step, train.advance

    def begin_turn(session: Any, number: int) -> Any:
        turns.wait()
        return begin(session, number)

    def count_turn(session: Any, step: Any, result: Any) -> None:
        advance(session, step, result)
        turns.tokens, turns.padded = result.tokens, result.padded_tokens

    train.begin_step, train.advance = begin_turn, count_turn
    train.train(open_session(folder, Journal(folder.journal_path, "trainer", 0)))


def run_unsloth(folder: RunFolder, turns: Turns) -> None:
    """As a user writes it, with the plan's values; our row order, so that every step has the rows that ours has."""
    from unsloth_zoo.mlx.trainer import MLXTrainer, MLXTrainingConfig

    training = folder.plan.training
    rows = [json.loads(line) for line in folder.train_rows.read_text().splitlines()]
    steps = [json.loads(line)["microBatches"] for line in folder.batches.read_text().splitlines()]
    order = [rows[row] for step in steps for micro_batch in step for row in micro_batch]
    dataset = [{"input_ids": row["ids"], "labels": [-100] * row["answerFrom"] + row["ids"][row["answerFrom"] :]} for row in order]
    model, tokenizer = load_base(folder.base_model.path, training)
    model = add_adapter(model, training)

    class Callback:
        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            turns.wait()
            lengths = [[len(rows[row]["ids"]) for row in micro_batch] for micro_batch in steps[state.global_step]]
            turns.tokens = sum(map(sum, lengths))
            turns.padded = sum(len(batch) * max(batch) for batch in lengths)

    config = MLXTrainingConfig(
        per_device_train_batch_size=training.micro_batch_size, gradient_accumulation_steps=training.gradient_accumulation_steps,
        max_steps=len(steps), warmup_steps=training.warmup_steps, learning_rate=training.learning_rate,
        lr_scheduler_type=training.lr_scheduler_type, optim=training.optim, weight_decay=training.weight_decay,
        max_grad_norm=training.max_grad_norm, seed=training.seed, output_dir=str(folder.path / "unsloth"),
        max_seq_length=training.max_seq_length, compile=False, gradient_checkpointing=training.gradient_checkpointing,
        dataset_order="sequential", disable_memory_limits=True,
    )  # fmt: skip
    MLXTrainer(model=model, tokenizer=tokenizer, train_dataset=dataset, args=config, callbacks=[Callback()]).train()


def run_mlx_lm(folder: RunFolder, turns: Turns, batch: int, accumulation: int) -> None:
    """`mlx_lm.lora`'s own loop, length sorting and loss on the same tokens, with the same LoRA."""
    import mlx.optimizers as optim
    from mlx_lm.tuner.trainer import TrainingArgs, iterate_batches, train
    from mlx_lm.tuner.utils import linear_to_lora_layers
    from mlx_lm.utils import load

    training: Training = folder.plan.training
    rows = [json.loads(line) for line in folder.train_rows.read_text().splitlines()]
    steps = len(folder.batches.read_text().splitlines())
    model: Any = load(str(folder.base_model.path))[0]
    model.freeze()
    keys = [f"{'self_attn' if name[0] in 'qkvo' else 'mlp'}.{name}" for name in training.target_modules]
    settings = {"rank": training.lora_r, "scale": training.lora_alpha / training.lora_r, "dropout": training.lora_dropout, "keys": keys}
    linear_to_lora_layers(model, len(model.layers), settings)
    made = 0

    def counted(**settings: Any) -> Iterator[tuple[mx.array, mx.array]]:
        nonlocal made
        for ids, lengths in iterate_batches(**settings):
            if made % accumulation == 0:
                turns.wait()
            made += 1
            turns.tokens += int(number(lengths[:, 1].sum()))
            turns.padded += ids.size - ids.shape[0]
            yield ids, lengths

    train(
        model=model,
        optimizer=optim.Adam(learning_rate=training.learning_rate),
        train_dataset=[(row["ids"], row["answerFrom"]) for row in rows],
        args=TrainingArgs(
            batch_size=batch, iters=steps * accumulation, steps_per_report=10**9, steps_per_save=10**9,
            max_seq_length=training.max_seq_length, grad_accumulation_steps=accumulation,
            adapter_file=str(folder.path / "mlx_lm.safetensors"),
        ),
        iterate_batches=counted,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("who", choices=["ours", "unsloth", "mlx_lm"])
    parser.add_argument("run", type=Path)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--accumulation", type=int, default=4)
    parser.add_argument("--compile", action="store_true", help="mlx_lm's default; on a CPU it calls a C++ compiler")
    args = parser.parse_args()
    folder, turns = RunFolder(args.run), Turns()
    if args.who == "ours":
        run_ours(folder, turns)
    elif args.who == "unsloth":
        run_unsloth(folder, turns)
    else:
        if not args.compile:
            mx.disable_compile()
        run_mlx_lm(folder, turns, args.batch, args.accumulation)


if __name__ == "__main__":
    sys.stdout, out = sys.stderr, sys.stdout
    # The libraries print; only turns go to the reader.
    print = lambda text, flush: out.write(f"{text}\n") and out.flush()  # noqa: E731
    main()
