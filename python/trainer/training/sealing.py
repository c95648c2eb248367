"""When the last applied step is sealed, with what, and what goes after it."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Iterator

import mlx.core as mx

from trainer.run.faults import NO_SPACE, Fault
from trainer.training import checkpoint, retention
from trainer.training.adapter import adapter_files, checkpoint_bytes, optimizer_files
from trainer.training.session import Session


def reason_to_seal(session: Session) -> str | None:
    training, step = session.plan.training, session.progress.step
    if step == session.total_steps or session.ends_early:
        return "end"
    if session.pace.checkpoint_request > session.progress.checkpointRequest:
        return "asked"
    if step % training.save_steps == 0:
        return "schedule"
    if step % math.ceil(session.total_steps / 4) == 0:
        return "quarter"
    if step == session.progress.heldOut.bestStep:
        return "best"
    if time.monotonic() - session.sealed_at >= training.save_minutes * 60:
        return "minutes"
    return None


def seal(session: Session, why: str) -> None:
    """The last applied step, unless it is sealed already or there is none; only then the old ones go. Raises Fault disk.full."""
    step = session.progress.step
    if step == session.sealed_step:
        return
    start = time.monotonic()
    session.progress.checkpointRequest = session.pace.checkpoint_request

    session.removal.wait()

    try:
        done = checkpoint.seal(session.folder.checkpoints, step, _contents(session), session.journal.sync)
    except OSError as error:
        raise _disk_full(session, error) or error from error
    session.sealed_step, session.sealed_at = step, time.monotonic()
    session.verified.note(done)
    session.journal.write(
        "checkpoint-sealed",
        step=step,
        path=session.folder.relative(done.path),
        bytes=done.bytes,
        seconds=round(time.monotonic() - start, 3),
        why=why,
    )
    # What was copied out to be written is not needed again before the next seal.
    mx.clear_cache()
    prune(session)


def _contents(session: Session) -> Iterator[tuple[str, checkpoint.Content]]:
    # The largest first: what takes longest to reach the medium has the most time.
    yield from optimizer_files(session.optimizer)
    yield from adapter_files(session.model, session.plan.training, session.plan.model_source)
    yield checkpoint.STATE, [json.dumps(session.progress.to_json(), ensure_ascii=False, allow_nan=False).encode()]


def _disk_full(session: Session, error: OSError) -> Fault | None:
    if error.errno not in NO_SPACE:
        return None
    needed, free = checkpoint_bytes(session.model, session.optimizer), shutil.disk_usage(session.folder.checkpoints).free
    kept = f"The checkpoint of step {session.sealed_step} is unharmed." if session.sealed_step else "No checkpoint was sealed yet."
    # A quota or a limit refuses although the disk has room.
    reason = "The disk is full" if free < needed else "The system allows no more to be written"
    return Fault(
        "disk.full",
        f"{reason}: the checkpoint of step {session.progress.step} needs {_size(needed)} and {_size(free)} are free. {kept}",
        f"Free {_size(max(needed - free, needed))}, then continue with: thortime resume.",
    )


def _size(size: int) -> str:
    """Megabytes as file managers count them."""
    return f"{size / 1e6:,.1f} MB"


def prune(session: Session) -> None:
    """Only what verifies counts as kept: two whole ones and the best remain even where the disk has damaged a newer one."""
    place = session.folder.checkpoints
    whole = checkpoint.whole(place, session.verified.verify)
    for step in retention.prunable(whole, {step: loss for step, loss in whole.items() if loss is not None}):
        path = place / checkpoint.folder_name(step)
        session.removal.begin(path)
        session.verified.forget(path)
        session.journal.write("checkpoint-pruned", step=step, path=session.folder.relative(path))
