"""Rows of a JSONL file, validated one by one: each line is a Row, a Problem with its reason, or blank.

Formats, chosen line by line (a file may mix them; they are counted): `messages` (OpenAI), `conversations` (ShareGPT),
`instruction`/`input`/`output` (Alpaca), `prompt`/`completion`, `input`/`output`. In a conversation the last answer is the
one trained; earlier turns are its context.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from trainer.rows.lines import Line, read_lines
from trainer.rows.turns import BadRow, read_turns, require_text
from trainer.run.faults import Fault

MAX_ROWS = 2_000_000


class Row(NamedTuple):
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


class Problem(NamedTuple):
    """A line that cannot be used. `kind` is stable and counted; `reason` goes on after "line 12 "."""

    line: int
    kind: str
    reason: str


def read_rows(path: Path) -> Iterator[Row | Problem]:
    """Every line that is not blank. Raises Fault data.too-many and what `require_text_file` raises."""
    found = 0
    for line in read_lines(path):
        if line.text is not None and not line.text.strip():
            continue
        found += 1
        if found > MAX_ROWS:
            raise Fault("data.too-many", f"{path.name} has more than {MAX_ROWS:,} rows.", "Split the file, or take a sample of it.")
        yield parse_line(line)
    if not found:
        raise Fault("data.empty", f"{path} holds only blank lines.", "Name a file with at least one row.")


def parse_line(line: Line) -> Row | Problem:
    """One line that is not blank."""
    if line.text is None:
        return Problem(line.number, line.kind, line.reason)
    try:
        return _to_row(line.number, _DECODER.decode(line.text), len(line.text))
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


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        name = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise BadRow("duplicate-key", f"names `{name[:30]}` twice".encode("utf-8", "replace").decode())
    return value


def _constant(name: str) -> object:
    raise BadRow("not-json", f"holds {name}, which is not JSON")


# Python's own reader takes the last of two equal names, and NaN, without a word.
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)


def _to_row(number: int, value: object, chars: int) -> Row:
    if not isinstance(value, dict):
        raise BadRow("wrong-type", "is JSON, but not an object")
    system, pairs, name = _conversation(value)
    question, answer = pairs[-1]
    category, source = (text if isinstance(text := value.get(key), str) else "" for key in ("category", "source"))
    category, source = (text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8") for text in (category, source))
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
