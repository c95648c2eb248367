"""Language of each row's answer (py3langid, a naive Bayes over byte n-grams), told apart among those people train on here.

Code in fences and backticks and addresses are left out first. A row is `mixed` where its question is surely in another language than its
answer, or where the answer's paragraphs surely are in two, each with a fifth of the characters. Under 12 letters, or where the identifier
is less than 70 % sure, it is `unknown`.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from trainer.rows.rows import Row, read_rows

LANGUAGES = ("tr", "en", "de", "fr", "es", "it", "nl", "pt", "ru", "ar")
MAX_ROWS = 20_000
_MAX_CHARS = 1_500
_MIN_LETTERS = 12
_SURE = 0.7
_MIXED_SHARE = 0.2
_MAX_PARAGRAPHS = 12
_EXAMPLES = 20
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]{1,200}`|https?://\S{1,500}", re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")


class Identifier:
    """Raises ImportError where py3langid is missing; loading its model takes about a second."""

    def __init__(self) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        self._model: Any = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._model.set_languages(LANGUAGES)

    def of_text(self, text: str) -> str | None:
        """ISO 639-1 code; None where nothing sure can be said."""
        plain = _CODE.sub(" ", text[:_MAX_CHARS])
        if sum(1 for _ in _LETTER.finditer(plain)) < _MIN_LETTERS:
            return None
        language, confidence = self._model.classify(plain)
        return language if confidence >= _SURE else None

    def of_row(self, row: Row) -> str:
        """A code, `mixed` or `unknown`."""
        answer, question = self.of_text(row.answer), self.of_text(row.question)
        if answer and question and answer != question:
            return "mixed"
        shares: Counter[str] = Counter()
        paragraphs = [part for part in _CODE.sub(" ", row.answer[:_MAX_CHARS]).split("\n") if part.strip()][:_MAX_PARAGRAPHS]
        if len(paragraphs) > 1:
            for part in paragraphs:
                language = self.of_text(part)
                if language:
                    shares[language] += len(part)
            if len(shares) > 1 and shares.most_common(2)[1][1] >= _MIXED_SHARE * sum(shares.values()):
                return "mixed"
        return answer or question or "unknown"


def count_languages(path: Path, rows: int) -> dict:
    """`{looked, counts, mixed: [lines]}`; of more than 20,000 rows every n-th is looked at.

    Raises ImportError and what `read_rows` raises.
    """
    identifier, counts, mixed, looked = Identifier(), Counter[str](), [], 0
    stride = max(1, -(-rows // MAX_ROWS))
    found = (item for item in read_rows(path) if isinstance(item, Row))
    for index, row in enumerate(found):
        if index % stride:
            continue
        looked += 1
        language = identifier.of_row(row)
        counts[language] += 1
        if language == "mixed" and len(mixed) < _EXAMPLES:
            mixed.append(row.line)
    return {"looked": looked, "counts": dict(counts.most_common()), "mixed": mixed}
