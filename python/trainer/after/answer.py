"""`answer --run DIR --stage before|after`: each test prompt to the base model, or to base and newest adapter; greedy, one by one."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainer.after.generate import generate, stop_ids
from trainer.model.model import add_adapter, load_base
from trainer.run.durable import fsync_dir, fsync_fd
from trainer.run.faults import Fault
from trainer.run.run_folder import RunFolder
from trainer.run.run_plan import Prompt, RunPlan
from trainer.training.adapter import load_adapter
from trainer.training.checkpoint import Checkpoint, Damaged
from trainer.training.newest_checkpoint import require_newest

# A journal line holds 64 kB; its envelope and JSON's escapes need room too.
_TEXT_BYTES = 8_000
_ANSWER_BYTES = 40_000


@dataclass(frozen=True)
class Answer:
    """A line of `answers/<stage>.jsonl`; `step` of the adapter, 0 for the base model."""

    stage: str
    prompt: str
    category: str
    text: str
    answer: str
    tokens: int
    stop: str
    seconds: float
    step: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, choices=("before", "after"))


def run(args: argparse.Namespace) -> int:
    started = time.monotonic()
    folder: RunFolder = args.folder
    plan = folder.plan
    newest = require_newest(folder, args.journal) if args.stage == "after" else None
    path = folder.answers / f"{args.stage}.jsonl"
    step = newest.step if newest else 0
    if not _is_answered(path, plan.prompts, step):
        folder.answers.mkdir(exist_ok=True)
        _answer_all(folder, plan, args.stage, newest, path, args.journal)
    args.journal.write("answers-finished", stage=args.stage, answers=len(plan.prompts), seconds=round(time.monotonic() - started, 3))
    return 0


def _answer_all(folder: RunFolder, plan: RunPlan, stage: str, newest: Checkpoint | None, path: Path, journal: Any) -> None:
    """Goes on behind the answers a killed process left; the file gets its name when all are there."""
    partial = path.with_name(path.name + ".partial")
    step = newest.step if newest else 0
    kept = [answer for answer in _read(partial) if answer.step == step][: len(plan.prompts)]
    if not _fits(kept, plan.prompts[: len(kept)]):
        kept = []
    with partial.open("wb") as out:
        for answer in kept:
            _append(out, answer)
        model, tokenizer = load_model(folder, plan, newest)
        stops = stop_ids(tokenizer, plan.format)
        for prompt in plan.prompts[len(kept) :]:
            begun = time.monotonic()
            made = generate(model, tokenizer, plan.format, prompt.text, plan.max_answer_tokens, stops)
            seconds = round(time.monotonic() - begun, 3)
            answer = Answer(stage, prompt.id, prompt.category, prompt.text, made.text, made.tokens, made.stop, seconds, step)
            # First the journal: a kill between the two repeats an event, which replaces itself, and never loses one.
            journal_answer(journal, answer)
            _append(out, answer)
    os.replace(partial, path)
    fsync_dir(path.parent)


def load_model(folder: RunFolder, plan: RunPlan, newest: Checkpoint | None) -> tuple[Any, Any]:
    """(model ready to answer, tokenizer). Raises Fault model.*, run.adapter."""
    import mlx.core as mx

    mx.set_cache_limit(plan.training.cache_limit_bytes)
    model, tokenizer = load_base(folder.base_model.path, plan.training)
    if newest is not None:
        model = add_adapter(model, plan.training)
        try:
            load_adapter(model, newest.path)
        except Damaged as damage:
            raise Fault("run.adapter", f"The adapter of step {newest.step} cannot be used: {damage}.", "Start a new run.") from damage
    model.eval()
    return model, tokenizer


def journal_answer(journal: Any, answer: Answer) -> None:
    event = asdict(answer)
    event.pop("step")
    journal.write("answered", **{**event, "text": _clip(answer.text, _TEXT_BYTES), "answer": _clip(answer.answer, _ANSWER_BYTES)})


def _clip(text: str, limit: int) -> str:
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= limit else raw[:limit].decode("utf-8", "ignore") + "…"


def _append(out: Any, answer: Answer) -> None:
    out.write(json.dumps(asdict(answer), ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    out.flush()
    fsync_fd(out.fileno())


def _read(path: Path) -> Iterator[Answer]:
    """Whole lines of a file that may end in a torn one."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield Answer(**json.loads(line))
        except (ValueError, TypeError):
            return


def _fits(answers: list[Answer], prompts: list[Prompt]) -> bool:
    return [(answer.prompt, answer.text) for answer in answers] == [(prompt.id, prompt.text) for prompt in prompts]


def _is_answered(path: Path, prompts: list[Prompt], step: int) -> bool:
    answers = list(_read(path))
    return path.exists() and _fits(answers, prompts) and all(answer.step == step for answer in answers)
