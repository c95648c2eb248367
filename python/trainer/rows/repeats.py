"""Rows that share a question: exact duplicates, contradictions with the loss floor they imply, and leakage into held-out rows.

**The loss floor.** A model that knows nothing but the question cannot foresee which of its answers is asked for. Where a question
stands in n rows and its i-th distinct answer in c_i of them, the least total loss on these rows, reached by p(answer i) = c_i / n,
is the sum of c_i · ln(n / c_i) nats: n times the entropy of the answers given the question (Shannon 1948). A row's loss is −ln p of
its whole answer, and by the chain rule that is the sum over the answer's tokens; so the sum over all questions, divided by the
file's supervised tokens, bounds from below the mean training loss per supervised token of any fixed weights. Repeats count as
rows, because training meets them as rows. Answers that the sequence limit cuts off may become equal, which would lower the floor;
they are counted whole here.
"""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log

from trainer.rows.pairs import Pairs

# Rows are looked at a share at a time, so that no dictionary ever holds all of a million questions.
_SHARES = 64
_PLACES = 20
_ROW_BITS = 32
_ROW = (1 << _ROW_BITS) - 1


@dataclass(frozen=True, order=True)
class Conflict:
    """One question with more than one answer. `places`: (file index, line) of its first rows, at most 20. Sorts by weight."""

    rows: int
    answers: int
    places: tuple[tuple[int, int], ...]


@dataclass
class Conflicts:
    """`questions` with more than one answer, the `rows` they stand in, and the heaviest of them, heaviest first.

    `floor_nats`: see the module's text. `minority_lines`: the rows that would go if each question kept its most frequent answer.
    """

    questions: int = 0
    rows: int = 0
    top: list[Conflict] = field(default_factory=list)
    floor_nats: float = 0.0
    minority_lines: array = field(default_factory=lambda: array("I"))


@dataclass
class Leaks:
    """Held-out rows whose pair or question stands in training; `lines` and `train_lines` are those of the pairs."""

    lines: array = field(default_factory=lambda: array("I"))
    train_lines: array = field(default_factory=lambda: array("I"))
    questions: int = 0
    answers: int = 0


@dataclass
class Duplicates:
    """Rows that repeat an earlier (question, answer) pair of their file, and the first row of that pair."""

    lines: array = field(default_factory=lambda: array("I"))
    first_lines: array = field(default_factory=lambda: array("I"))


@dataclass
class Repeats:
    """`conflicts` are those of both files together, `train_conflicts` those of the training file alone: only they bound its loss.

    `questions` and `pairs` (question, answer): how many distinct ones both files hold together.
    """

    questions: int
    pairs: int
    duplicates: list[Duplicates]
    conflicts: Conflicts
    train_conflicts: Conflicts
    leaks: Leaks | None


def find_repeats(train: Pairs, held_out: Pairs | None, shown: int) -> Repeats:
    """One pass over the rows that share a question with another; `shown` conflicts are kept by name."""
    files = [train] if held_out is None else [train, held_out]
    rows_in_all = sum(len(pairs.lines) for pairs in files)
    found = Repeats(
        rows_in_all, rows_in_all, [Duplicates() for _ in files], Conflicts(), Conflicts(), None if held_out is None else Leaks()
    )
    for group in _same_question(files):
        parts: list[list[int]] = [[] for _ in files]
        for place in group:
            parts[place >> _ROW_BITS].append(place & _ROW)
        found.questions -= len(group) - 1
        found.pairs -= len(group) - len({files[place >> _ROW_BITS].answers[place & _ROW] for place in group})
        for pairs, rows, duplicates in zip(files, parts, found.duplicates, strict=True):
            _add_duplicates(duplicates, pairs, rows)
        _add_conflict(found.conflicts, files, parts, shown)
        _add_conflict(found.train_conflicts, [train], parts[:1], shown)
        if held_out is not None and found.leaks is not None:
            _add_leaks(found.leaks, train, held_out, parts)
    for conflicts in (found.conflicts, found.train_conflicts):
        conflicts.top = sorted(conflicts.top, key=lambda conflict: (-conflict.rows, conflict.places))
    if held_out is not None and found.leaks is not None:
        wanted = set(held_out.answers)
        known = {answer for answer in train.answers if answer in wanted}
        found.leaks.answers = sum(answer in known for answer in held_out.answers)
    return found


def first(limit: int, keys: array, others: array) -> list[tuple[int, int]]:
    """The pairs with the smallest keys, in order."""
    return heapq.nsmallest(limit, zip(keys, others, strict=True))


def _same_question(files: list[Pairs]) -> Iterator[list[int]]:
    """Places (file << 32 | index) of rows with one question, in the files' order; only questions of more than one row."""
    shares = [array("Q") for _ in range(_SHARES)]
    for number, pairs in enumerate(files):
        for index, question in enumerate(pairs.questions):
            shares[question % _SHARES].append(number << _ROW_BITS | index)
    for share in shares:
        earliest: dict[int, int] = {}
        groups: dict[int, list[int]] = {}
        for place in share:
            question = files[place >> _ROW_BITS].questions[place & _ROW]
            known = earliest.setdefault(question, place)
            if known != place:
                groups.setdefault(question, [known]).append(place)
        yield from groups.values()


def _add_duplicates(found: Duplicates, pairs: Pairs, rows: list[int]) -> None:
    lines: dict[int, int] = {}
    for row in rows:
        line = pairs.lines[row]
        known = lines.setdefault(pairs.answers[row], line)
        if known != line:
            found.lines.append(line)
            found.first_lines.append(known)


def _add_conflict(found: Conflicts, files: list[Pairs], parts: list[list[int]], shown: int) -> None:
    counts = Counter(pairs.answers[row] for pairs, rows in zip(files, parts, strict=True) for row in rows)
    if len(counts) < 2:
        return
    total = sum(counts.values())
    found.questions += 1
    found.rows += total
    found.floor_nats += sum(count * log(total / count) for count in counts.values())
    places = [(number, files[number].lines[row]) for number, rows in enumerate(parts) for row in rows[:_PLACES]][:_PLACES]
    keep = heapq.heappush if len(found.top) < shown else heapq.heappushpop
    keep(found.top, Conflict(total, len(counts), tuple(places)))
    # Of equally frequent answers the earliest stays: Counter keeps the order of arrival.
    kept = counts.most_common(1)[0][0]
    found.minority_lines.extend(files[0].lines[row] for row in parts[0] if files[0].answers[row] != kept)


def _add_leaks(found: Leaks, train: Pairs, held_out: Pairs, parts: list[list[int]]) -> None:
    trained: dict[int, int] = {}
    for row in parts[0]:
        trained.setdefault(train.answers[row], train.lines[row])
    if not trained:
        return
    found.questions += len(parts[1])
    for row in parts[1]:
        line = trained.get(held_out.answers[row])
        if line is not None:
            found.lines.append(held_out.lines[row])
            found.train_lines.append(line)
