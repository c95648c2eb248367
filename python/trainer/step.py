"""One optimizer step: micro-batches with a rest between them, the gradient of the whole step, one update."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import mlx.core as mx

from trainer.batch import number, to_batch
from trainer.dropout import next_pass
from trainer.faults import Fault
from trainer.optimizer import add, apply_update, learning_rate, mean_and_clip, weigh
from trainer.plan import Step
from trainer.session import Session


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


def take_step(session: Session, step: Step) -> StepResult:
    """One optimizer step. Until the update at its end nothing of the model changes, so StopAsked leaves the last applied step."""
    training, model = session.plan.training, session.model
    rate = learning_rate(training, session.total_steps, step.step - 1)
    mx.random.seed(step_seed(training.seed, step.step))
    gradients, loss_sum, supervised = None, mx.array(0.0), mx.array(0.0)
    tokens = padded = 0
    seconds = rest = 0.0
    for micro_batch in step.micro_batches:
        rest += session.pace.between(session.worked)
        start = time.monotonic()
        batch = to_batch([session.rows.get(row) for row in micro_batch], session.pad_id)
        next_pass(session.masks)
        (loss, count), gradient = session.loss_and_gradient(model, batch.ids, batch.lengths, batch.labels)
        gradients = add(gradients, weigh(gradient, count))
        loss_sum, supervised = loss_sum + loss * count, supervised + count
        mx.eval(gradients, loss_sum, supervised)
        session.worked = time.monotonic() - start
        seconds += session.worked
        tokens, padded = tokens + batch.tokens, padded + batch.padded_tokens
    start = time.monotonic()
    gradients, norm = mean_and_clip(gradients, supervised, training.max_grad_norm)
    mean = loss_sum / supervised
    mx.eval(norm, mean)
    if math.isfinite(number(norm)) and math.isfinite(number(mean)):
        apply_update(model, session.optimizer, gradients, rate, training.weight_decay)
        mx.eval(model.trainable_parameters(), session.optimizer.state)
    updating = time.monotonic() - start
    session.worked += updating
    return StepResult(number(mean), number(norm), rate, tokens, int(number(supervised)), padded, seconds + updating, rest)


def step_seed(seed: int, step: int) -> int:
    """One number for each (seed, step); the plan's seed is under 2^31."""
    return (seed << 32) + step


def advance(session: Session, step: Step, result: StepResult) -> None:
    """The step into the journal and the progress. Raises Fault run.diverged when it was not applied."""
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
    if not (math.isfinite(result.loss) and math.isfinite(result.grad_norm)):
        raise Fault(
            "run.diverged",
            f"Training diverged at step {step.step}: the loss is {result.loss} and the gradient's norm {result.grad_norm}.",
            (f"The checkpoint of step {session.sealed_step} is unharmed. " if session.sealed_step else "")
            + "Start again with a lower learning_rate (× 0.4) and a longer warm-up.",
        )
    progress = session.progress
    progress.step, progress.epoch = step.step, step.epoch
    progress.tokens += result.tokens
    progress.seconds = round(progress.seconds + result.seconds, 6)
    progress.firstLoss = result.loss if progress.firstLoss is None else progress.firstLoss
    progress.lastLoss, progress.heldOutLoss = result.loss, None
