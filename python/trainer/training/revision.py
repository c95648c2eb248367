"""`plan-revised`: from a step on, another micro-batch budget or a shorter sequence, with the same rows in the same steps.

The journal says from which step each revision is in force, so a resumed run cuts every step as the run did that was killed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trainer.rows.cut import cut_by_tokens, rounded
from trainer.rows.plan import Step
from trainer.rows.row_store import PreparedRow
from trainer.run.control import Control
from trainer.run.journal import read_own
from trainer.run.run_plan import Training


@dataclass(frozen=True)
class Revision:
    """None keeps the plan's value."""

    from_step: int = 1
    micro_batch_tokens: int | None = None
    max_seq_length: int | None = None

    def same_as(self, other: Revision) -> bool:
        return (self.micro_batch_tokens, self.max_seq_length) == (other.micro_batch_tokens, other.max_seq_length)


@dataclass(frozen=True)
class MicroBatch:
    """Every row is padded to `length` tokens."""

    rows: list[PreparedRow]
    length: int


def wanted(control: Control, training: Training, from_step: int) -> Revision:
    """What `control.json` asks for; a value that is the plan's own, or a sequence that is no shorter, is no revision."""
    tokens, limit = control.micro_batch_tokens, control.max_seq_length
    return Revision(
        from_step,
        None if tokens == training.micro_batch_tokens else tokens,
        None if limit is None or limit >= training.max_seq_length else limit,
    )


def replace_from(revisions: Sequence[Revision], revision: Revision) -> list[Revision]:
    """A later word replaces what was said before of the same and of later steps."""
    return [earlier for earlier in revisions if earlier.from_step < revision.from_step] + [revision]


def in_force(revisions: Sequence[Revision], step: int) -> Revision:
    return next((revision for revision in reversed(revisions) if revision.from_step <= step), Revision())


def read_revisions(journal: Path) -> list[Revision]:
    """As journalled, later lines winning; a lost journal means none, and the trainer then asks control.json afresh."""
    revisions: list[Revision] = []
    for event in read_own(journal, "plan-revised"):
        if revision := _parse(event):
            revisions = replace_from(revisions, revision)
    return revisions


def _parse(event: dict[str, Any]) -> Revision | None:
    try:
        return Revision(int(event["fromStep"]), event["microBatchTokens"], event["maxSeqLength"])
    except (ValueError, KeyError, TypeError):
        return None


def micro_batches(
    step: Step, get: Callable[[int], PreparedRow], revision: Revision, training: Training, calibrated: int | None = None
) -> list[MicroBatch]:
    """The step's rows as they are trained on: cut as the plan was, or again by the revised budget, or by the one that was measured."""
    kept = truncate([[get(row) for row in rows] for rows in step.micro_batches], revision.max_seq_length)
    budget = revision.micro_batch_tokens or calibrated or training.micro_batch_tokens
    if budget is None:
        return [MicroBatch(rows, max(row.length for row in rows)) for rows in kept]
    if revision.micro_batch_tokens is not None or revision.max_seq_length is not None or calibrated is not None:
        kept = cut_by_tokens([row for rows in kept for row in rows], budget)
    return [MicroBatch(rows, rounded(max(row.length for row in rows))) for rows in kept]


def recompute_over(calibrated: float | None, revision: Revision, training: Training) -> float | None:
    """The calibration's limit, which shrinks with a smaller budget: less memory was asked for, or it would not have been revised."""
    if calibrated is None or revision.micro_batch_tokens is None or training.micro_batch_tokens is None:
        return calibrated
    smaller = revision.micro_batch_tokens / training.micro_batch_tokens
    return min(calibrated, training.micro_batch_tokens) * min(1.0, smaller)


def truncate(cut: list[list[PreparedRow]], limit: int | None) -> list[list[PreparedRow]]:
    """Rows end at `limit` tokens; one that would lose its whole answer has nothing to teach and is left out.

    A step must have something to learn: where all its rows would go, its shortest one stays as it was.
    """
    if limit is None:
        return cut
    kept = [[replace(row, ids=row.ids[:limit]) for row in rows if row.answer_from < limit] for rows in cut]
    return [rows for rows in kept if rows] or [[min((row for rows in cut for row in rows), key=lambda row: row.length)]]


def describe_truncation(rows: Sequence[PreparedRow], limit: int) -> str | None:
    """One sentence for people about all rows of the run, None where the limit cuts nothing."""
    longer = sum(row.length > limit for row in rows)
    lost = sum(row.answer_from >= limit for row in rows)
    if not longer:
        return None
    left_out = f", {lost:,} of them with their whole answer, which are left out" if lost else ""
    return f"{longer:,} of {len(rows):,} rows are longer than {limit:,} tokens and lose what is over that{left_out}; this changes the loss."
