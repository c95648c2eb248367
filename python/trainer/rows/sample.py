"""Seeded, stratified choice of rows: the same seed and rows give the same choice on every machine and Python version."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b


def stratified_sample(strata: Sequence[str], count: int, seed: int, purpose: str) -> list[int]:
    """Indices of `count` rows (all where there are no more), ascending, each stratum in proportion to its size.

    Shares are rounded by largest remainder, ties by the stratum's name; inside a stratum the rows with the smallest hash of
    (seed, purpose, index) are taken. Two purposes choose independently of each other.
    """
    if count >= len(strata):
        return list(range(len(strata)))
    members: dict[str, list[int]] = {}
    for index, stratum in enumerate(strata):
        members.setdefault(stratum, []).append(index)
    quotas = _quotas({stratum: len(rows) for stratum, rows in members.items()}, count)
    chosen = []
    for stratum, rows in members.items():
        ranked = sorted(rows, key=lambda index: _rank(seed, purpose, index))
        chosen += ranked[: quotas[stratum]]
    return sorted(chosen)


def _quotas(sizes: dict[str, int], count: int) -> dict[str, int]:
    """Integer shares of `count` that sum to it (Hamilton's method), in exact arithmetic."""
    total = sum(sizes.values())
    quotas = {stratum: size * count // total for stratum, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda stratum: (-(sizes[stratum] * count % total), stratum))
    for stratum in by_remainder[: count - sum(quotas.values())]:
        quotas[stratum] += 1
    return quotas


def _rank(seed: int, purpose: str, index: int) -> bytes:
    return blake2b(f"{seed}:{purpose}:{index}".encode(), digest_size=16).digest()
