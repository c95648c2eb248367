"""Everything one training process holds: plan, data, model, optimizer and how far it is; opened at the newest whole checkpoint."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import mlx.core as mx
import mlx.nn as nn

from trainer.model.dropout import MaskOnce, install
from trainer.model.model import add_adapter, count_parameters, load_base, make_loss, needs_chunks
from trainer.rows.row_store import BatchPlan, RowStore, require_prepared
from trainer.run.control import ControlFile
from trainer.run.journal import Journal
from trainer.run.run_folder import RunFolder
from trainer.run.run_plan import RunPlan
from trainer.training import checkpoint, retention
from trainer.training.adapter import load_adapter, load_optimizer
from trainer.training.checkpoint import Checkpoint, Damaged, Refusal
from trainer.training.divergence import Watch
from trainer.training.optimizer import make_optimizer
from trainer.training.pace import Pace
from trainer.training.revision import Revision, read_revisions
from trainer.training.verified import Verified
from trainer.training.watch_held_out import WORSE_IN_A_ROW, HeldOutWatch


@dataclass
class Progress:
    """How far the run is: `state.json` of a checkpoint. `heldOutLoss` is null where this very step was not evaluated."""

    step: int = 0
    epoch: float = 0.0
    seed: int = 0
    tokens: int = 0
    seconds: float = 0.0
    firstLoss: float | None = None
    lastLoss: float | None = None
    heldOutLoss: float | None = None
    checkpointRequest: int = 0
    watch: Watch = field(default_factory=Watch)
    heldOut: HeldOutWatch = field(default_factory=HeldOutWatch)
    # What early tests have taken.
    earlySeconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(value: dict[str, Any]) -> Progress:
        """Fields that another version wrote and this one does not know are left out."""
        found = Progress(**{known.name: value[known.name] for known in fields(Progress) if known.name in value})
        return replace(found, watch=Watch.from_json(value.get("watch")), heldOut=HeldOutWatch.from_json(value.get("heldOut")))


@dataclass
class Session:
    folder: RunFolder
    journal: Journal
    plan: RunPlan
    batches: BatchPlan
    rows: RowStore
    held_out: RowStore | None
    model: Any
    loss: Any
    loss_and_gradient: Any
    optimizer: Any
    masks: list[MaskOnce]
    tokenizer: Any
    pad_id: int
    control: ControlFile
    pace: Pace
    progress: Progress
    sealed_step: int
    revisions: list[Revision]
    sealed_at: float = field(default_factory=time.monotonic)
    verified: Verified = field(default_factory=Verified)
    removal: retention.Removal = field(default_factory=retention.Removal)
    # Seconds of work since the last rest could be taken.
    worked: float = 0.0
    # The budget that was measured here, in place of the plan's.
    calibrated_tokens: int | None = None
    # Micro-batches of more padded tokens do their forward pass again; None: all as the plan says.
    recompute_over: float | None = None
    # Seconds that the longest answer of an early test took.
    longest_early_test: float = 0.0

    @property
    def total_steps(self) -> int:
        return self.batches.steps

    @property
    def ends_early(self) -> bool:
        """The held-out loss has risen and the plan says to end then; a resumed process says the same."""
        return self.plan.training.early_stop and self.progress.heldOut.worse >= WORSE_IN_A_ROW


def open_session(folder: RunFolder, journal: Journal) -> Session:
    """Journals `loaded`, refused checkpoints, `train-started` and, on any start but the first, `resumed`."""
    plan = folder.plan
    started_before = folder.checkpoints.exists()
    folder.checkpoints.mkdir(exist_ok=True)
    folder.evaluations.mkdir(exist_ok=True)
    for place in (folder.checkpoints, folder.evaluations):
        retention.sweep(place)
    require_prepared(folder)
    batches, rows = BatchPlan(folder.batches), RowStore(folder.train_rows)
    held_out = _held_out(folder)
    model, tokenizer = _load(folder, journal, plan)
    optimizer = make_optimizer(plan.training)
    optimizer.init(model.trainable_parameters())
    mx.eval(optimizer.state)
    found = _resume(folder, journal, model, optimizer)
    progress = Progress.from_json(found.state) if found else Progress(seed=plan.training.seed)
    _forget_evaluations_after(folder, progress.step)
    loss, control = make_loss(model, needs_chunks(plan.training, model.args.vocab_size)), ControlFile(folder.control_path)
    rhythm = {} if held_out is None else {"evalSteps": plan.training.eval_steps}
    journal.write("train-started", fromStep=progress.step, totalSteps=batches.steps, **rhythm)
    if started_before:
        journal.write("resumed", fromStep=progress.step)
    return Session(
        folder=folder,
        journal=journal,
        plan=plan,
        batches=batches,
        rows=rows,
        held_out=held_out,
        model=model,
        loss=loss,
        loss_and_gradient=nn.value_and_grad(model, loss),
        optimizer=optimizer,
        masks=install(model, plan.training.lora_dropout),
        tokenizer=tokenizer,
        pad_id=0 if tokenizer.pad_token_id is None else int(tokenizer.pad_token_id),
        control=control,
        pace=_pace(control, journal, plan, progress),
        progress=progress,
        sealed_step=progress.step,
        revisions=read_revisions(folder.journal_path),
    )


def _held_out(folder: RunFolder) -> RowStore | None:
    """None where there is nothing to evaluate."""
    rows = RowStore(folder.held_out_rows) if folder.held_out_rows.is_file() else None
    return rows if rows and rows.ids() else None


def _load(folder: RunFolder, journal: Journal, plan: RunPlan) -> tuple[Any, Any]:
    start = time.monotonic()
    # Without a limit MLX keeps every freed buffer, which on 16 GB ends in swap. A wired limit is never set.
    mx.set_cache_limit(plan.training.cache_limit_bytes)
    base, tokenizer = load_base(folder.base_model.path, plan.training)
    parameters, _ = count_parameters(base)
    quantized = any(hasattr(module, "bits") for _, module in base.named_modules())
    model = add_adapter(base, plan.training)
    mx.eval(model.parameters())
    model.train()
    journal.write(
        "loaded",
        parameters=parameters,
        trainableParameters=count_parameters(model)[1],
        quantized=quantized,
        dtype=plan.training.dtype,
        seconds=round(time.monotonic() - start, 3),
    )
    return model, tokenizer


def _resume(folder: RunFolder, journal: Journal, model: Any, optimizer: Any) -> Checkpoint | None:
    """The newest checkpoint that is whole and fits; each one refused on the way is journalled and set aside, at most once."""
    while True:
        found, refusals = checkpoint.newest(folder.checkpoints)
        if found:
            try:
                load_adapter(model, found.path)
                load_optimizer(model, optimizer, found.path)
            except Damaged as damage:
                refusals.append(Refusal(found.step, found.path, str(damage)))
                found = None
        for refusal in refusals:
            journal.write("checkpoint-refused", step=refusal.step, path=folder.relative(refusal.path), reason=refusal.reason)
            retention.set_aside(refusal.path)
        if found or not refusals:
            return found


def _forget_evaluations_after(folder: RunFolder, step: int) -> None:
    """What was measured on steps that are no longer there is measured again."""
    for entry in folder.evaluations.glob("step-*.jsonl"):
        number = entry.stem.removeprefix("step-")
        if number.isdigit() and int(number) > step:
            os.unlink(entry)


def _pace(control: ControlFile, journal: Journal, plan: RunPlan, progress: Progress) -> Pace:
    def apply_cache_limit(limit: int | None) -> None:
        mx.set_cache_limit(plan.training.cache_limit_bytes if limit is None else limit)

    return Pace(control, journal, progress.checkpointRequest, apply_cache_limit)
