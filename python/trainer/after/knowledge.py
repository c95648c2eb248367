"""Held-out questions and their rows' own answers: what the model knows of the data it was not trained on."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from trainer.rows.row_store import RowStore
from trainer.run.run_folder import RunFolder
from trainer.run.run_plan import RunPlan
from trainer.training.evaluate import Comparison, RowLoss, compare

# More rows than this are not looked at to find some that fit.
_LOOKED_AT = 2000


@dataclass(frozen=True)
class Question:
    """`prompt` and `answer` as tokens; the answer's without its end token."""

    row: int
    prompt: list[int]
    answer: list[int]


def questions(folder: RunFolder, plan: RunPlan, stops: set[int]) -> list[Question]:
    """At most `plan.knowledge`, drawn with the plan's seed from rows whose whole answer may be said in the tokens an answer has.

    None where there are no prepared held-out rows or answers are not told from questions in them.
    """
    if plan.knowledge == 0 or not plan.training.train_on_answer_only or not folder.held_out_rows.is_file():
        return []
    store = RowStore(folder.held_out_rows)
    ids = store.ids()
    looked_at = random.Random(plan.training.seed).sample(ids, min(len(ids), _LOOKED_AT))
    found: list[Question] = []
    for row in looked_at:
        if len(found) == plan.knowledge:
            break
        prepared = store.get(row)
        answer = prepared.ids[prepared.answer_from :]
        # One without its end token was cut off, so nobody knows the whole of it.
        if 1 < len(answer) <= plan.max_answer_tokens and answer[-1] in stops:
            found.append(Question(row, prepared.ids[: prepared.answer_from], answer[:-1]))
    store.close()
    return sorted(found, key=lambda question: question.row)


def compare_scores(before: Sequence[dict], after: Sequence[dict], seed: int) -> Comparison | None:
    """Paired over rows, each counting once; `difference` above 0 is better."""
    first, last = ([RowLoss(line["row"], line["score"], 1) for line in lines] for lines in (before, after))
    return compare(first, last, seed)
