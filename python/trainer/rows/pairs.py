"""Questions and answers of a file as 8-byte digests: 20 bytes a row, whatever the rows' length.

Two different texts among 2 million share a BLAKE2b-64 digest with a probability of about 1e-7.
"""

from __future__ import annotations

from array import array
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
    lines: array = field(default_factory=lambda: array("I"))

    def add(self, row: Row) -> None:
        self.questions.append(question_digest(row))
        self.answers.append(digest(row.answer))
        self.lines.append(row.line)

    def __iter__(self):
        return zip(self.questions, self.answers, self.lines, strict=True)
