"""Counts of one file of rows, folded line by line; what is kept grows by a few numbers a row, never by its text."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from trainer.rows.pairs import Pairs
from trainer.rows.personal import find_personal
from trainer.rows.rows import Problem, Row, read_rows

EXAMPLES = 20
_NAMES_SHOWN = 50
_NAMES_COUNTED = 10_000
_NAME_CHARS = 120
_TOLD_EVERY = 2_000
# Answers past this are few in any file and most of what a sequence limit cuts off.
LONG_ANSWER_CHARS = 6_000
OTHER = "(others)"
# Gemma's control words: in a row's text the tokenizer cannot tell them from the prompt format's own.
MARKS = ("<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>")


@dataclass
class PersonalCount:
    """Finds of one kind, the rows they stand in, and the first of those lines."""

    finds: int = 0
    rows: int = 0
    lines: list[int] = field(default_factory=list)


@dataclass
class Tally:
    """Fold of `read_rows`."""

    rows: int = 0
    bad_rows: int = 0
    marked_rows: int = 0
    bad: dict[str, list[Problem]] = field(default_factory=dict)
    bad_counts: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    question_chars: array = field(default_factory=lambda: array("I"))
    answer_chars: array = field(default_factory=lambda: array("I"))
    row_chars: array = field(default_factory=lambda: array("I"))
    personal: dict[str, PersonalCount] = field(default_factory=dict)
    pairs: Pairs = field(default_factory=Pairs)

    def add(self, item: Row | Problem) -> None:
        if isinstance(item, Problem):
            self.bad_rows += 1
            self.bad_counts[item.kind] += 1
            examples = self.bad.setdefault(item.kind, [])
            if len(examples) < EXAMPLES:
                examples.append(item)
            return
        self.rows += 1
        text = f"{item.question}\n{item.answer}"
        if item.system or item.turns:
            text = "\n".join([text, item.system, *(part for turn in item.turns for part in turn)])
        if "<" in text:
            self.marked_rows += any(mark in text for mark in MARKS)
        self.formats[item.format] += 1
        _count(self.categories, item.category)
        _count(self.sources, item.source)
        self.question_chars.append(len(item.question))
        self.answer_chars.append(len(item.answer))
        self.row_chars.append(item.chars)
        self.pairs.add(item)
        finds = find_personal(text)
        if finds:
            self._add_personal(item.line, Counter(find.kind for find in finds))

    def _add_personal(self, line: int, kinds: Counter[str]) -> None:
        for kind, finds in kinds.items():
            count = self.personal.setdefault(kind, PersonalCount())
            count.finds += finds
            count.rows += 1
            if len(count.lines) < EXAMPLES:
                count.lines.append(line)

    def summary(self) -> dict:
        """The file's part of `inspect`'s answer; lengths in characters."""
        return {
            "rows": self.rows,
            "badRows": self.bad_rows,
            "markedRows": self.marked_rows,
            "bad": [
                {"kind": kind, "count": count, "examples": [{"line": p.line, "reason": p.reason} for p in self.bad[kind]]}
                for kind, count in self.bad_counts.most_common()
            ],
            "formats": dict(self.formats.most_common()),
            "categories": dict(self.categories.most_common(_NAMES_SHOWN)),
            "sources": dict(self.sources.most_common(_NAMES_SHOWN)),
            "distinctSources": len(self.sources),
            "personal": {kind: {"finds": count.finds, "rows": count.rows, "lines": count.lines} for kind, count in self.personal.items()},
            "rowChars": lengths(self.row_chars),
            "questionChars": lengths(self.question_chars),
            "answerChars": lengths(self.answer_chars),
            "longAnswers": {"overChars": LONG_ANSWER_CHARS, "rows": sum(chars > LONG_ANSWER_CHARS for chars in self.answer_chars)},
        }


def tally_file(path: Path, read: Callable[[int], None] | None = None) -> Tally:
    """`read` is told the characters of rows as they are read, some thousand rows at a time. Raises what `read_rows` raises."""
    tally, characters = Tally(), 0
    for number, item in enumerate(read_rows(path)):
        tally.add(item)
        characters += 0 if isinstance(item, Problem) else item.chars
        if read is not None and number % _TOLD_EVERY == 0:
            read(characters)
            characters = 0
    return tally


def lengths(values: array) -> dict[str, int]:
    """Nearest-rank median and 95th percentile, and the largest; zeros where there is nothing."""
    if not values:
        return {"median": 0, "p95": 0, "max": 0}
    ordered = sorted(values)
    return {"median": ordered[(len(ordered) - 1) // 2], "p95": ordered[-(-95 * len(ordered) // 100) - 1], "max": ordered[-1]}


def _count(counter: Counter[str], name: str) -> None:
    shown = name[:_NAME_CHARS]
    counter[shown if shown in counter or len(counter) < _NAMES_COUNTED else OTHER] += 1
