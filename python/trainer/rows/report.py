"""Repeats, leaks and near rows as parts of `inspect`'s answer, with examples by line."""

from __future__ import annotations

from pathlib import Path

from trainer.rows.near import NearRows
from trainer.rows.repeats import Conflict, Repeats, first
from trainer.rows.rows import Row, read_rows
from trainer.rows.tally import EXAMPLES

_QUESTION_CHARS = 120
_LINES_SHOWN = 5


def describe_leaks(found: Repeats) -> dict | None:
    leaks = found.leaks
    if leaks is None:
        return None
    examples = [{"line": line, "trainLine": known} for line, known in first(EXAMPLES, leaks.lines, leaks.train_lines)]
    return {"pairs": len(leaks.lines), "questions": leaks.questions, "answers": leaks.answers, "examples": examples}


def describe_near(near: NearRows) -> dict:
    return {
        "rows": len(near.train),
        "examples": [{"line": line, "firstLine": known} for line, known in near.train[:EXAMPLES]],
        "leaks": {
            "rows": len(near.held_out),
            "examples": [{"line": line, "trainLine": known} for line, known in near.held_out[:EXAMPLES]],
        },
        "looked": near.looked,
        "complete": near.complete,
    }


def describe_conflicts(paths: list[Path], conflicts: list[Conflict]) -> list[dict]:
    """With the questions' texts, which are read again: only digests were kept."""
    questions: dict[tuple[int, int], str] = {}
    for index, path in enumerate(paths):
        wanted = {conflict.places[0][1] for conflict in conflicts if conflict.places[0][0] == index}
        if wanted:
            found = (item for item in read_rows(path) if isinstance(item, Row) and item.line in wanted)
            questions.update({(index, row.line): row.question[:_QUESTION_CHARS] for row in found})
    return [
        {
            "question": questions.get(conflict.places[0], ""),
            "rows": conflict.rows,
            "answers": conflict.answers,
            "places": [{"file": index, "line": line} for index, line in conflict.places[:_LINES_SHOWN]],
        }
        for conflict in conflicts
    ]
