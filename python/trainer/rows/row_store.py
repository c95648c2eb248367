"""Prepared rows and the batch plan, read from disk row by row: memory holds one offset a row, whatever the file's size."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.rows.plan import Step
from trainer.run.durable import sha256
from trainer.run.faults import Fault
from trainer.run.run_folder import RunFolder


@dataclass(frozen=True)
class PreparedRow:
    """Tokens from `answer_from` on carry labels."""

    row: int
    ids: list[int]
    answer_from: int

    @property
    def length(self) -> int:
        return len(self.ids)


def require_prepared(folder: RunFolder) -> None:
    """The prepared files are those that `prepare` hashed. Raises Fault data.missing, data.damaged."""
    try:
        files = json.loads(folder.prepared.read_bytes())["files"]
    except FileNotFoundError as error:
        raise Fault("data.missing", "This run's data has not been prepared.", "Continue with: thortime resume.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(folder.prepared, "it cannot be read") from error
    for name, entry in files.items():
        path = folder.data / name
        if not path.is_file() or sha256(path) != entry["sha256"]:
            raise damaged(path, "it is not what was prepared")


class _Lines:
    """A JSONL file by line number. Raises Fault data.damaged when a line is not what it should be."""

    def __init__(self, path: Path):
        self._path = path
        self.offsets = array("q")
        try:
            self._file = open(path, "rb")  # noqa: SIM115  (held for the run's life)
        except FileNotFoundError as error:
            raise damaged(path, "it is missing") from error
        offset = 0
        for line in self._file:
            if line.strip():
                self.offsets.append(offset)
            offset += len(line)

    def read(self, index: int) -> dict[str, Any]:
        self._file.seek(self.offsets[index])
        try:
            value = json.loads(self._file.readline())
        except ValueError as error:
            raise damaged(self._path, f"line {index + 1} is not JSON") from error
        if not isinstance(value, dict):
            raise damaged(self._path, f"line {index + 1} is not an object")
        return value

    def close(self) -> None:
        self._file.close()


def damaged(path: Path, reason: str) -> Fault:
    return Fault(
        "data.damaged", f"The prepared file {path.name} is damaged: {reason}.", "Start a new run; this one's data cannot be trusted."
    )


class RowStore:
    """`data/train.jsonl` or `data/held-out.jsonl` by row id."""

    def __init__(self, path: Path):
        self._path = path
        self._lines = _Lines(path)
        self._index: dict[int, int] = {}
        # In tokens.
        self.longest = 0
        for index in range(len(self._lines.offsets)):
            value = self._lines.read(index)
            self._index[value["row"]] = index
            self.longest = max(self.longest, len(value.get("ids", ())))

    def ids(self) -> list[int]:
        return list(self._index)

    def get(self, row: int) -> PreparedRow:
        if row not in self._index:
            raise damaged(self._path, f"row {row} of the batch plan is not in it")
        value = self._lines.read(self._index[row])
        try:
            return PreparedRow(row, value["ids"], value["answerFrom"])
        except KeyError as error:
            raise damaged(self._path, f"row {row} has no {error}") from error

    def category(self, row: int) -> str:
        """Empty where the row names none."""
        return str(self._lines.read(self._index[row]).get("category") or "")

    def close(self) -> None:
        self._lines.close()


class BatchPlan:
    """`data/batches.jsonl`: steps counted from 1."""

    def __init__(self, path: Path):
        self._path = path
        self._lines = _Lines(path)
        self.steps = len(self._lines.offsets)
        if self.steps == 0:
            raise damaged(path, "it has no steps")

    def get(self, step: int) -> Step:
        value = self._lines.read(step - 1)
        if value.get("step") != step:
            raise damaged(self._path, f"step {step} is not on line {step}")
        return Step(step, value["epoch"], value["microBatches"])

    def close(self) -> None:
        self._lines.close()
