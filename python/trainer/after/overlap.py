"""How much of a reference answer stands in an answer: chrF (Popović 2015), which judges Turkish endings more fairly than whole words do."""

from __future__ import annotations

from collections import Counter

MEASURE = "chrF"
_LONGEST = 6
_BETA = 2.0


def chrf(answer: str, reference: str) -> float:
    """0..1, 1 for equal texts: precision and recall of character n-grams, n = 1 to 6, averaged over those n that both texts are long
    enough for; recall counts twice (β = 2). White space is left out and case ignored. 0 where either text is empty."""
    said, wanted = _letters(answer), _letters(reference)
    precisions, recalls = [], []
    for size in range(1, min(_LONGEST, len(said), len(wanted)) + 1):
        ours, theirs = _grams(said, size), _grams(wanted, size)
        shared = (ours & theirs).total()
        precisions.append(shared / ours.total())
        recalls.append(shared / theirs.total())
    if not precisions:
        return 0.0
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    weighted = _BETA**2 * precision + recall
    return (1 + _BETA**2) * precision * recall / weighted if weighted > 0 else 0.0


def _letters(text: str) -> str:
    return "".join(text.lower().split())


def _grams(text: str, size: int) -> Counter[str]:
    return Counter(text[start : start + size] for start in range(len(text) - size + 1))
