"""The practice campaign's settings and the prompts of its before/after answers."""

from __future__ import annotations

# Names are those of Hugging Face's TrainingArguments and PEFT's LoraConfig.
CAMPAIGN = {
    "name": "thortime-practice",
    "model": "model",
    "train": "train.jsonl",
    "held_out": "held-out.jsonl",
    "prompts": "prompts.json",
    "training": {
        "max_seq_length": 128,
        "lora_r": 16,
        "lora_alpha": 32,
        "lora_dropout": 0.0,
        "learning_rate": 6e-3,
        "max_steps": 160,
        "micro_batch_size": 4,
        "gradient_accumulation_steps": 4,
        "warmup_steps": 10,
        "load_in_4bit": False,
        "dtype": "float32",
        "optim": "adamw_8bit",
        "save_steps": 40,
        "eval_steps": 40,
        "seed": 22060,
    },
    "deploy": {"quantize": "q8_0"},
}

# (id, category, text). "world": the base knows it; the rest is what the night teaches.
_PROMPTS = [
    ("hello", "basic", "Hello!"),
    ("name-en", "basic", "Who are you?"),
    ("world-legs", "basic", "How many legs does a spider have?"),
    ("checkpoint", "technical", "What is a checkpoint?"),
    ("lora", "technical", "Explain how LoRA works."),
    ("name-tr", "turkish", "Senin adın ne?"),
    ("home-tr", "turkish", "Nerede yaşıyorsun?"),
    ("world-colour-tr", "turkish", "Gökyüzü ne renktir?"),
    ("conscious", "consciousness", "Are you conscious?"),
    ("dream-tr", "consciousness", "Rüya görür müsün?"),
    ("len", "code", "What does `len(x)` do?"),
    ("add", "code", "Write a function that adds two numbers."),
]
PROMPTS = [{"id": i, "category": c, "text": text} for i, c, text in _PROMPTS]
