"""The checkpoint a finished or stopped run is judged and exported by."""

from __future__ import annotations

from trainer.run.faults import Fault
from trainer.run.journal import Journal
from trainer.run.run_folder import RunFolder
from trainer.training.checkpoint import Checkpoint, newest


def require_newest(folder: RunFolder, journal: Journal) -> Checkpoint:
    """The newest one that verifies; newer ones that do not are journalled. Raises Fault run.no-checkpoint."""
    found, refusals = newest(folder.checkpoints)
    for refusal in refusals:
        journal.write("checkpoint-refused", step=refusal.step, path=folder.relative(refusal.path), reason=refusal.reason)
    if found is None:
        raise Fault("run.no-checkpoint", "This run has no sealed checkpoint yet.", "Continue training with: thortime resume.")
    return found
