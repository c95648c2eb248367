"""How the trained model reads its own answers, token by token: what the quantised model in Ollama is held against.

One pass over prompt and answer gives, at each place, what the model holds likeliest given the text before it, and how likely the answer's
own token was (core/parity.ts compares them). The tokens are those of the text, as Ollama gets it too; answers whose text is cut into other
tokens behind a prompt are left out.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from trainer.model.model import prompt_text
from trainer.run.durable import fsync_dir, fsync_fd
from trainer.run.run_plan import Format

# Parity is measured on so much and no more: 60 answers of 64 tokens are read in seconds here, and in Ollama in a minute or two.
SCORED_ANSWERS = 60
SCORED_TOKENS = 64
# Logits of a whole prompt would be gigabytes with a vocabulary of 256,000.
_PREFILL_TOKENS = 512
_BYTE_PIECE = re.compile(r"<0x([0-9A-F]{2})>")


class Answered(Protocol):
    """What is read of an answer (answer.Answer)."""

    @property
    def prompt(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def answer(self) -> str: ...
    @property
    def stop(self) -> str: ...


@dataclass(frozen=True)
class Scored:
    """A line of `answers/scored.jsonl`. `pieces` and `best` are the bytes of tokens in hexadecimal; `logprobs` natural logarithms.

    `ended`: the last place is the end token. `best[i]` is what the model holds likeliest at place i, `logprobs[i]` belongs to `pieces[i]`.
    """

    prompt: str
    step: int
    promptTokens: int
    pieces: list[str]
    best: list[str]
    logprobs: list[float]
    ended: bool


def write_scores(path: Path, model: Any, tokenizer: Any, form: Format, answers: Sequence[Answered], step: int) -> None:
    """The file gets its name when it is whole. Raises OSError."""
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as out:
        for answer in spread(answers, SCORED_ANSWERS):
            scored = score(model, tokenizer, form, answer, step)
            if scored is not None:
                out.write(json.dumps(asdict(scored)).encode() + b"\n")
        out.flush()
        fsync_fd(out.fileno())
    os.replace(partial, path)
    fsync_dir(path.parent)


def score(model: Any, tokenizer: Any, form: Format, answer: Answered, step: int) -> Scored | None:
    """None where there is nothing to read, or where the answer's tokens change those of its prompt."""
    import mlx.core as mx

    before = prompt_text(form, answer.text)
    prompt = _encode(tokenizer, before)
    whole = _encode(tokenizer, before + answer.answer)
    if whole[: len(prompt)] != prompt:
        return None
    own = whole[len(prompt) :]
    end = _encode(tokenizer, form.stops[0]) if form.stops else []
    ended = answer.stop == "end" and len(end) == 1 and len(own) < SCORED_TOKENS
    own = own[:SCORED_TOKENS] + (end if ended else [])
    if not own:
        return None
    logits = _logits(model, prompt, own).astype(mx.float32)
    best: list[int] = mx.argmax(logits, axis=-1).tolist()  # type: ignore[assignment]  (one number a place)
    chosen = mx.take_along_axis(logits, mx.array(own)[:, None], axis=-1)[:, 0] - mx.logsumexp(logits, axis=-1)
    logprobs: list[float] = chosen.tolist()  # type: ignore[assignment]  (one number a place)
    pieces = [piece_bytes(tokenizer, token).hex() for token in own]
    return Scored(
        prompt=answer.prompt,
        step=step,
        promptTokens=len(prompt),
        pieces=pieces,
        best=[piece_bytes(tokenizer, token).hex() for token in best],
        logprobs=[round(value, 6) for value in logprobs],
        ended=ended,
    )


def _logits(model: Any, prompt: list[int], own: list[int]) -> Any:
    """(tokens of `own`, vocabulary): what each of them was chosen from. Of the prompt only the cache is computed."""
    import mlx.core as mx
    from mlx_lm.models.cache import make_prompt_cache

    caches = make_prompt_cache(model)
    for start in range(0, len(prompt) - 1, _PREFILL_TOKENS):
        model(mx.array([prompt[start : min(start + _PREFILL_TOKENS, len(prompt) - 1)]]), cache=caches)
        mx.eval([cache.state for cache in caches])
    return model(mx.array([[prompt[-1], *own[:-1]]]), cache=caches)[0]


def piece_bytes(tokenizer: Any, token: int) -> bytes:
    """The bytes a token stands for in text: SentencePiece writes a space as ▁ and a lone byte as <0xNN>."""
    piece = str(tokenizer.convert_ids_to_tokens(token))
    byte = _BYTE_PIECE.fullmatch(piece)
    return bytes.fromhex(byte[1]) if byte else piece.replace("\u2581", " ").encode("utf-8", "replace")


def spread(answers: Sequence[Answered], most: int) -> list[Answered]:
    """At most so many, evenly over the list: prompts stand in it category by category."""
    if len(answers) <= most:
        return list(answers)
    return [answers[index * len(answers) // most] for index in range(most)]


def _encode(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False))
