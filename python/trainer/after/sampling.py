"""Sampling as the deployed model will, from a seed: the same draw whatever else is in the batch."""

from __future__ import annotations

from typing import Any

from trainer.model.generate import Choose
from trainer.run.run_plan import Sampling

# llama.cpp's own: how far back a repetition counts.
_PENALISED_TOKENS = 64


def sampler(sampling: Sampling, seed: int) -> Choose:
    """Logits (1, vocabulary) -> token (1,): repeat penalty, then top-k, top-p and temperature, in Ollama's order."""
    import mlx.core as mx
    from mlx_lm.sample_utils import apply_top_k, apply_top_p

    key = mx.random.key(seed)
    recent: list[int] = []

    def choose(logits: Any) -> Any:
        nonlocal key
        logits = _penalise(logits.astype(mx.float32), recent, sampling.repeat_penalty)
        if sampling.temperature == 0:
            token = mx.argmax(logits, axis=-1)
        else:
            key, now = mx.random.split(key)
            kept = apply_top_k(logits, sampling.top_k) if 0 < sampling.top_k < logits.shape[-1] else logits
            chances = kept - mx.logsumexp(kept, axis=-1, keepdims=True)
            chances = apply_top_p(chances, sampling.top_p) if sampling.top_p < 1 else chances
            token = mx.random.categorical(chances / sampling.temperature, key=now)
        said: list[int] = token.tolist()  # type: ignore[assignment]  (one number a row)
        recent.extend(said)
        del recent[:-_PENALISED_TOKENS]
        return token

    return choose


def _penalise(logits: Any, recent: list[int], penalty: float) -> Any:
    """A token that was said lately is less likely: positive logits divided, negative ones multiplied."""
    import mlx.core as mx

    if penalty == 1 or not recent:
        return logits
    places = mx.array(sorted(set(recent)))
    said = logits[:, places]
    logits[:, places] = mx.where(said > 0, said / penalty, said * penalty)
    return logits
