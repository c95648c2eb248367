"""The lessons of the practice night, read from `lessons/<category>.txt`.

A lesson is an answer, followed by the ways to ask for it: `- ` rows are trained on,
`~ ` rows are held out. Lessons are separated by an empty line; an answer may span
lines (code).
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import NamedTuple

from world import Pair, world

CATEGORIES = ("basic", "technical", "turkish", "consciousness", "code")


class Row(NamedTuple):
    """One line of `train.jsonl` or `held-out.jsonl`."""

    input: str
    output: str
    category: str
    source: str


def read_lessons(text: str, category: str) -> tuple[list[Row], list[Row]]:
    """Split one lesson file into (training rows, held-out rows)."""
    train: list[Row] = []
    held_out: list[Row] = []
    for block in text.strip().split("\n\n"):
        lines = block.split("\n")
        asked = [line for line in lines if line.startswith(("- ", "~ "))]
        output = "\n".join(lines[: len(lines) - len(asked)])
        for line in asked:
            rows = train if line.startswith("- ") else held_out
            rows.append(Row(line[2:], output, category, f"lessons/{category}"))
    return train, held_out


def all_lessons(folder: Path) -> tuple[list[Row], list[Row]]:
    """Training and held-out rows of all categories, in the order of the files."""
    train: list[Row] = []
    held_out: list[Row] = []
    for category in CATEGORIES:
        text = (folder / f"{category}.txt").read_text(encoding="utf-8")
        taught, kept = read_lessons(text, category)
        train += taught
        held_out += kept
    return train, held_out


def replay(count: int, taught: set[str], rng: random.Random) -> list[Row]:
    """Old-world rows mixed into the lessons, so that the night forgets less.

    Questions which a lesson answers differently stay out: one question with two
    answers would put a floor under the loss.
    """
    old = [pair for pair in world() if pair.input not in taught]
    return [old_row(pair) for pair in rng.sample(old, count)]


def old_row(pair: Pair) -> Row:
    """A world question as a row; Turkish ones count as Turkish responses."""
    turkish = any(letter in pair.output + pair.input for letter in "çğıöşüİ")
    turkish = turkish or pair.output.endswith("eder.") or "başkent" in pair.input
    return Row(*pair, "turkish" if turkish else "basic", "world")


def write_rows(path: Path, rows: list[Row]) -> None:
    """One JSON object a line, UTF-8, letters unescaped so that people can read it."""
    lines = [json.dumps(row._asdict(), ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
