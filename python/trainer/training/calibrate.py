"""Before step 1: measures on this machine, with this model, what a few micro-batches cost, and takes the fastest cut that fits in memory.

Journalled as `calibrated`; a resumed run takes what was found then. Nothing of the model changes while measuring, and what is random
in a step depends on (seed, step) only.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, replace

import mlx.core as mx
import mlx.nn as nn
import psutil

from trainer.model.dropout import next_pass
from trainer.model.model import make_loss, needs_chunks
from trainer.model.recompute import keep_or_recompute
from trainer.rows.cut import rounded
from trainer.rows.row_store import PreparedRow
from trainer.training.batch import to_batch
from trainer.training.calibration import Calibration, Measured, choose, costs_of, read_calibration, tries
from trainer.training.cost import Shape, fit
from trainer.training.session import Session

# At most so long, and at most this share of the training that it is to make faster: a test of two minutes is not measured for one.
LIMIT_SECONDS = 60.0
LIMIT_SHARE = 0.05
# A shape is measured this often while that takes less than half a second in all; the shortest counts, others were disturbed.
_REPEATS = 3
_ENOUGH_SECONDS = 0.5
# Fewer say too little about three parts of a cost.
_LEAST_SHAPES = 4
_TOO_SHORT = "This training is too short to measure the fastest micro-batches."
_TOO_LITTLE_MEMORY = "There is too little free memory to measure the fastest micro-batches; the plan's own are taken."
# Lengths are drawn from at most so many steps, evenly over the plan.
_SAMPLED_STEPS = 200
# Of the memory that is free, and of what the GPU may use: other programs wake up in a night too.
_FREE_SHARE = 0.6
_GPU_SHARE = 0.8


def calibrate_if_asked(session: Session) -> None:
    """Raises StopAsked between two shapes."""
    if not session.plan.training.calibrate:
        return
    found = read_calibration(session.folder.journal_path)
    if found is None:
        found = _calibrate(session)
    if found is not None:
        take(session, found)


def take(session: Session, found: Calibration) -> None:
    training = replace(session.plan.training, micro_batch_tokens=found.microBatchTokens)
    session.plan = replace(session.plan, training=training)
    session.calibrated_tokens = found.microBatchTokens
    session.recompute_over = math.inf if found.recomputeOver is None else found.recomputeOver
    session.loss = make_loss(session.model, needs_chunks(training, session.model.args.vocab_size))
    session.loss_and_gradient = nn.value_and_grad(session.model, session.loss)


def room_bytes() -> int:
    """What a micro-batch may take over what stands in memory now."""
    room = _FREE_SHARE * psutil.virtual_memory().available
    if mx.metal.is_available():
        room = min(room, _GPU_SHARE * int(mx.device_info()["max_recommended_working_set_size"]) - mx.get_active_memory())
    return max(0, int(room))


def _calibrate(session: Session) -> Calibration | None:
    """Measures and journals; None, said as a warning, where too little could be measured."""
    started = time.monotonic()
    steps = _sampled(session)
    longest = session.rows.longest
    # Each try that did not come to its end may have been killed for memory.
    room = room_bytes() >> tries(session.folder.journal_path)
    try:
        measured, too_large = _measure(session, steps, longest, room, started)
    finally:
        keep_or_recompute(session.model, session.plan.training.gradient_checkpointing)
        mx.clear_cache()
        mx.reset_peak_memory()
    seconds = round(time.monotonic() - started, 3)
    if len(measured) < _LEAST_SHAPES:
        # The plan's own batches are as right as they were; only speed is left on the table.
        session.journal.write("warned", kind="calibration.short", message=_TOO_LITTLE_MEMORY if too_large else _TOO_SHORT)
        return None
    found = choose(steps, longest, session.plan.training, costs_of(measured), room)
    session.journal.write(
        "calibrated",
        **asdict(found),
        typical=_typical(steps),
        longest=rounded(longest),
        roomBytes=room,
        shapes=[{**asdict(one), "seconds": round(one.seconds, 6)} for one in measured],
        seconds=seconds,
    )
    return found


def _sampled(session: Session) -> list[list[list[int]]]:
    """Row lengths of the plan's micro-batches, of steps spread evenly over it."""
    total = session.total_steps
    numbers = range(1, total + 1) if total <= _SAMPLED_STEPS else [1 + total * place // _SAMPLED_STEPS for place in range(_SAMPLED_STEPS)]
    return [[[session.rows.get(row).length for row in batch] for batch in session.batches.get(number).micro_batches] for number in numbers]


def _typical(steps: list[list[list[int]]]) -> int:
    return rounded(int(statistics.median(length for step in steps for batch in step for length in batch)))


def _shapes(typical: int, longest: int) -> Iterator[tuple[Shape, bool]]:
    """(shape, recomputed): apart in tokens and in length, so that each part of the cost shows; what needs least memory first."""
    longest = rounded(longest)
    many = max(2, min(16, longest // typical))
    yield Shape(1, typical), False
    yield Shape(1, typical), True
    yield Shape(2, typical), False
    yield Shape(many, typical), True
    yield Shape(1, longest), True
    yield Shape(many, typical), False
    yield Shape(1, longest), False
    yield Shape(2, longest), True
    yield Shape(2 * many, typical), False
    yield Shape(2, longest), False


def _measure(session: Session, steps: list[list[list[int]]], longest: int, room: int, started: float) -> tuple[list[Measured], int]:
    """What there was time and memory for, and how many shapes were too large to be tried."""
    model_row = session.rows.get(session.batches.get(1).micro_batches[0][0])
    wanted = list(dict.fromkeys(_shapes(_typical(steps), longest)))
    found: list[Measured] = []
    too_large = 0
    limit = LIMIT_SECONDS
    for place, (shape, recomputed) in enumerate(wanted):
        session.journal.write("calibrating", done=place, total=len(wanted))
        session.pace.between(0.0)
        alike = [one for one in found if one.recomputed == recomputed] or found
        if alike:
            # Once more than it is thought to need, because attention may show only here.
            if 1.5 * fit([(one.shape, float(one.bytes)) for one in alike]).of(shape) > room:
                too_large += 1
                continue
            if time.monotonic() - started + 1.5 * fit([(one.shape, one.seconds) for one in alike]).of(shape) > limit:
                break
        one = _measure_one(session, [_stretched(model_row, shape.length)] * shape.rows, recomputed)
        found.append(one)
        if place == 0:
            tokens = sum(len(batch) * max(batch) for step in steps for batch in step) / len(steps)
            limit = min(LIMIT_SECONDS, LIMIT_SHARE * session.total_steps * tokens * one.seconds / shape.tokens)
    return found, too_large


def _stretched(row: PreparedRow, length: int) -> PreparedRow:
    """The row's tokens again and again; what they are costs nothing, how many carry a label does."""
    ids = (row.ids * (length // row.length + 1))[:length]
    return PreparedRow(row.row, ids, max(1, min(length - 1, row.answer_from * length // row.length)))


def _measure_one(session: Session, rows: list[PreparedRow], recomputed: bool) -> Measured:
    keep_or_recompute(session.model, recomputed)
    batch = to_batch(rows, session.pad_id)
    taken: list[float] = []
    peak = 0
    # The first pass also makes what is made once for a shape (kernels, buffers).
    for number in range(_REPEATS + 1):
        gc.collect()
        mx.random.seed(number)
        before = mx.get_active_memory()
        mx.reset_peak_memory()
        start = time.monotonic()
        next_pass(session.masks)
        (loss, _), gradient = session.loss_and_gradient(session.model, batch.ids, batch.lengths, batch.labels)
        mx.eval(loss, gradient)
        taken.append(time.monotonic() - start)
        peak = max(peak, mx.get_peak_memory() - before)
        del loss, gradient
        if (len(taken) > 1 and sum(taken) > _ENOUGH_SECONDS) or taken[0] > _ENOUGH_SECONDS * 4:
            break
    return Measured(len(rows), batch.ids.shape[1], recomputed, min(taken[1:] or taken), peak)
