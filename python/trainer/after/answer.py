"""`answer --run DIR --stage before|after`: the test prompts, and questions of held-out rows, to the base model or to base and adapter.

Greedy and in batches, all in one process; after training each persona prompt again with sampling, from seeds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainer.after.answer_file import Line, fill, read
from trainer.after.knowledge import compare_scores, questions
from trainer.after.overlap import MEASURE, chrf
from trainer.after.sampling import sampler
from trainer.after.score import write_scores
from trainer.model.generate import Choose, Made, generate_batch, prompt_ids, stop_ids
from trainer.model.model import add_adapter, load_base, load_tokenizer
from trainer.run.faults import Fault
from trainer.run.run_folder import RunFolder
from trainer.run.run_plan import Prompt, RunPlan
from trainer.training.adapter import load_adapter
from trainer.training.checkpoint import Checkpoint, Damaged
from trainer.training.chosen_checkpoint import require_chosen

# A journal line holds 64 kB; its envelope and JSON's escapes need room too.
_TEXT_BYTES = 8_000
_ANSWER_BYTES = 40_000


@dataclass(frozen=True)
class Answer:
    """A line of `answers/<stage>.jsonl`; `step` of the adapter, 0 for the base model; `seconds` its part of its batch's."""

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
    chosen = require_chosen(folder, args.journal).checkpoint if args.stage == "after" else None
    asking = Asking(folder, folder.plan, args.stage, chosen, args.journal)
    answers = asking.prompts()
    asking.knowledge()
    if args.stage == "after":
        asking.repeats()
        asking.scores(answers)
    args.journal.write("answers-finished", stage=args.stage, answers=len(answers), seconds=round(time.monotonic() - started, 3))
    return 0


class Asking:
    """One model asked everything; it is loaded when the first answer is missing."""

    def __init__(self, folder: RunFolder, plan: RunPlan, stage: str, chosen: Checkpoint | None, journal: Any):
        self._folder, self._plan, self._stage, self._chosen, self._journal = folder, plan, stage, chosen, journal
        self._step = chosen.step if chosen else 0
        self._loaded: tuple[Any, Any] | None = None

    def prompts(self) -> list[Line]:
        plan = self._plan

        def ask(first: int, last: int) -> list[Line]:
            some = plan.prompts[first:last]
            return [
                asdict(Answer(self._stage, prompt.id, prompt.category, prompt.text, made.text, made.tokens, made.stop, seconds, self._step))
                for prompt, (made, seconds) in zip(some, self._answer([self._ids(prompt) for prompt in some]), strict=True)
            ]

        keys = [{"prompt": prompt.id, "text": prompt.text} for prompt in plan.prompts]
        return fill(self._path(self._stage), self._step, keys, ask, lambda line: journal_answer(self._journal, Answer(**line)))

    def knowledge(self) -> None:
        """Journals `knowledge-compared` once both stages have answered."""
        tokenizer = load_tokenizer(self._folder.base_model.path)
        asked = questions(self._folder, self._plan, stop_ids(tokenizer, self._plan.format))
        if not asked:
            return

        def ask(first: int, last: int) -> list[Line]:
            some = asked[first:last]
            references = [tokenizer.decode(question.answer, skip_special_tokens=False) for question in some]
            return [
                {"row": question.row, "reference": reference, "answer": made.text, "score": round(chrf(made.text, reference), 6),
                 "stop": made.stop, "seconds": seconds, "step": self._step}
                for question, reference, (made, seconds) in zip(
                    some, references, self._answer([question.prompt for question in some]), strict=True
                )
            ]  # fmt: skip

        keys = [{"row": question.row} for question in asked]
        lines = fill(self._path(f"knowledge-{self._stage}"), self._step, keys, ask, lambda _line: None)
        before = list(read(self._path("knowledge-before"))) if self._stage == "after" else []
        if comparison := compare_scores(before, lines, self._plan.training.seed):
            self._journal.write("knowledge-compared", measure=MEASURE, **asdict(comparison))

    def repeats(self) -> None:
        plan = self._plan
        asked = [(prompt, seed) for prompt in plan.prompts if prompt.persona for seed in range(1, plan.persona_repeats + 1)]
        if not asked:
            return

        def ask(first: int, last: int) -> list[Line]:
            some = asked[first:last]
            made = self._answer([self._ids(prompt) for prompt, _ in some], [sampler(plan.sampling, seed) for _, seed in some])
            return [
                {"prompt": prompt.id, "text": prompt.text, "seed": seed, "answer": one.text, "tokens": one.tokens, "stop": one.stop,
                 "seconds": seconds, "step": self._step}
                for (prompt, seed), (one, seconds) in zip(some, made, strict=True)
            ]  # fmt: skip

        def note(line: Line) -> None:
            told = {name: line[name] for name in ("prompt", "seed", "tokens", "stop", "seconds")}
            self._journal.write("answer-repeated", **told, answer=_clip(line["answer"], _ANSWER_BYTES))

        keys = [{"prompt": prompt.id, "text": prompt.text, "seed": seed} for prompt, seed in asked]
        fill(self._path("repeats"), self._step, keys, ask, note)

    def scores(self, answers: list[Line]) -> None:
        """What parity with the model in Ollama is measured against; made anew where it is of another step."""
        path = self._path("scored")
        if any(line["step"] == self._step for line in read(path)):
            return
        model, tokenizer = self._model()
        write_scores(path, model, tokenizer, self._plan.format, [Answer(**line) for line in answers], self._step)

    def _ids(self, prompt: Prompt) -> list[int]:
        return prompt_ids(self._model()[1], self._plan.format, prompt.text)

    def _answer(self, prompts: Sequence[Sequence[int]], choose: Sequence[Choose] | None = None) -> list[tuple[Made, float]]:
        model, tokenizer = self._model()
        begun = time.monotonic()
        made = generate_batch(model, tokenizer, prompts, self._plan.max_answer_tokens, stop_ids(tokenizer, self._plan.format), choose)
        seconds = round((time.monotonic() - begun) / len(made), 3)
        return [(one, seconds) for one in made]

    def _model(self) -> tuple[Any, Any]:
        if self._loaded is None:
            self._loaded = load_model(self._folder, self._plan, self._chosen)
        return self._loaded

    def _path(self, name: str) -> Path:
        return self._folder.answers / f"{name}.jsonl"


def load_model(folder: RunFolder, plan: RunPlan, chosen: Checkpoint | None) -> tuple[Any, Any]:
    """(model ready to answer, tokenizer). Raises Fault model.*, run.adapter."""
    import mlx.core as mx

    mx.set_cache_limit(plan.training.cache_limit_bytes)
    model, tokenizer = load_base(folder.base_model.path, plan.training)
    if chosen is not None:
        model = add_adapter(model, plan.training)
        try:
            load_adapter(model, chosen.path)
        except Damaged as damage:
            raise Fault("run.adapter", f"The adapter of step {chosen.step} cannot be used: {damage}.", "Start a new run.") from damage
    model.eval()
    return model, tokenizer


def journal_answer(journal: Any, answer: Answer) -> None:
    event = asdict(answer)
    event.pop("step")
    journal.write("answered", **{**event, "text": _clip(answer.text, _TEXT_BYTES), "answer": _clip(answer.answer, _ANSWER_BYTES)})


def _clip(text: str, limit: int) -> str:
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= limit else raw[:limit].decode("utf-8", "ignore") + "…"
