"""One optimizer step: its plan as revised, micro-batches with a rest between them, the gradient of the whole step, one update."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import mlx.core as mx

from trainer.model.dropout import next_pass
from trainer.model.recompute import keep_or_recompute
from trainer.rows.plan import Step
from trainer.run.faults import Fault
from trainer.training.batch import number, to_batch
from trainer.training.divergence import see
from trainer.training.optimizer import add, apply_update, learning_rate, mean_and_clip, weigh
from trainer.training.revision import (
    MicroBatch,
    Revision,
    describe_truncation,
    in_force,
    micro_batches,
    recompute_over,
    replace_from,
    wanted,
)
from trainer.training.session import Session


@dataclass(frozen=True)
class StepResult:
    """`loss` is the mean over the step's supervised tokens, `grad_norm` the global norm before clipping."""

    loss: float
    grad_norm: float
    rate: float
    tokens: int
    supervised_tokens: int
    padded_tokens: int
    seconds: float
    rest_seconds: float


@dataclass(frozen=True)
class Accumulated:
    """Of the whole step: `gradients` and `loss_sum` summed over `supervised` tokens in float32, not yet divided."""

    gradients: Any
    loss_sum: mx.array
    supervised: mx.array
    tokens: int
    padded_tokens: int
    seconds: float
    rest_seconds: float


def begin_step(session: Session, number: int) -> tuple[Step, float]:
    """Rests as asked, then takes up a revised plan before the step is cut; (the step, seconds rested). Raises StopAsked."""
    rest = session.pace.between(session.worked)
    session.worked = 0.0
    control = session.control.read()
    asked = wanted(control, session.plan.training, number)
    latest = session.revisions[-1] if session.revisions else Revision()
    if not asked.same_as(latest):
        revise(session, asked, control.why)
    return session.batches.get(number), rest


def revise(session: Session, revision: Revision, why: str) -> None:
    """Journalled before it is in force, so that no step is cut in a way the journal does not know of."""
    session.journal.write(
        "plan-revised",
        fromStep=revision.from_step,
        microBatchTokens=revision.micro_batch_tokens,
        maxSeqLength=revision.max_seq_length,
        why=why,
    )
    session.revisions = replace_from(session.revisions, revision)
    limit = revision.max_seq_length
    if limit is not None and (said := describe_truncation([session.rows.get(row) for row in session.rows.ids()], limit)):
        session.journal.write("warned", kind="plan.truncated", message=said)


def accumulate(session: Session, batches: list[MicroBatch], recompute_over: float | None = None) -> Accumulated:
    """Forward and backward of each micro-batch, with a rest between them. Raises StopAsked; nothing of the model changes.

    `recompute_over`: micro-batches of more padded tokens keep no forward pass; None leaves the model as it is.
    """
    gradients, loss_sum, supervised = None, mx.array(0.0), mx.array(0.0)
    tokens = padded = 0
    seconds = rest = 0.0
    for place, micro_batch in enumerate(batches):
        rest += session.pace.between(session.worked) if place else 0.0
        start = time.monotonic()
        batch = to_batch(micro_batch.rows, session.pad_id, micro_batch.length)
        next_pass(session.masks)
        if recompute_over is not None:
            keep_or_recompute(session.model, batch.padded_tokens > recompute_over)
        (loss, count), gradient = session.loss_and_gradient(session.model, batch.ids, batch.lengths, batch.labels)
        gradients = add(gradients, weigh(gradient, count))
        loss_sum, supervised = loss_sum + loss * count, supervised + count
        mx.eval(gradients, loss_sum, supervised)
        session.worked = time.monotonic() - start
        seconds += session.worked
        tokens, padded = tokens + batch.tokens, padded + batch.padded_tokens
    return Accumulated(gradients, loss_sum, supervised, tokens, padded, seconds, rest)


def take_step(session: Session, step: Step, rested: float) -> StepResult:
    """One optimizer step. Until the update at its end nothing of the model changes, so StopAsked leaves the last applied step."""
    training, model = session.plan.training, session.model
    rate = learning_rate(training, session.total_steps, step.step - 1)
    mx.random.seed(step_seed(training.seed, step.step))
    revision = in_force(session.revisions, step.step)
    over = recompute_over(session.recompute_over, revision, training)
    done = accumulate(session, micro_batches(step, session.rows.get, revision, training, session.calibrated_tokens), over)
    start = time.monotonic()
    gradients, norm = mean_and_clip(done.gradients, done.supervised, training.max_grad_norm)
    mean = done.loss_sum / done.supervised
    mx.eval(norm, mean)
    if math.isfinite(number(norm)) and math.isfinite(number(mean)):
        apply_update(model, session.optimizer, gradients, rate, training.weight_decay)
        mx.eval(model.trainable_parameters(), session.optimizer.state)
    updating = time.monotonic() - start
    session.worked += updating
    return StepResult(
        loss=number(mean),
        grad_norm=number(norm),
        rate=rate,
        tokens=done.tokens,
        supervised_tokens=int(number(done.supervised)),
        padded_tokens=done.padded_tokens,
        seconds=done.seconds + updating,
        rest_seconds=rested + done.rest_seconds,
    )


def step_seed(seed: int, step: int) -> int:
    """One number for each (seed, step); the plan's seed is under 2^31."""
    return (seed << 32) + step


def advance(session: Session, step: Step, result: StepResult) -> None:
    """The step into the journal and the progress. Raises Fault run.diverged when it is not finite or the curve says so."""
    session.journal.write(
        "step",
        step=step.step,
        epoch=step.epoch,
        loss=result.loss,
        gradNorm=result.grad_norm,
        learningRate=result.rate,
        tokens=result.tokens,
        supervisedTokens=result.supervised_tokens,
        paddedTokens=result.padded_tokens,
        seconds=round(result.seconds, 6),
        restSeconds=round(result.rest_seconds, 6),
    )
    progress = session.progress
    why: str | None = f"the loss is {result.loss} and the gradient's norm {result.grad_norm}"
    if math.isfinite(result.loss) and math.isfinite(result.grad_norm):
        warming_up = step.step <= session.plan.training.warmup_steps
        progress.watch, why = see(progress.watch, result.loss, result.grad_norm, warming_up)
    if why:
        raise Fault(
            "run.diverged",
            f"Training diverged at step {step.step}: {why}.",
            (f"The checkpoint of step {session.sealed_step} is unharmed. " if session.sealed_step else "")
            + "Start again with a lower learning_rate (× 0.4) and a longer warm-up.",
        )
    progress.step, progress.epoch = step.step, step.epoch
    progress.tokens += result.tokens
    progress.seconds = round(progress.seconds + result.seconds, 6)
    progress.firstLoss = result.loss if progress.firstLoss is None else progress.firstLoss
    progress.lastLoss, progress.heldOutLoss = result.loss, None
