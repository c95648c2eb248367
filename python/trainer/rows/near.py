"""Near-duplicates by MinHash and locality-sensitive hashing (Broder 1997; the library rensa).

Two rows are near when the sets of 5-character pieces of their question and answer (lower case, white space as one space, the first 20,000
characters) share at least 80 % (Jaccard), as estimated from 128 hashes: a standard error of about 0.035 at that point, so some pairs
between 73 % and 87 % fall on the other side. Exact repeats are counted elsewhere and not here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.rows.rows import Row, read_rows

THRESHOLD = 0.8
# A signature and its buckets take about 1.5 kB a row.
MAX_ROWS = 100_000
_HASHES, _BANDS, _SEED = 128, 32, 42
_PIECE, _MAX_CHARS = 5, 20_000
_CANDIDATES = 50


@dataclass
class NearRows:
    """(line, earlier line of the training file) by file; `looked`: rows compared of each; `complete`: no row was left out."""

    train: list[tuple[int, int]] = field(default_factory=list)
    held_out: list[tuple[int, int]] = field(default_factory=list)
    looked: list[int] = field(default_factory=list)
    complete: bool = True


def find_near(train: Path, held_out: Path | None, skip_train: frozenset[int], skip_held_out: frozenset[int]) -> NearRows:
    """Rows near to an earlier one of the training file; `skip_…` are lines of exact repeats and leaks.

    A row that is near to an earlier one is not compared with later ones, so work stays bounded where thousands are alike.
    Raises ImportError where rensa is missing, and what `read_rows` raises.
    """
    # It has no types of its own.
    from rensa import RMinHash, RMinHashLSH  # type: ignore[attr-defined]

    index, kept, found = RMinHashLSH(THRESHOLD, _HASHES, _BANDS), {}, NearRows()

    def nearest(signature: Any) -> int | None:
        candidates = sorted(index.query(signature))[:_CANDIDATES]
        return next((line for line in candidates if kept[line].jaccard(signature) >= THRESHOLD), None)

    for path, skip in ((train, skip_train), *([(held_out, skip_held_out)] if held_out else [])):
        looked = 0
        for row in _rows(path, skip):
            if looked == MAX_ROWS:
                found.complete = False
                break
            looked += 1
            signature = RMinHash(_HASHES, _SEED)
            signature.update(_pieces(row))
            line = nearest(signature)
            if line is not None:
                (found.train if path is train else found.held_out).append((row.line, line))
            elif path is train:
                index.insert(row.line, signature)
                kept[row.line] = signature
        found.looked.append(looked)
    return found


def _rows(path: Path, skip: frozenset[int]) -> Iterator[Row]:
    return (row for row in read_rows(path) if isinstance(row, Row) and row.line not in skip)


def _pieces(row: Row) -> list[str]:
    text = " ".join(f"{row.question}\n{row.answer}"[:_MAX_CHARS].casefold().split())
    return [text[start : start + _PIECE] for start in range(max(1, len(text) - _PIECE + 1))]
