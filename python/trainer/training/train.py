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
from trainer.training.calibrate import calibrate_if_asked
from trainer.training.chosen_checkpoint import require_chosen
from trainer.training.early_test import early_test
from trainer.training.evaluate import RowLoss, by_category, compare, evaluate, mean_loss, read_losses, write_losses
from trainer.training.pace import StopAsked
from trainer.training.sealing import reason_to_seal, seal
from trainer.training.session import Session, open_session
from trainer.training.step import advance, begin_step, take_step
from trainer.training.watch_held_out import see

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
        session.removal.wait()
    return 0


def train(session: Session) -> None:
    """Raises StopAsked, Fault run.diverged."""
    calibrate_if_asked(session)
    evaluate_if_due(session)
    for number in range(session.progress.step + 1, session.total_steps + 1):
        if session.ends_early:
            break
        step, rested = begin_step(session, number)
        advance(session, step, take_step(session, step, rested))
        if number % MEMORY_EVERY_STEPS == 0 or number == 1:
            journal_memory(session)
        evaluate_if_due(session)
        if why := reason_to_seal(session):
            seal(session, why)
            early_test(session)
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
    if step > 0:
        watch_held_out(session, step, losses)


def watch_held_out(session: Session, step: int, losses: list[RowLoss]) -> None:
    watch = session.progress.heldOut
    if see(watch, step, losses, lambda best: read_losses(evaluation_path(session, best)), session.plan.training.seed):
        session.journal.write(
            "held-out-worsened",
            step=step,
            loss=mean_loss(losses)[0],
            bestStep=watch.bestStep,
            bestLoss=watch.bestLoss,
            stops=session.ends_early,
        )


def journal_stability(session: Session, last: list[RowLoss]) -> None:
    """The end against the best evaluation of the run, row by row: a held-out loss that rose again shows here."""
    steps = [int(path.stem.removeprefix("step-")) for path in session.folder.evaluations.glob("step-*.jsonl")]
    best = min(steps, key=lambda step: (mean_loss(read_losses(evaluation_path(session, step)))[0], step))
    if comparison := compare(read_losses(evaluation_path(session, best)), last, session.plan.training.seed):
        session.journal.write("held-out-stability", step=best, **asdict(comparison))


def finish(session: Session) -> None:
    progress = session.progress
    chosen = require_chosen(session.folder, session.journal)
    step = chosen.checkpoint.step
    first, taken, last = (evaluation_path(session, one) for one in (0, step, progress.step))
    if first.exists() and taken.exists():
        journal_comparison(session, step, read_losses(first), read_losses(taken))
    if last.exists():
        journal_stability(session, read_losses(last))
    session.journal.write("checkpoint-chosen", step=step, lastStep=chosen.last_step, loss=chosen.loss, why=chosen.why)
    session.journal.write(
        "train-finished",
        steps=progress.step,
        firstLoss=progress.firstLoss,
        lastLoss=progress.lastLoss,
        tokens=progress.tokens,
        seconds=progress.seconds,
        early=progress.step < session.total_steps,
    )


def journal_comparison(session: Session, step: int, before: list[RowLoss], after: list[RowLoss]) -> None:
    """The base against the checkpoint that is taken: over all rows, then category by category."""
    comparison = compare(before, after, session.plan.training.seed)
    if comparison is None or session.held_out is None:
        return
    session.journal.write("held-out-compared", step=step, **asdict(comparison))
    categories = by_category(before, after, session.held_out.category)
    session.journal.write("held-out-by-category", step=step, categories=[asdict(one) for one in categories])
