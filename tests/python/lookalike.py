"""A seeded look-alike of the user's data: the same kinds of defects, in counts the maker knows, so that tools can be held to them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

_CATEGORIES = ("documentation", "documentation", "documentation", "conversation", "conversation", "architecture", "wisdom", "technical")
_WORDS = [
    *("checkpoint", "adapter", "adım", "gece", "model", "öğrenir", "çalışır", "bellek", "ısı", "ölçü", "kayıp", "satır", "soru", "cevap"),
    *("görünür", "the", "run", "rests", "when", "it", "is", "warm", "goes", "on", "later", "`code`", "**kalın**", "İıŞ", "→", "✅", "|"),
]


@dataclass(frozen=True)
class Truth:
    """What `write_lookalike` put in. Lengths in characters."""

    train_rows: int
    held_out_rows: int
    duplicates: int
    leaked_pairs: int
    shared_questions: int
    conflict_questions: int
    conflict_rows: int
    top_rows: int
    top_answers: int
    longest_answer: int


def write_lookalike(folder: Path, seed: int = 7, plain: int = 200) -> Truth:
    """`train.jsonl` and `held-out.jsonl`; rows in shuffled order."""
    random_ = random.Random(seed)
    unique = iter(range(10**9))

    def text(words: int) -> str:
        return " ".join(random_.choice(_WORDS) for _ in range(words)) + f" n{next(unique)}"

    def row(question: str, answer: str) -> dict[str, str]:
        category = random_.choice(_CATEGORIES)
        return {"input": question, "output": answer, "source": f"docs/{category}-{random_.randrange(9)}.md", "category": category}

    train = [row(text(5), text(random_.randrange(3, 30))) for _ in range(plain)]
    # Repeats of a pair under another source: no whole line is equal, as in the user's data.
    repeated = [dict(train[index], source="unknown", category="conversation") for index in range(12)]
    # One heading with many answers, some of them equal; and six questions with two answers each.
    top_answers = [text(8) for _ in range(15)]
    top = [row("Acceptance Criteria", answer) for answer in [*top_answers, *top_answers[:5]]]
    twice = [row(question, text(6)) for question in [f"{text(3)}?" for _ in range(6)] for _ in range(2)]
    longest = text(9000)
    train += [*repeated, *top, *twice, row("The longest one?", longest), row("Who?", "Write to someone@example.org " + text(3))]
    held_out = [row(text(5), text(12)) for _ in range(30)]
    leaked = [dict(train[index], source="unknown") for index in range(100, 107)]
    asked_again = [row(train[index]["input"], text(9)) for index in range(120, 124)]
    held_out += [*leaked, *asked_again]
    for rows in (train, held_out):
        random_.shuffle(rows)
    for name, rows in (("train.jsonl", train), ("held-out.jsonl", held_out)):
        (folder / name).write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in rows), encoding="utf-8")
    conflict_rows = len(top) + len(twice) + 2 * len(asked_again)
    return Truth(
        train_rows=len(train), held_out_rows=len(held_out), duplicates=len(repeated) + 5, leaked_pairs=len(leaked),
        shared_questions=len(leaked) + len(asked_again), conflict_questions=1 + 6 + len(asked_again), conflict_rows=conflict_rows,
        top_rows=len(top), top_answers=len(top_answers), longest_answer=len(longest),
    )  # fmt: skip


GOOD = b'{"input": "Soru?", "output": "Cevap."}'
# Name of the kind -> a line that cannot be used, without its ending.
BAD_LINES: dict[str, bytes] = {
    "not-json": b"{input: 1}",
    "missing-field": b'{"input": "a"}',
    "empty-field": b'{"input": "a", "output": "  "}',
    "wrong-type": b'{"input": "a", "output": 5}',
    "no-fields": b'{"question_text": "a", "reply": "b"}',
    "surrogate": b'{"input": "a", "output": "\\ud83d"}',
    "nul": b'{"input": "a", "output": "b\\u0000c"}',
    "encoding": '{"input": "ş", "output": "ü"}'.encode("cp1254"),
    "roles": b'{"messages": [{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}]}',
}
