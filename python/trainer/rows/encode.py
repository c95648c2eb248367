"""Chosen rows of a file as token rows, one JSON line each; rows that would lose their whole answer are dropped and counted."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.model.model import encode_row
from trainer.rows.rows import Row, read_rows
from trainer.run.durable import fsync_file
from trainer.run.run_plan import RunPlan


@dataclass
class EncodedFile:
    """`lengths` in tokens, by row id; `supervised` tokens carry labels."""

    lengths: array = field(default_factory=lambda: array("L"))
    supervised: int = 0
    truncated: int = 0
    dropped: int = 0


def encode_file(source: Path, lines: frozenset[int], out: Path, tokenizer: Any, plan: RunPlan) -> EncodedFile:
    """Writes `{"row", "line", "category", "ids", "answerFrom"}` lines; row ids count from 0. Raises what `read_rows` raises."""
    encoded = EncodedFile()
    with out.open("w", encoding="utf-8") as file:
        for row in read_rows(source):
            if not isinstance(row, Row) or row.line not in lines:
                continue
            ids, answer_from, truncated = encode_row(
                tokenizer, plan.format, row.question, row.answer, plan.training.max_seq_length, system=row.system, turns=row.turns
            )
            if answer_from >= len(ids):
                encoded.dropped += 1
                continue
            # The first token has nothing before it to be predicted from.
            labels_from = answer_from if plan.training.train_on_answer_only else 1
            value = {"row": len(encoded.lengths), "line": row.line, "category": row.category, "ids": ids, "answerFrom": labels_from}
            file.write(json.dumps(value, ensure_ascii=False) + "\n")
            encoded.lengths.append(len(ids))
            encoded.supervised += len(ids) - labels_from
            encoded.truncated += truncated
    fsync_file(out)
    return encoded
