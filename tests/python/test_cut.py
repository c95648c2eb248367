"""Promise: cut by a budget of padded tokens, every step trains on the rows the plain plan gives it, with the same gradient, and nearly
all tokens processed are real. Held in float32 with dropout 0; with dropout the masks follow the shapes, so only the same rows are held."""

from __future__ import annotations

import itertools
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import FORMAT, PRACTICE, TRAINING, Run
from lookalike import write_lookalike
from mlx.utils import tree_flatten

from trainer.model.model import encode_row, load_tokenizer
from trainer.rows.cut import MICRO_BATCH_COST_TOKENS, cut_by_tokens, rounded, shape_bound
from trainer.rows.plan import RowLength, make_batches, padded_tokens
from trainer.run.journal import Journal
from trainer.run.run_folder import RunFolder
from trainer.run.run_plan import parse_format, parse_training
from trainer.training.batch import number as number_of
from trainer.training.revision import Revision, micro_batches
from trainer.training.session import open_session
from trainer.training.step import accumulate

BUDGET = 512


def as_rows(lengths: list[int]) -> list[RowLength]:
    return [RowLength(row, length) for row, length in enumerate(lengths)]


def cost(cut: list[list[RowLength]]) -> int:
    return sum(len(rows) * rounded(max(row.length for row in rows)) + MICRO_BATCH_COST_TOKENS for rows in cut)


@pytest.mark.parametrize(("length", "grid"), [(1, 8), (8, 8), (9, 16), (255, 256), (256, 256), (257, 272), (1025, 1088), (2048, 2048)])
def test_lengths_are_rounded_up_a_little(length: int, grid: int) -> None:
    assert rounded(length) == grid == rounded(grid)


def test_every_row_once_and_within_the_budget() -> None:
    draws = random.Random(1)
    for _ in range(200):
        rows = as_rows([draws.randrange(1, 1500) for _ in range(draws.randrange(1, 40))])
        budget = draws.choice([16, 256, 512, 2048])
        cut = cut_by_tokens(rows, budget)
        assert sorted(row for part in cut for row in part) == sorted(rows)
        for part in cut:
            assert len(part) == 1 or len(part) * rounded(max(row.length for row in part)) <= budget
        assert cut == cut_by_tokens(rows, budget)
    assert cut_by_tokens([], 512) == []


def test_no_cut_of_the_sorted_rows_is_cheaper() -> None:
    draws = random.Random(2)
    for _ in range(60):
        rows = as_rows(sorted((draws.randrange(1, 400) for _ in range(8)), reverse=True))
        found = []
        for ends in itertools.product([False, True], repeat=len(rows) - 1):
            places = [0, *(place for place, ends_here in enumerate(ends, start=1) if ends_here), len(rows)]
            parts = [rows[begin:end] for begin, end in itertools.pairwise(places)]
            if all(len(part) == 1 or len(part) * rounded(part[0].length) <= BUDGET for part in parts):
                found.append(cost(parts))
        assert cost(cut_by_tokens(rows, BUDGET)) == min(found)


def test_small_rows_make_bounded_micro_batches() -> None:
    assert [len(part) for part in cut_by_tokens(as_rows([1] * 200), 10**6)] == [8, 64, 64, 64]


def test_a_budget_changes_neither_rows_nor_steps() -> None:
    lengths = [random.Random(row).randrange(5, 300) for row in range(70)]
    plain, cut = (
        list(make_batches(range(70), parse_training({**TRAINING, "max_steps": 9, "micro_batch_tokens": tokens}), lengths))
        for tokens in (None, BUDGET)
    )
    assert [(step.step, step.epoch) for step in plain] == [(step.step, step.epoch) for step in cut]
    for one, other in zip(plain, cut, strict=True):
        assert sorted(itertools.chain(*one.micro_batches)) == sorted(itertools.chain(*other.micro_batches))
    assert any(one.micro_batches != other.micro_batches for one, other in zip(plain, cut, strict=True))


def share(lengths: list[int]) -> tuple[float, float, int]:
    """(real share of an epoch cut plainly, by the budget, distinct shapes of the latter)."""
    shares, shapes = [], set()
    for tokens in (None, BUDGET):
        training = parse_training({**TRAINING, "max_steps": -1, "micro_batch_tokens": tokens})
        processed = 0
        for step in make_batches(range(len(lengths)), training, lengths):
            for part in step.micro_batches:
                padded = padded_tokens([lengths[row] for row in part], training)
                processed += padded
                if tokens:
                    shapes.add((len(part), padded // len(part)))
        shares.append(sum(lengths) / processed)
    return shares[0], shares[1], len(shapes)


def lengths_of(path: Path, limit: int) -> list[int]:
    tokenizer, format = load_tokenizer(PRACTICE / "model"), parse_format(FORMAT)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    encoded = [encode_row(tokenizer, format, row["input"], row["output"], limit) for row in rows]
    return [len(row.ids) for row in encoded if row.answer_from < len(row.ids)]


def test_nearly_all_processed_tokens_are_real(tmp_path: Path) -> None:
    """On the look-alike always, and on the user's own rows where THORTIME_JESSY names them."""
    write_lookalike(tmp_path)
    files = [tmp_path / "train.jsonl"]
    if folder := os.environ.get("THORTIME_JESSY"):
        files.append(Path(folder) / "jessy_maximum_train.jsonl")
    for path in files:
        lengths = lengths_of(path, 2048)
        plain, cut, shapes = share(lengths)
        bound = shape_bound(BUDGET, max(lengths), 16)
        print(f"{path.name}: {len(lengths)} rows, real share {plain:.3f} plain, {cut:.3f} cut at {BUDGET}, {shapes} shapes of {bound}")
        assert plain < 0.9 <= cut
        assert shapes <= bound < 300


def test_the_gradient_is_the_same(make_run: Callable[..., Run]) -> None:
    run = make_run(rows=33, held_out=0, max_steps=3, lora_dropout=0.0)
    session = open_session(RunFolder(run.path), Journal(run.path / "events.jsonl", "trainer", 0))
    # Steps of 16, 16 and 1 rows; B = 0 at first would leave A without a gradient.
    weights = dict(tree_flatten(session.model.trainable_parameters()))
    session.model.load_weights([(name, value + 0.01) for name, value in weights.items() if name.endswith("lora_b")], strict=False)
    for number in (1, 2, 3):
        step, training = session.batches.get(number), session.plan.training
        cuts = [micro_batches(step, session.rows.get, revision, training) for revision in (Revision(), Revision(1, 128, None))]
        assert number == 3 or [part.rows for part in cuts[0]] != [part.rows for part in cuts[1]]
        plain, cut = (accumulate(session, parts) for parts in cuts)
        assert (plain.tokens, number_of(plain.supervised)) == (cut.tokens, number_of(cut.supervised))
        one, other = (np.concatenate([np.array(leaf).ravel() for _, leaf in tree_flatten(done.gradients)]) for done in (plain, cut))
        assert np.linalg.norm(one) > 0
        assert np.linalg.norm(one - other) / np.linalg.norm(one) <= 1e-5


def test_the_loss_curve_is_the_same(make_run: Callable[..., Run]) -> None:
    plan: dict[str, Any] = {"rows": 72, "held_out": 2, "max_steps": 20, "lora_dropout": 0.0, "optim": "adamw"}
    plain, cut = make_run(**plan), make_run(**plan, micro_batch_tokens=256)
    assert plain.train() == cut.train() == 0
    cut.require_valid()
    curves = [[event["loss"] for event in run.events("step")] for run in (plain, cut)]
    assert curves[0] == pytest.approx(curves[1], abs=1e-4)
    assert curves[0][-1] < curves[0][0] - 0.5
    for one, other in zip(plain.events("step"), cut.events("step"), strict=True):
        assert [one[name] for name in ("tokens", "supervisedTokens")] == [other[name] for name in ("tokens", "supervisedTokens")]
    assert (plain.path / "data/batches.jsonl").read_text() != (cut.path / "data/batches.jsonl").read_text()
