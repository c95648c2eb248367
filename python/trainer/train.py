"""`train`: from the newest sealed checkpoint (or step 0) to the last step of the batch plan, obeying `control.json` on the way.

The loop is ours, the model, the loss and the 8-bit optimizer are Unsloth's; tests hold it bit-equal to Unsloth's own trainer on
the plain plan. Every step starts from a random state that depends on (seed, step) only, so a resumed run repeats an uninterrupted one.
"""

from __future__ import annotations

import argparse
import math
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import mlx.core as mx
import psutil

from trainer import checkpoint
from trainer.adapter import write_adapter, write_optimizer
from trainer.batch import number, to_batch
from trainer.dropout import next_pass
from trainer.durable import write_json_atomic
from trainer.evaluate import compare, evaluate, mean_loss, read_losses, write_losses
from trainer.faults import Fault
from trainer.optimizer import add, apply_update, learning_rate, mean_and_clip, weigh
from trainer.pace import StopAsked
from trainer.plan import Step
from trainer.session import Session, open_session

MEMORY_EVERY_STEPS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing of its own: everything stands in run.json."""


def run(args: argparse.Namespace) -> int:
    session = open_session(args.folder, args.journal)
    session.pace.seal_while_resting = lambda: seal(session, "asked")
    before = signal.signal(signal.SIGTERM, lambda _signal, _frame: session.pace.terminate())
    try:
        train(session)
    except StopAsked as stop:
        seal(session, "stop")
        session.journal.write("stopped", step=session.progress.step, why=stop.why)
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def train(session: Session) -> None:
    """Raises StopAsked, Fault run.diverged."""
    evaluate_if_due(session)
    for number in range(session.progress.step + 1, session.total_steps + 1):
        step = session.batches.get(number)
        result = take_step(session, step)
        advance(session, step, result)
        if number % MEMORY_EVERY_STEPS == 0 or number == 1:
            journal_memory(session)
        evaluate_if_due(session)
        if why := reason_to_seal(session):
            seal(session, why)
    finish(session)


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
            f"The checkpoint of step {session.sealed_step} is unharmed. Start again with a lower learning_rate (× 0.4) and a longer warm-up."
            if session.sealed_step
            else "Start again with a lower learning_rate (× 0.4) and a longer warm-up.",
        )
    progress = session.progress
    progress.step, progress.epoch = step.step, step.epoch
    progress.tokens += result.tokens
    progress.seconds = round(progress.seconds + result.seconds, 6)
    progress.firstLoss = result.loss if progress.firstLoss is None else progress.firstLoss
    progress.lastLoss, progress.heldOutLoss = result.loss, None


def journal_memory(session: Session) -> None:
    session.journal.write(
        "memory",
        activeBytes=mx.get_active_memory(),
        peakBytes=mx.get_peak_memory(),
        cacheBytes=mx.get_cache_memory(),
        residentBytes=psutil.Process().memory_info().rss,
    )


def evaluation_path(session: Session, step: int) -> Path:
    return session.folder.evaluations / f"{checkpoint.folder_name(step)}.jsonl"


def evaluate_if_due(session: Session) -> None:
    """At step 0, every `eval_steps` and at the end. An evaluation that a kill cut off, before or after its file, is not lost."""
    step = session.progress.step
    if session.held_out is None or (step % session.plan.training.eval_steps and step != session.total_steps):
        return
    start, path = time.monotonic(), evaluation_path(session, step)
    if path.exists():
        losses = read_losses(path)
    else:
        losses = evaluate(session.model, session.loss, session.held_out, session.pad_id, session.pace.between)
        write_losses(path, losses)
    loss, tokens = mean_loss(losses)
    session.journal.write("evaluated", step=step, loss=loss, rows=len(losses), tokens=tokens, seconds=round(time.monotonic() - start, 3))
    session.progress.heldOutLoss = loss if math.isfinite(loss) else None


def reason_to_seal(session: Session) -> str | None:
    training, step = session.plan.training, session.progress.step
    if step == session.total_steps:
        return "end"
    if session.pace.checkpoint_request > session.progress.checkpointRequest:
        return "asked"
    if step % training.save_steps == 0:
        return "schedule"
    if step % math.ceil(session.total_steps / 4) == 0:
        return "quarter"
    if time.monotonic() - session.sealed_at >= training.save_minutes * 60:
        return "minutes"
    return None


def seal(session: Session, why: str) -> None:
    """The last applied step, unless it is sealed already or there is none; only then the old ones go."""
    step = session.progress.step
    if step == session.sealed_step:
        return
    start = time.monotonic()
    session.progress.checkpointRequest = session.pace.checkpoint_request

    def write(folder: Path) -> None:
        write_adapter(folder, session.model, session.plan.training, session.plan.model_source)
        write_optimizer(folder, session.optimizer)
        write_json_atomic(folder / checkpoint.STATE, session.progress.to_json())

    done = checkpoint.seal(session.folder.checkpoints, step, write, session.journal.sync)
    session.sealed_step, session.sealed_at = step, time.monotonic()
    session.journal.write(
        "checkpoint-sealed",
        step=step,
        path=session.folder.relative(done.path),
        bytes=done.bytes,
        seconds=round(time.monotonic() - start, 3),
        why=why,
    )
    prune(session)


def prune(session: Session) -> None:
    place = session.folder.checkpoints
    for step in checkpoint.prunable([step for step, _ in checkpoint.sealed(place)], checkpoint.held_out_losses(place)):
        path = place / checkpoint.folder_name(step)
        checkpoint.remove(path)
        session.journal.write("checkpoint-pruned", step=step, path=session.folder.relative(path))


def finish(session: Session) -> None:
    progress = session.progress
    first, last = evaluation_path(session, 0), evaluation_path(session, progress.step)
    if first.exists() and last.exists():
        comparison = compare(read_losses(first), read_losses(last), session.plan.training.seed)
        if comparison:
            session.journal.write("held-out-compared", **asdict(comparison))
    session.journal.write(
        "train-finished",
        steps=progress.step,
        firstLoss=progress.firstLoss,
        lastLoss=progress.lastLoss,
        tokens=progress.tokens,
        seconds=progress.seconds,
    )
