"""`run.json` as values (electron/core/plan.ts is the definition; the engine has validated it, so a misfit means another version)."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, TypeVar

from trainer.run.faults import Fault


@dataclass(frozen=True)
class Training:
    """Names and units are Hugging Face's `TrainingArguments` and PEFT's `LoraConfig`."""

    max_seq_length: int
    lora_r: int
    lora_alpha: float
    lora_dropout: float
    target_modules: list[str]
    micro_batch_size: int
    gradient_accumulation_steps: int
    learning_rate: float
    lr_scheduler_type: Literal["linear", "cosine", "constant"]
    warmup_steps: int
    weight_decay: float
    max_grad_norm: float
    num_train_epochs: float
    max_steps: int
    load_in_4bit: bool
    dtype: Literal["float32", "float16", "bfloat16"]
    optim: Literal["adamw_8bit", "adamw"]
    seed: int
    train_on_answer_only: bool
    gradient_checkpointing: bool
    save_steps: int
    save_minutes: float
    eval_steps: int
    cache_limit_bytes: int
    # Padded tokens a micro-batch may hold; None cuts by `micro_batch_size`. Plans from before it have no such key.
    micro_batch_tokens: int | None = None
    # Measures before step 1 which budget is fastest here and fits in memory, and takes it in place of `micro_batch_tokens`.
    calibrate: bool = False
    # Ends when the held-out loss was worse than the best twice in a row, instead of only saying so.
    early_stop: bool = False


@dataclass(frozen=True)
class Format:
    """bos + userPrefix + system + question + turnEnd + modelPrefix, then the answer and turnEnd."""

    family: str
    bos: str
    userPrefix: str
    modelPrefix: str
    turnEnd: str
    stops: list[str]
    system: str


@dataclass(frozen=True)
class DataPlan:
    train: str
    heldOut: str | None
    heldOutShare: float
    rows: int | None
    skipBadRows: bool


@dataclass(frozen=True)
class Prompt:
    id: str
    category: str
    text: str
    # It asks for what only training can teach: who the model is.
    persona: bool = False


@dataclass(frozen=True)
class Sampling:
    """Ollama's names; what the deployed model is asked with."""

    temperature: float = 0.8
    top_p: float = 0.9
    top_k: int = 40
    repeat_penalty: float = 1.1


@dataclass(frozen=True)
class RunPlan:
    id: str
    name: str
    kind: str
    data: DataPlan
    model_source: str
    model_local: bool
    format: Format
    training: Training
    prompts: list[Prompt]
    max_answer_tokens: int
    sampling: Sampling = Sampling()
    # How often each persona prompt is asked again with sampling.
    persona_repeats: int = 0
    # Held-out questions asked before and after.
    knowledge: int = 0
    # Ids of the prompts asked at each checkpoint.
    early_prompts: tuple[str, ...] = ()


T = TypeVar("T")


def _only(kind: type[T], value: dict[str, Any]) -> T:
    needed = [field.name for field in fields(kind) if field.name in value or field.default is MISSING]  # type: ignore[arg-type]
    return kind(**{name: value[name] for name in needed})


def parse_training(value: dict[str, Any]) -> Training:
    return _only(Training, value)


def parse_format(value: dict[str, Any]) -> Format:
    return _only(Format, value)


def parse_plan(value: dict[str, Any]) -> RunPlan:
    """Raises Fault `run.plan` when a value is missing."""
    try:
        return RunPlan(
            id=value["id"],
            name=value["name"],
            kind=value["kind"],
            data=_only(DataPlan, value["data"]),
            model_source=value["model"]["source"],
            model_local=value["model"]["local"],
            format=parse_format(value["format"]),
            training=parse_training(value["training"]),
            prompts=[_only(Prompt, prompt) for prompt in value["answers"]["prompts"]],
            max_answer_tokens=value["answers"]["maxTokens"],
            sampling=_only(Sampling, value["deploy"]["parameters"]),
            persona_repeats=value["answers"].get("personaRepeats", 0),
            knowledge=value["answers"].get("knowledge", 0),
            early_prompts=tuple(value["answers"].get("early", ())),
        )
    except (KeyError, TypeError) as error:
        raise Fault(
            "run.plan", f"run.json does not hold a plan this version understands ({error}).", "Start a new run with this version."
        ) from error
