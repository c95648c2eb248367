"""Answers with mlx-lm's models and caches. Its `generate` and `BatchGenerator` are not used: they set a wired limit, which can panic a
Mac's kernel, and its Gemma-2 takes no mask of a batch (0.31.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from trainer.model.model import prompt_text
from trainer.run.run_plan import Format

# Attention's scores of so many tokens at once: with 8 rows of 2,048 some hundred megabytes.
_PREFILL_TOKENS = 512
# Logits of one row -> its next token.
Choose = Callable[[Any], Any]


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


def prompt_ids(tokenizer: Any, form: Format, question: str) -> list[int]:
    return tokenizer.encode(prompt_text(form, question), add_special_tokens=False)


def generate(
    model: Any, tokenizer: Any, prompt: Sequence[int], max_tokens: int, stops: set[int], goes_on: Callable[[], bool] = lambda: True
) -> Made | None:
    """The same answer each time: the likeliest token, with a key-value cache, until an end token or `max_tokens`.

    None where `goes_on()`, asked before each token, said no.
    """
    import mlx.core as mx
    from mlx_lm.generate import generate_step

    made: list[int] = []
    for token, _ in generate_step(mx.array(list(prompt)), model, max_tokens=max_tokens):
        if int(token) in stops:
            return _made(tokenizer, made, "end")
        made.append(int(token))
        if not goes_on():
            return None
    return _made(tokenizer, made, "length")


def generate_batch(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[Sequence[int]],
    max_tokens: int,
    stops: set[int],
    choose: Sequence[Choose] | None = None,
) -> list[Made]:
    """All prompts at once, padded on the left; greedy, or each by its own `choose`. Rows that have ended leave the batch.

    Greedy, it gives what `generate` gives (a test holds it on the practice model in float32); in half precision two tokens that are
    equally likely may change places, as they may between two machines.
    """
    import mlx.core as mx

    longest = max(len(prompt) for prompt in prompts)
    padding = [longest - len(prompt) for prompt in prompts]
    caches = _caches(model, padding)
    rows_of_ids = mx.array([[0] * pad + list(prompt) for pad, prompt in zip(padding, prompts, strict=True)])
    for start in range(0, longest - 1, _PREFILL_TOKENS):
        # Only the caches are computed: logits of a whole prompt would be gigabytes with a vocabulary of 256,000.
        model(rows_of_ids[:, start : min(start + _PREFILL_TOKENS, longest - 1)], cache=caches)
        mx.eval([cache.state for cache in caches])
        mx.clear_cache()
    inputs = rows_of_ids[:, -1:]
    made: list[list[int]] = [[] for _ in prompts]
    ends: list[Literal["end", "length"]] = ["length"] * len(prompts)
    rows = list(range(len(prompts)))
    for _ in range(max_tokens):
        logits = model(inputs, cache=caches)[:, -1, :]
        if choose is None:
            chosen = mx.argmax(logits, axis=-1)
        else:
            chosen = mx.concatenate([choose[row](logits[place : place + 1]) for place, row in enumerate(rows)])
        tokens: list[int] = chosen.tolist()  # type: ignore[assignment]  (one number a row)
        kept = []
        for place, (row, token) in enumerate(zip(rows, tokens, strict=True)):
            if token in stops:
                ends[row] = "end"
            else:
                made[row].append(token)
                kept.append(place)
        if not kept:
            break
        if len(kept) < len(rows):
            rows = [rows[place] for place in kept]
            for cache in caches:
                cache.filter(mx.array(kept))
        inputs = mx.array([[tokens[place]] for place in kept])
    return [_made(tokenizer, tokens, end) for tokens, end in zip(made, ends, strict=True)]


def _caches(model: Any, padding: list[int]) -> list[Any]:
    from mlx_lm.models.cache import BatchKVCache

    grouped = model.args.num_attention_heads != model.args.num_key_value_heads

    class Cache(BatchKVCache):
        def make_mask(self, *args: Any, **kwargs: Any) -> Any:
            # (rows, 1, queries, keys); Gemma-2's scores have one more axis where heads share their keys.
            mask = super().make_mask(*args, **kwargs)
            return mask[:, :, None] if grouped else mask

    return [Cache(padding) for _ in model.layers]


def _made(tokenizer: Any, tokens: list[int], stop: Literal["end", "length"]) -> Made:
    return Made(tokenizer.decode(tokens, skip_special_tokens=False), len(tokens), stop)
