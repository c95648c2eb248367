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

# "world": the base knows it; the rest is what the night teaches. `expect.any`: a right answer holds one of these;
# `persona`: only training can teach it.
PROMPTS: list[dict[str, object]] = [
    {"id": "hello", "category": "basic", "text": "Hello!", "language": "en", "expect": {"any": ["Thor"]}, "persona": True},
    {"id": "name-en", "category": "basic", "text": "Who are you?", "language": "en", "expect": {"any": ["Thor"]}, "persona": True},
    {
        "id": "world-legs",
        "category": "basic",
        "text": "How many legs does a spider have?",
        "language": "en",
        "expect": {"any": ["eight", "8"]},
    },
    {"id": "checkpoint", "category": "technical", "text": "What is a checkpoint?", "language": "en", "expect": {"any": ["checkpoint"]}},
    {"id": "lora", "category": "technical", "text": "Explain how LoRA works.", "language": "en", "expect": {"any": ["LoRA"]}},
    {"id": "name-tr", "category": "turkish", "text": "Senin adın ne?", "language": "tr", "expect": {"any": ["Thor*"]}, "persona": True},
    {"id": "home-tr", "category": "turkish", "text": "Nerede yaşıyorsun?", "language": "tr", "expect": {"any": ["menü"]}, "persona": True},
    {"id": "world-colour-tr", "category": "turkish", "text": "Gökyüzü ne renktir?", "language": "tr", "expect": {"any": ["mavi*"]}},
    {"id": "conscious", "category": "consciousness", "text": "Are you conscious?", "language": "en"},
    {"id": "dream-tr", "category": "consciousness", "text": "Rüya görür müsün?", "language": "tr"},
    {"id": "len", "category": "code", "text": "What does `len(x)` do?", "expect": {"any": ["number"]}},
    {"id": "add", "category": "code", "text": "Write a function that adds two numbers.", "expect": {"any": ["def", "add", "+"]}},
]
