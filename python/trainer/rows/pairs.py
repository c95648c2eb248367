"""Exact duplicates, contradicting answers and leakage, by 8-byte digests: 24 bytes a row, whatever the rows' length.

Two different texts among 2 million share a BLAKE2b-64 digest with a probability of about 1e-7.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

from trainer.rows.rows import Row


def digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8"), digest_size=8).digest(), "little")


def question_digest(row: Row) -> int:
    """Of everything the model reads before it answers: system text, earlier turns, question."""
    context = [row.system, *(text for turn in row.turns for text in turn)]
    return digest("\0".join([*context, row.question]) if any(context) else row.question)


@dataclass
class Pairs:
    """Questions, answers and line numbers of one file's rows, in order."""

    questions: array = field(default_factory=lambda: array("Q"))
    answers: array = field(default_factory=lambda: array("Q"))
    lines: array = field(default_factory=lambda: array("Q"))

    def add(self, row: Row) -> None:
        self.questions.append(question_digest(row))
        self.answers.append(digest(row.answer))
        self.lines.append(row.line)

    def __iter__(self):
        return zip(self.questions, self.answers, self.lines, strict=True)


@dataclass(frozen=True)
class Conflict:
    """One question with more than one answer; `places` are (file index, line) of its first rows, at most 20."""

    rows: int
    answers: int
    places: tuple[tuple[int, int], ...]


def find_duplicates(pairs: Pairs, limit: int) -> tuple[int, list[dict[str, int]]]:
    """(rows that repeat an earlier (question, answer) pair, the first `limit` of them)."""
    first: dict[tuple[int, int], int] = {}
    count, examples = 0, []
    for question, answer, line in pairs:
        earlier = first.setdefault((question, answer), line)
        if earlier != line:
            count += 1
            if len(examples) < limit:
                examples.append({"line": line, "firstLine": earlier})
    return count, examples


def find_conflicts(files: Iterable[Pairs]) -> list[Conflict]:
    """Questions with more than one answer over all files, most rows first."""
    files = list(files)
    first: dict[int, int] = {}
    # Most questions have one answer: only the others are worth a list each.
    groups: dict[int, list[tuple[int, int, int]]] = {
        question: [] for pairs in files for question, answer, _ in pairs if first.setdefault(question, answer) != answer
    }
    for index, pairs in enumerate(files):
        for question, answer, line in pairs:
            if question in groups:
                groups[question].append((answer, index, line))
    conflicts = []
    for group in groups.values():
        answers = len({answer for answer, _, _ in group})
        conflicts.append(Conflict(len(group), answers, tuple((index, line) for _, index, line in group[:20])))
    return sorted(conflicts, key=lambda conflict: (-conflict.rows, conflict.places))


def find_leaks(train: Pairs, held_out: Pairs, limit: int) -> dict:
    """Held-out rows whose pair, question or answer also stands in training."""
    pairs: dict[tuple[int, int], int] = {}
    for question, answer, line in train:
        pairs.setdefault((question, answer), line)
    questions, answers = set(train.questions), set(train.answers)
    leaked = [(line, pairs[(question, answer)]) for question, answer, line in held_out if (question, answer) in pairs]
    return {
        "pairs": len(leaked),
        "questions": sum(question in questions for question in held_out.questions),
        "answers": sum(answer in answers for answer in held_out.answers),
        "examples": [{"line": line, "trainLine": train_line} for line, train_line in leaked[:limit]],
    }
