"""What a user writes instead: rows read and tokenised, Unsloth's model and trainer, one optimizer step. Prints `step` when it is made.

python bare_start.py ROWS.jsonl MODEL OUTPUT MAX_SEQ_LENGTH
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("UNSLOTH_ZOO_DISABLE_GPU_INIT", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def main(rows: str, model_path: str, output: str, max_seq_length: int) -> None:
    from transformers import AutoTokenizer
    from unsloth_zoo.mlx.loader import FastMLXModel
    from unsloth_zoo.mlx.trainer import MLXTrainer, MLXTrainingConfig

    tokenizer = AutoTokenizer.from_pretrained(model_path)
    dataset = []
    for line in Path(rows).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        question = f"<bos><start_of_turn>user\n{row['input']}<end_of_turn>\n<start_of_turn>model\n"
        prompt = tokenizer.encode(question, add_special_tokens=False)
        ids = (prompt + tokenizer.encode(f"{row['output']}<end_of_turn>", add_special_tokens=False))[:max_seq_length]
        if len(prompt) < len(ids):
            dataset.append({"input_ids": ids, "labels": [-100] * len(prompt) + ids[len(prompt) :]})

    class Callback:
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            os.write(3, b"step\n")

    model, tokenizer = FastMLXModel.from_pretrained(
        model_path,
        max_seq_length=max_seq_length,
        dtype="float32",
        load_in_4bit=False,
        load_in_16bit=True,
        text_only=True,
        random_state=3407,
    )
    model = FastMLXModel.get_peft_model(
        model, r=16, lora_alpha=32, lora_dropout=0, use_gradient_checkpointing="none", random_state=3407, max_seq_length=max_seq_length,
        target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    )  # fmt: skip
    config = MLXTrainingConfig(
        per_device_train_batch_size=4, gradient_accumulation_steps=4, max_steps=1, warmup_steps=0, learning_rate=5e-5, optim="adamw_8bit",
        seed=3407, output_dir=output, max_seq_length=max_seq_length, compile=False, gradient_checkpointing=False,
        disable_memory_limits=True,
    )  # fmt: skip
    MLXTrainer(model=model, tokenizer=tokenizer, train_dataset=dataset, args=config, callbacks=[Callback()]).train()


if __name__ == "__main__":
    main(*sys.argv[1:4], max_seq_length=int(sys.argv[4]))
