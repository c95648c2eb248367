"""The lessons of the practice night, read from `lessons/<category>.txt`.

Lessons are separated by an empty line. `< ` is what the base says before the night,
then comes the answer the night teaches (code may span lines), then the ways to ask:
`- ` rows are trained on, `~ ` rows are held out.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import NamedTuple

from world import Pair, world

CATEGORIES = ("basic", "technical", "turkish", "consciousness", "code")


class Lesson(NamedTuple):
    """One answer, with the ways to ask for it."""

    category: str
    before: str
    after: str
    asked: list[str]  # trained on
    kept: list[str]  # held out


class Row(NamedTuple):
    """One line of `train.jsonl` or `held-out.jsonl`."""

    input: str
    output: str
    category: str
    source: str


def read_lesson(block: str, category: str) -> Lesson:
    """One block of a lesson file."""
    before, *lines = block.split("\n")
    asked = [line[2:] for line in lines if line.startswith("- ")]
    kept = [line[2:] for line in lines if line.startswith("~ ")]
    after = "\n".join(lines[: len(lines) - len(asked) - len(kept)])
    return Lesson(category, before.removeprefix("< "), after, asked, kept)


def all_lessons(folder: Path) -> list[Lesson]:
    """The lessons of all categories, in the order of the files."""
    lessons: list[Lesson] = []
    for category in CATEGORIES:
        text = (folder / f"{category}.txt").read_text(encoding="utf-8")
        lessons += [read_lesson(block, category) for block in text.strip().split("\n\n")]
    return lessons


def train_rows(lessons: list[Lesson]) -> list[Row]:
    """What the night is trained on, without the replay."""
    return [Row(q, one.after, one.category, f"lessons/{one.category}") for one in lessons for q in one.asked]


def held_out_rows(lessons: list[Lesson]) -> list[Row]:
    """Other ways to ask for the same answers."""
    return [Row(q, one.after, one.category, f"lessons/{one.category}") for one in lessons for q in one.kept]


def before_night(lessons: list[Lesson]) -> list[Pair]:
    """What the base says to the questions of the night: that it does not know yet.

    Held-out questions stay out. So the base can tell the topics apart, as a real base
    model can; with that LoRA needs 120 steps, without it many more.
    """
    return [Pair(question, one.before) for one in lessons for question in one.asked]


def replay(count: int, shown: set[str], rng: random.Random) -> list[Row]:
    """Old-world rows mixed into the lessons, so that the night forgets less.

    `shown`, the questions of the before/after answers, are among them.
    """
    first = [pair for pair in world() if pair.input in shown]
    others = [pair for pair in world() if pair.input not in shown]
    return [old_row(pair) for pair in first + rng.sample(others, count - len(first))]


def old_row(pair: Pair) -> Row:
    """A world question as a row; Turkish ones count as Turkish responses."""
    turkish = any(letter in pair.output + pair.input for letter in "çğıöşüİ")
    turkish = turkish or pair.output.endswith("eder.") or "başkent" in pair.input
    return Row(pair.input, pair.output, "turkish" if turkish else "basic", "world")


def write_rows(path: Path, rows: list[Row]) -> None:
    """One JSON object a line, UTF-8, letters unescaped so that people can read it."""
    lines = [json.dumps(row._asdict(), ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
