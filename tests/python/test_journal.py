"""Promise: a journal line is whole or it is damage that the next line does not share; it fits core's schema, whatever is in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PYTHON, Run

from trainer.run.journal import LINE_LIMIT_BYTES, Journal, boot_id

STEP = {
    "step": 1, "epoch": 0.1, "loss": 1.5, "gradNorm": 1.0, "learningRate": 1e-3, "tokens": 3, "supervisedTokens": 2, "paddedTokens": 4,
    "seconds": 0.1, "restSeconds": 0.0,
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_lines_fit_the_schema_and_count(run: Run) -> None:
    journal = Journal(run.path / "events.jsonl", "trainer", 3)
    journal.write("stopped", step=4, why="heat: 91 °C")
    journal.write("step", **STEP)
    run.require_valid()
    first, second = run.events()
    assert (first["n"], second["n"]) == (1, 2)
    assert first["attempt"] == 3
    assert first["why"] == "heat: 91 °C"
    assert first["boot"] == second["boot"] == boot_id()
    assert 0 <= second["mono"] - first["mono"] < 5


def test_figures_that_json_cannot_hold_are_words(run: Run) -> None:
    journal = Journal(run.path / "events.jsonl", "trainer", 0)
    for loss in (float("nan"), float("inf"), float("-inf")):
        journal.write("step", **{**STEP, "loss": loss})
    run.require_valid()
    assert [event["loss"] for event in run.events()] == ["NaN", "Infinity", "-Infinity"]


@pytest.mark.parametrize("torn", [b'{"v":1,"at":17', b'{"v":1,"why":"\xc3', b"\0\0\0"])
def test_a_torn_line_does_not_take_the_next_one_with_it(run: Run, torn: bytes) -> None:
    path = run.path / "events.jsonl"
    path.write_bytes(torn)
    Journal(path, "trainer", 0).write("stopped", step=1, why="x")
    lines = path.read_bytes().split(b"\n")
    assert lines[0] == torn
    assert json.loads(lines[1])["type"] == "stopped"
    assert lines[2:] == [b""]


@pytest.mark.parametrize("text", ["a" * 300_000, "ş" * 200_000, "\x00" * 100_000, "\ud800" * 90_000, '"\\' * 90_000])
def test_an_endless_text_is_shortened_under_the_limit(run: Run, text: str) -> None:
    Journal(run.path / "events.jsonl", "trainer", 0).write("warned", kind="test", message=text)
    assert 1000 < (run.path / "events.jsonl").stat().st_size < LINE_LIMIT_BYTES
    run.require_valid()
    assert run.events()[0]["message"].endswith("…")


def test_a_link_is_not_followed(run: Run, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("untouched\n")
    (run.path / "events.jsonl").symlink_to(elsewhere)
    with pytest.raises(OSError):
        Journal(run.path / "events.jsonl", "trainer", 0).write("stopped", step=1, why="x")
    assert elsewhere.read_text() == "untouched\n"


def test_a_replaced_journal_gets_the_next_line(run: Run) -> None:
    path = run.path / "events.jsonl"
    journal = Journal(path, "trainer", 0)
    journal.write("stopped", step=1, why="x")
    path.unlink()
    journal.write("stopped", step=2, why="x")
    assert [event["step"] for event in run.events()] == [2]


def test_writers_in_different_processes_do_not_mix(run: Run) -> None:
    code = (
        "import sys; from pathlib import Path; from trainer.run.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]), sys.argv[2], 0)\n"
        "for step in range(300): journal.write('stopped', step=step, why='x' * (step * 7 % 900))"
    )
    path = run.path / "events.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), by], cwd=PYTHON) for by in ("trainer", "keeper")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    # A writer that looks while another's line is half written begins with a newline: an empty line, which readers pass over.
    assert len([line for line in path.read_bytes().splitlines() if line]) == 600
    for by in ("trainer", "keeper"):
        assert [event["n"] for event in run.events() if event["by"] == by] == list(range(1, 301))
