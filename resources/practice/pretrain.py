"""Pre-trains the practice base model from random weights on the small world.

Architecture: Gemma-2 as in the paper (arXiv:2408.00118), tiny. Ollama computes the
attention scale from `head_dim`, so `query_pre_attn_scalar` must equal it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from operator import add
from pathlib import Path

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim
from mlx.utils import tree_flatten, tree_map, tree_map_with_path
from mlx_lm.models import gemma2
from tokenizer import BOS, END_OF_TURN, EOS, PAD, prompt_text, write_json
from tokenizers import Tokenizer
from world import Pair

IGNORE = -100
# How a drill begins: two ask for a copy, two for the rest of a sentence.
DRILLS = ("say: ", "tekrar et: ", "go on: ", "devam et: ")
CALLS = ("Thor, ", "Hey, ", "Please: ", "Lütfen: ", "Peki, ", "So, ")
Encoded = tuple[list[int], list[int]]  # ids and labels, equally long


@dataclass(frozen=True)
class Recipe:
    """How long and how fast the base is pre-trained."""

    steps: int
    world_rows: int  # a step
    copy_rows: int  # a step
    continue_rows: int  # a step
    learning_rate: float
    seed: int


def config(pieces: int, context: int) -> dict[str, object]:
    """`config.json`. The names and the kinds of values are those of Gemma-2 2B."""
    return {
        "architectures": ["Gemma2ForCausalLM"],
        "model_type": "gemma2",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "attn_logit_softcapping": 50.0,
        "final_logit_softcapping": 30.0,
        "cache_implementation": "hybrid",
        "bos_token_id": BOS,
        "eos_token_id": [EOS, END_OF_TURN],
        "pad_token_id": PAD,
        "head_dim": 16,
        "hidden_act": "gelu_pytorch_tanh",
        "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": 64,
        "initializer_range": 0.02,
        "intermediate_size": 192,
        "max_position_embeddings": context,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "num_key_value_heads": 2,
        "query_pre_attn_scalar": 16,
        "rms_norm_eps": 1e-06,
        "rope_theta": 10000.0,
        # As long as the context: mlx-lm ignores the window, Ollama keeps it, and
        # both must answer the same.
        "sliding_window": context,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
        "use_cache": True,
        "vocab_size": pieces,
    }


def new_model(settings: dict[str, object], seed: int) -> gemma2.Model:
    """Random weights. Norm weights start at 0: Gemma multiplies by (1 + weight)."""
    mx.random.seed(seed)
    model = gemma2.Model(gemma2.ModelArgs.from_dict(settings))

    def start(path: str, value: mx.array) -> mx.array:
        if value.ndim == 1:
            return mx.zeros_like(value)
        return mx.random.normal(value.shape) / math.sqrt(value.shape[1])

    model.update(tree_map_with_path(start, model.parameters()))
    mx.eval(model.parameters())
    return model


def encode(tokenizer: Tokenizer, pair: Pair) -> Encoded:
    """Token ids and labels; only the answer and its `<end_of_turn>` are labels."""
    prompt = tokenizer.encode(prompt_text(pair.input)).ids
    answer = tokenizer.encode(pair.output, add_special_tokens=False).ids
    answer = [*answer, END_OF_TURN]
    return prompt + answer, [IGNORE] * len(prompt) + answer


def copy_row(texts: list[list[str]], rng: random.Random) -> Pair:
    """A "say: …" row: the frozen base learns to *use* every word and short phrase.

    A third are words in random order, a third spans of `texts` (each a list of
    words), a third whole texts. Without such rows LoRA cannot reach words whose
    embeddings were never an answer (measured: loss stays above 3). No row joins a
    question to its answer.
    """
    length = rng.randint(2, 6)
    said = text = rng.choice(texts)
    kind = rng.randrange(3)
    if kind == 0:
        said = [rng.choice(rng.choice(texts)) for _ in range(length)]
    elif kind == 1:
        start = rng.randint(0, max(0, len(text) - length))
        said = text[start : start + length]
    words = " ".join(said)
    return Pair(rng.choice(DRILLS[:2]) + words, words)


def continue_row(texts: list[list[str]], rng: random.Random) -> Pair:
    """A "go on: …" row: the end of a sentence after one to four of its words.

    A real base model has read its language; this is the practice model's reading.
    """
    text = rng.choice(texts)
    start = rng.randrange(len(text) - 1)
    middle = min(start + rng.randint(1, 4), len(text) - 1)
    shown, rest = " ".join(text[start:middle]), " ".join(text[middle:])
    return Pair(rng.choice(DRILLS[2:]) + shown, rest)


def asked_otherwise(pair: Pair, rng: random.Random) -> Pair:
    """Half of the questions as people type them: called by name, small letters, no mark.

    A base that has seen this finds the subject of a question it has never seen.
    """
    question = pair.input
    if rng.random() < 0.25:
        question = rng.choice(CALLS) + question
    if rng.random() < 0.25 and question[0] not in "Iİ":  # their small letters depend on the language
        question = question[0].lower() + question[1:]
    if rng.random() < 0.25:
        question = question.rstrip("?!.")
    return Pair(question, pair.output)


def batch(rows: list[Encoded]) -> tuple[mx.array, mx.array, mx.array]:
    """Right-padded ids (rows, longest), and `at` and `targets` of `loss_of`."""
    longest = max(len(ids) for ids, _ in rows)
    ids = [ids + [PAD] * (longest - len(ids)) for ids, _ in rows]
    at: list[int] = []
    targets: list[int] = []
    for row, (_, labels) in enumerate(rows):
        for position, label in enumerate(labels):
            if label != IGNORE:
                at.append(row * longest + position - 1)
                targets.append(label)
    return mx.array(ids), mx.array(at), mx.array(targets)


def loss_of(model: gemma2.Model, tokens: int, ids: mx.array, at: mx.array, targets: mx.array) -> mx.array:
    """Cross entropy in nats of one micro-batch: its share of a step's mean over `tokens`.

    `at` are the flat positions of `ids` that predict `targets`, both (supervised,):
    the head, half of the work here, runs only where there is a label.
    """
    hidden = model.model(ids).reshape(-1, model.args.hidden_size)[at]
    logits = model.model.embed_tokens.as_linear(hidden)
    cap = model.args.final_logit_softcapping
    return nn.losses.cross_entropy(mx.tanh(logits / cap) * cap, targets).sum() / tokens


def rate(recipe: Recipe) -> Callable[[mx.array], mx.array]:
    """Linear warm-up over a twentieth of the steps, then a cosine down to 0."""
    warmup = recipe.steps // 20
    up = optim.linear_schedule(0.0, recipe.learning_rate, warmup)
    down = optim.cosine_decay(recipe.learning_rate, recipe.steps - warmup)
    return optim.join_schedules([up, down], [warmup])


def pretrain(
    model: gemma2.Model,
    tokenizer: Tokenizer,
    pairs: list[Pair],
    texts: list[list[str]],
    recipe: Recipe,
) -> float:
    """Train all weights in place; returns the mean loss of the last 20 steps.

    World rows and copy rows are two micro-batches of one step: copy rows are
    longer, and padding world rows to them would cost a third of the time.
    """
    rng = random.Random(recipe.seed)
    optimizer = optim.AdamW(learning_rate=rate(recipe), weight_decay=0.01)
    loss_and_gradient = nn.value_and_grad(model, loss_of)
    losses: list[float] = []
    long_texts = [text for text in texts if len(text) > 1]
    order: list[Pair] = []
    for step in range(1, recipe.steps + 1):
        if len(order) < recipe.world_rows:
            order += rng.sample(pairs, len(pairs))
        asked = [asked_otherwise(pair, rng) for pair in order[: recipe.world_rows]]
        order = order[recipe.world_rows :]
        drills = [copy_row(texts, rng) for _ in range(recipe.copy_rows)]
        drills += [continue_row(long_texts, rng) for _ in range(recipe.continue_rows)]
        batches = [batch([encode(tokenizer, row) for row in rows]) for rows in (asked, drills)]
        tokens = sum(targets.size for _, _, targets in batches)
        parts = [loss_and_gradient(model, tokens, *rows) for rows in batches]
        gradient, _ = optim.clip_grad_norm(tree_map(add, parts[0][1], parts[1][1]), 1.0)
        optimizer.update(model, gradient)
        mx.eval(model.parameters(), optimizer.state)
        losses.append((parts[0][0] + parts[1][0]).item())
        if step % 100 == 0:
            print(f"step {step} loss {sum(losses[-100:]) / 100:.3f}", flush=True)
    return sum(losses[-20:]) / len(losses[-20:])


def write_model(folder: Path, model: gemma2.Model, settings: dict[str, object]) -> None:
    """`config.json`, `generation_config.json`, `model.safetensors` (float32)."""
    write_json(folder / "config.json", settings)
    stops = {name: settings[name] for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    write_json(folder / "generation_config.json", {**stops, "do_sample": False})
    weights: dict[str, mx.array] = dict(sorted(tree_flatten(model.parameters(), destination={}).items()))
    mx.save_safetensors(str(folder / "model.safetensors"), weights, metadata={"format": "mlx"})
