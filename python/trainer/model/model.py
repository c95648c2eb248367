"""The base model through Unsloth's MLX engine, its tokenizer, and rows as tokens in the run's prompt format.

Nothing from a model folder may run code: `trust_remote_code` is off with no switch, the hub is not asked.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from trainer.model.model_folder import check_model_folder
from trainer.run.faults import Fault, understand
from trainer.run.run_plan import Format, Training


class Encoded(NamedTuple):
    """Tokens from `answer_from` on are the answer's, with its end token unless `truncated` cut it away."""

    ids: list[int]
    answer_from: int
    truncated: bool


def prompt_text(format: Format, question: str, *, system: str = "", turns: Sequence[tuple[str, str]] = ()) -> str:
    """What the model sees before it answers: the same bytes in training, in answers and in Ollama's template.

    `system` is the row's own and beats the format's; it stands in the first user turn. `turns` are earlier (question, answer) pairs.
    """
    said = system or format.system
    text, opening = format.bos, f"{said}\n\n" if said else ""
    for asked, answered in turns:
        text += f"{format.userPrefix}{opening}{asked}{format.turnEnd}{format.modelPrefix}{answered}{format.turnEnd}"
        opening = ""
    return f"{text}{format.userPrefix}{opening}{question}{format.turnEnd}{format.modelPrefix}"


def encode_row(
    tokenizer: Any, format: Format, question: str, answer: str, max_len: int, *, system: str = "", turns: Sequence[tuple[str, str]] = ()
) -> Encoded:
    """Prompt and answer are tokenized apart, because that is how the model meets them later: a prompt, then its own tokens.

    Over `max_len` the end is cut; `answer_from >= len(ids)` then means that nothing of the answer is left.
    """
    prompt = tokenizer.encode(prompt_text(format, question, system=system, turns=turns), add_special_tokens=False)
    # The newline after the end token is never learned: generation stops before it.
    ids = prompt + tokenizer.encode(answer + format.turnEnd.rstrip(), add_special_tokens=False)
    return Encoded(ids[:max_len], len(prompt), len(ids) > max_len)


def load_tokenizer(model_path: Path) -> Any:
    """A Hugging Face tokenizer with `encode(text, add_special_tokens=False)` and `decode(ids)`.

    Raises Fault model.tokenizer and what `check_model_folder` raises.
    """
    check_model_folder(model_path)
    _stay_local()
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(str(model_path), trust_remote_code=False, local_files_only=True)
    except Exception as error:
        raise understand(error) or Fault(
            "model.tokenizer", f"The tokenizer in {model_path} cannot be read ({_first_line(error)}).", "Choose a complete model folder."
        ) from error


def load_base(model_path: Path, training: Training) -> tuple[Any, Any]:
    """(model, tokenizer) in the plan's precision. Raises Fault model.load and what `check_model_folder` raises."""
    check_model_folder(model_path)
    _stay_local()
    from unsloth_zoo.mlx.loader import FastMLXModel

    try:
        return FastMLXModel.from_pretrained(
            str(model_path),
            max_seq_length=training.max_seq_length,
            dtype=training.dtype,
            load_in_4bit=training.load_in_4bit,
            load_in_16bit=not training.load_in_4bit,
            trust_remote_code=False,
            text_only=True,
            random_state=training.seed,
        )
    except Exception as error:
        # A full disk under the log or a lack of memory says nothing about the model.
        raise understand(error) or Fault(
            "model.load", f"The model in {model_path} cannot be loaded ({_first_line(error)}).", "Choose another base model."
        ) from error


def add_adapter(model: Any, training: Training) -> Any:
    """The model with fresh LoRA matrices (float32, B = 0) seeded by the plan, and only they trainable."""
    from unsloth_zoo.mlx.loader import FastMLXModel

    return FastMLXModel.get_peft_model(
        model,
        r=training.lora_r,
        target_modules=list(training.target_modules),
        lora_alpha=training.lora_alpha,  # type: ignore[arg-type]  (upstream infers `int` from its default)
        lora_dropout=training.lora_dropout,  # type: ignore[arg-type]
        use_gradient_checkpointing="mlx" if training.gradient_checkpointing else "none",
        random_state=training.seed,
        max_seq_length=training.max_seq_length,
    )


# Logits of a micro-batch under this need no chunks; 2,048 tokens of a 256,000-piece vocabulary are 2 GB, of the practice model 8 MB.
WHOLE_LOGITS_BYTES = 64 * 1024 * 1024


def needs_chunks(training: Training, vocabulary: int) -> bool:
    """Whether the loss goes over the logits in chunks: always on the plain plan, which stays Unsloth's own.

    Under a budget, small logits in float32 are kept whole, which is faster (docs/performance.md); in half precision the chunked
    loss is also the more exact one. Decided by the plan, so that a revision or a resume never changes the arithmetic.
    """
    if training.micro_batch_tokens is None or training.dtype != "float32":
        return True
    return max(training.micro_batch_tokens, training.max_seq_length) * vocabulary * 4 > WHOLE_LOGITS_BYTES


def make_loss(model: Any, cce: bool = True) -> Any:
    """`(model, ids, lengths, labels) -> (mean loss over supervised tokens, their number)`, Unsloth's.

    The chunked loss where the model's head allows it, as Unsloth's own trainer chooses; else Unsloth falls back by itself.
    """
    from unsloth_zoo.mlx.utils import make_baseline_loss_fn, make_cce_loss_fn

    return make_cce_loss_fn(model) if cce else make_baseline_loss_fn()


def count_parameters(model: Any) -> tuple[int, int]:
    """(all weights, trainable ones); a quantised matrix counts its weights, not the words they are packed in."""
    from mlx.utils import tree_flatten

    total = 0
    for _, module in model.named_modules():
        for name, value in module.items():
            if name in ("scales", "biases") and hasattr(module, "bits"):
                continue
            if hasattr(value, "size") and hasattr(value, "dtype"):
                total += value.size * 32 // module.bits if name == "weight" and hasattr(module, "bits") else value.size
    trainable = sum(value.size for value in dict(tree_flatten(model.trainable_parameters())).values())
    return total, trainable


def _stay_local() -> None:
    """Before the first import of the libraries: no hub, no CUDA probing, no telemetry."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "UNSLOTH_ZOO_DISABLE_GPU_INIT"):
        os.environ.setdefault(name, "1")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
