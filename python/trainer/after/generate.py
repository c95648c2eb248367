"""Greedy answers with mlx-lm's generator. Its `generate` is not used: it sets a wired limit, which can panic a Mac's kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from trainer.model.model import prompt_text
from trainer.run.run_plan import Format


@dataclass(frozen=True)
class Made:
    """`tokens` counts the answer's own, without its end token."""

    text: str
    tokens: int
    stop: Literal["end", "length"]


def stop_ids(tokenizer: Any, form: Format) -> set[int]:
    """The run's stop texts that are one token each, and the model's own end of text."""
    stops = [tokenizer.encode(text, add_special_tokens=False) for text in form.stops]
    return {ids[0] for ids in stops if len(ids) == 1} | {int(tokenizer.eos_token_id)}


def generate(model: Any, tokenizer: Any, form: Format, question: str, max_tokens: int, stops: set[int]) -> Made:
    """The same answer each time: the likeliest token, with a key-value cache, until an end token or `max_tokens`."""
    import mlx.core as mx
    from mlx_lm.generate import generate_step

    prompt = tokenizer.encode(prompt_text(form, question), add_special_tokens=False)
    made: list[int] = []
    stop: Literal["end", "length"] = "length"
    for token, _ in generate_step(mx.array(prompt), model, max_tokens=max_tokens):
        if int(token) in stops:
            stop = "end"
            break
        made.append(int(token))
    return Made(tokenizer.decode(made, skip_special_tokens=False), len(made), stop)
