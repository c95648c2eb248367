"""Which rows of the source files train, which are held out, and which are left out because both files hold them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trainer.rows.pairs import Pairs
from trainer.rows.rows import Row, read_rows
from trainer.rows.sample import stratified_sample
from trainer.run.faults import Fault
from trainer.run.run_plan import DataPlan


@dataclass(frozen=True)
class Split:
    """Line numbers in their files; `held_out_path` is the training file where a share of it is set aside."""

    train_path: Path
    train_lines: frozenset[int]
    held_out_path: Path
    held_out_lines: frozenset[int]
    leaked_rows: int


def split_rows(data: DataPlan, seed: int) -> Split:
    """Raises Fault data.no-rows and what `read_rows` raises.

    A held-out row is leaked when its (question, answer) pair stands anywhere in the training file, sampled or not, so that the
    quick test and the full night measure the same held-out rows.
    """
    train_path = Path(data.train)
    pairs, categories = _index(train_path)
    if data.heldOut is not None:
        held_path = Path(data.heldOut)
        held_pairs, _ = _index(held_path)
        training, held = list(range(len(categories))), list(range(len(held_pairs.lines)))
    else:
        held_path, held_pairs = train_path, pairs
        held = stratified_sample(categories, _share(len(categories), data.heldOutShare), seed, "held-out")
        training = sorted(set(range(len(categories))) - set(held))
    if not training:
        raise Fault("data.no-rows", f"{train_path.name} leaves no row to train on.", "Add rows, or name a held-out file of its own.")
    known = {(pairs.questions[index], pairs.answers[index]) for index in training}
    clean = [index for index in held if (held_pairs.questions[index], held_pairs.answers[index]) not in known]
    if data.rows is not None:
        chosen = stratified_sample([categories[index] for index in training], data.rows, seed, "rows")
        training = [training[index] for index in chosen]
    return Split(
        train_path,
        frozenset(pairs.lines[index] for index in training),
        held_path,
        frozenset(held_pairs.lines[index] for index in clean),
        len(held) - len(clean),
    )


def _index(path: Path) -> tuple[Pairs, list[str]]:
    pairs, categories = Pairs(), []
    names: dict[str, str] = {}
    for row in read_rows(path):
        if isinstance(row, Row):
            pairs.add(row)
            categories.append(names.setdefault(row.category, row.category))
    return pairs, categories


def _share(rows: int, share: float) -> int:
    """At least one row, but never all of them."""
    return max(1, min(round(rows * share), rows - 1)) if rows > 1 else 0
