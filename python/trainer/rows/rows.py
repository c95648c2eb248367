"""Rows of a JSONL file, validated one by one: each line is a Row, a Problem with its reason, or blank.

Formats, chosen line by line (a file may mix them; they are counted): `messages` (OpenAI), `conversations` (ShareGPT),
`instruction`/`input`/`output` (Alpaca), `prompt`/`completion`, `input`/`output`. In a conversation the last answer is the
one trained; earlier turns are its context.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trainer.rows.lines import Line, read_lines
from trainer.rows.turns import BadRow, read_turns, require_text
from trainer.run.faults import Fault

MAX_ROWS = 2_000_000


@dataclass(frozen=True)
class Row:
    """One question with its answer. `turns` are earlier (question, answer) pairs; "" where a row names no system, category or source."""

    line: int
    question: str
    answer: str
    system: str
    turns: tuple[tuple[str, str], ...]
    category: str
    source: str
    format: str
    chars: int


@dataclass(frozen=True)
class Problem:
    """A line that cannot be used. `kind` is stable and counted; `reason` goes on after "line 12 "."""

    line: int
    kind: str
    reason: str


def read_rows(path: Path) -> Iterator[Row | Problem]:
    """Every line that is not blank. Raises Fault data.missing, .folder, .unreadable, .empty, .binary, .array, .too-many."""
    found = 0
    for line in read_lines(path):
        if line.text is not None and not line.text.strip():
            continue
        found += 1
        if found == 1 and line.text is not None:
            _require_lines(path, line.text)
        if found > MAX_ROWS:
            raise Fault("data.too-many", f"{path.name} has more than {MAX_ROWS:,} rows.", "Split the file, or take a sample of it.")
        yield _parse(line)
    if not found:
        raise Fault("data.empty", f"{path} holds only blank lines.", "Name a file with at least one row.")


def _require_lines(path: Path, text: str) -> None:
    if text.lstrip().startswith("["):
        next_step = "Write one JSON object a line (for example: jq -c '.[]' FILE > rows.jsonl), then try again."
        raise Fault("data.array", f"{path.name} is one JSON array, not one JSON object a line.", next_step)


def _parse(line: Line) -> Row | Problem:
    if line.text is None:
        return Problem(line.number, line.kind, line.reason)
    try:
        return _to_row(line.number, json.loads(line.text), len(line.text))
    except BadRow as bad:
        return Problem(line.number, bad.kind, bad.reason)
    except RecursionError:
        return Problem(line.number, "not-json", "is nested too deeply")
    except ValueError as error:
        if not line.ended:
            return Problem(line.number, "half-written", "is the last line and ends in the middle")
        message = error.msg if isinstance(error, json.JSONDecodeError) else "a number is too long"
        place = f" at character {error.pos + 1:,}" if isinstance(error, json.JSONDecodeError) else ""
        return Problem(line.number, "not-json", f"is not JSON ({message}{place})")


def _to_row(number: int, value: object, chars: int) -> Row:
    if not isinstance(value, dict):
        raise BadRow("wrong-type", "is JSON, but not an object")
    system, pairs, name = _conversation(value)
    question, answer = pairs[-1]
    category, source = (text if isinstance(text := value.get(key), str) else "" for key in ("category", "source"))
    category, source = (text.encode("utf-8", "replace").decode("utf-8") for text in (category, source))
    return Row(number, question, answer, system, tuple(pairs[:-1]), category, source, name, chars)


def _conversation(value: dict) -> tuple[str, list[tuple[str, str]], str]:
    """(system text, question–answer pairs, name of the format)."""
    for key in ("messages", "conversations"):
        if key in value:
            system, pairs = read_turns(value[key], key)
            return system, pairs, key
    system = require_text(value, "system") if value.get("system") else ""
    if "instruction" in value:
        instruction, output = require_text(value, "instruction"), require_text(value, "output")
        given = value.get("input")
        question = f"{instruction}\n\n{require_text(value, 'input')}" if given not in (None, "") else instruction
        return system, [(question, output)], "instruction/input/output"
    for asked, answered in (("input", "output"), ("prompt", "completion")):
        if asked in value or answered in value:
            return system, [(require_text(value, asked), require_text(value, answered))], f"{asked}/{answered}"
    found = ", ".join(f"`{str(key)[:30]}`" for key in list(value)[:5]) or "nothing"
    raise BadRow("no-fields", f"has no question and answer in a known format (found {found})".encode("utf-8", "replace").decode())
