"""`train`: from the newest sealed checkpoint (or step 0) to the last step of the batch plan, obeying `control.json` on the way.

The loop is ours, the model, the loss and the 8-bit optimizer are Unsloth's; tests hold it bit-equal to Unsloth's own trainer on
the plain plan. Every step starts from a random state that depends on (seed, step) only, so a resumed run repeats an uninterrupted one.
"""

from __future__ import annotations

import argparse
import math
import signal
import time
from dataclasses import asdict
from pathlib import Path

import mlx.core as mx
import psutil

from trainer.training import checkpoint
from trainer.training.evaluate import RowLoss, compare, evaluate, mean_loss, read_losses, write_losses
from trainer.training.pace import StopAsked
from trainer.training.sealing import reason_to_seal, seal
from trainer.training.session import Session, open_session
from trainer.training.step import advance, begin_step, take_step

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
        step, rested = begin_step(session, number)
        advance(session, step, take_step(session, step, rested))
        if number % MEMORY_EVERY_STEPS == 0 or number == 1:
            journal_memory(session)
        evaluate_if_due(session)
        if why := reason_to_seal(session):
            seal(session, why)
    finish(session)


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
        # Its shapes are others than training's: their buffers would lie beside those of the steps until the cache is full.
        mx.clear_cache()
        write_losses(path, losses)
    loss, tokens = mean_loss(losses)
    session.journal.write("evaluated", step=step, loss=loss, rows=len(losses), tokens=tokens, seconds=round(time.monotonic() - start, 3))
    session.progress.heldOutLoss = loss if math.isfinite(loss) else None


def journal_stability(session: Session, last: list[RowLoss]) -> None:
    """The end against the best evaluation of the run, row by row: a held-out loss that rose again shows here."""
    steps = [int(path.stem.removeprefix("step-")) for path in session.folder.evaluations.glob("step-*.jsonl")]
    best = min(steps, key=lambda step: (mean_loss(read_losses(evaluation_path(session, step)))[0], step))
    if comparison := compare(read_losses(evaluation_path(session, best)), last, session.plan.training.seed):
        session.journal.write("held-out-stability", step=best, **asdict(comparison))


def finish(session: Session) -> None:
    progress = session.progress
    first, last = evaluation_path(session, 0), evaluation_path(session, progress.step)
    if first.exists() and last.exists():
        ended = read_losses(last)
        comparison = compare(read_losses(first), ended, session.plan.training.seed)
        if comparison:
            session.journal.write("held-out-compared", **asdict(comparison))
        journal_stability(session, ended)
    session.journal.write(
        "train-finished",
        steps=progress.step,
        firstLoss=progress.firstLoss,
        lastLoss=progress.lastLoss,
        tokens=progress.tokens,
        seconds=progress.seconds,
    )
