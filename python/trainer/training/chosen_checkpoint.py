"""The checkpoint a run is judged and exported by: the one with the lowest held-out loss, or the newest where none was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trainer.run.faults import Fault
from trainer.run.journal import Journal
from trainer.run.run_folder import RunFolder
from trainer.training.checkpoint import Checkpoint, Damaged, sealed, verify
from trainer.training.retention import best_of


@dataclass(frozen=True)
class Chosen:
    """`loss` is its held-out loss, None where it was not measured; `last_step` the newest checkpoint's."""

    checkpoint: Checkpoint
    why: Literal["best", "newest"]
    loss: float | None
    last_step: int


def require_chosen(folder: RunFolder, journal: Journal) -> Chosen:
    """Of those that verify; the others are journalled. Raises Fault run.no-checkpoint."""
    whole: dict[int, Checkpoint] = {}
    for step, path in sealed(folder.checkpoints):
        try:
            whole[step] = verify(path, step)
        except Damaged as damage:
            journal.write("checkpoint-refused", step=step, path=folder.relative(path), reason=str(damage))
    if not whole:
        raise Fault("run.no-checkpoint", "This run has no sealed checkpoint yet.", "Continue training with: thortime resume.")
    losses = {step: float(loss) for step, one in whole.items() if isinstance(loss := one.state.get("heldOutLoss"), (int, float))}
    best, last = best_of(losses), max(whole)
    return Chosen(whole[last], "newest", losses.get(last), last) if best is None else Chosen(whole[best], "best", losses[best], last)
