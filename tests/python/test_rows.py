"""Promise: every line of a data file is either a row or named with its number and reason, in bounded memory (faults 31, 32)."""

from __future__ import annotations

import json
import random
import tracemalloc
from pathlib import Path

import pytest
from lookalike import BAD_LINES, GOOD

from trainer.rows.lines import MAX_LINE_BYTES
from trainer.rows.rows import Problem, Row, read_rows
from trainer.run.faults import Fault


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def read(tmp_path: Path, *lines: bytes, end: bytes = b"\n") -> list[Row | Problem]:
    return list(read_rows(write(tmp_path / "rows.jsonl", end.join(lines) + end)))


def one(tmp_path: Path, value: object) -> Row | Problem:
    [item] = read(tmp_path, json.dumps(value, ensure_ascii=False).encode())
    return item


@pytest.mark.parametrize(
    ("value", "form", "question", "answer", "system", "turns"),
    [
        ({"input": "a", "output": "b"}, "input/output", "a", "b", "", ()),
        ({"prompt": "a", "completion": "b"}, "prompt/completion", "a", "b", "", ()),
        ({"instruction": "do", "input": "this", "output": "b"}, "instruction/input/output", "do\n\nthis", "b", "", ()),
        ({"instruction": "do", "input": "", "output": "b"}, "instruction/input/output", "do", "b", "", ()),
        ({"instruction": "do", "output": "b", "system": "s"}, "instruction/input/output", "do", "b", "s", ()),
        (
            {"messages": [{"role": r, "content": c} for r, c in (("system", "s"), ("user", "a"), ("assistant", "b"))]},
            "messages", "a", "b", "s", (),
        ),
        (
            {"conversations": [{"from": r, "value": c} for r, c in (("human", "a"), ("gpt", "b"), ("human", "c"), ("gpt", "d"))]},
            "conversations", "c", "d", "", (("a", "b"),),
        ),
    ],
)  # fmt: skip
def test_reads_each_format(tmp_path: Path, value: dict, form: str, question: str, answer: str, system: str, turns: tuple) -> None:
    row = one(tmp_path, {**value, "category": "c", "source": "s.md"})
    assert isinstance(row, Row)
    assert (row.format, row.question, row.answer, row.system, row.turns) == (form, question, answer, system, turns)
    assert (row.line, row.category, row.source) == (1, "c", "s.md")


@pytest.mark.parametrize("place", [0, 2, 4])
@pytest.mark.parametrize("kind", BAD_LINES)
def test_names_each_defect_at_each_place(tmp_path: Path, kind: str, place: int) -> None:
    """Row 31, 32: each defect at the first, middle and last line, with its number."""
    lines = [GOOD] * 5
    lines[place] = BAD_LINES[kind]
    items = read(tmp_path, *lines)
    problems = [item for item in items if isinstance(item, Problem)]
    assert [(problem.line, problem.kind) for problem in problems] == [(place + 1, kind)]
    assert len(items) == 5
    assert len(problems[0].reason) < 200


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        ({"input": None, "output": "b"}, "missing-field", "has no `input`"),
        ({"input": "a", "output": ["b"]}, "wrong-type", "has a list as `output`, not text"),
        ({"messages": "hi"}, "wrong-type", "has text as `messages`, not a list"),
        ({"messages": []}, "missing-field", "has no question in `messages`"),
        ({"messages": [{"role": "user", "content": "a"}]}, "missing-field", "has no answer at the end of `messages`"),
        (
            {"messages": [{"role": "tool", "content": "a"}]},
            "roles",
            "has an unknown role in turn 1 of `messages` (known: system, user, assistant)",
        ),
        ({"conversations": [{"from": "human", "value": "a"}, {"from": "gpt"}]}, "missing-field", "has no `value` in turn 2"),
        ([1, 2], "wrong-type", "is JSON, but not an object"),
        ("text", "wrong-type", "is JSON, but not an object"),
        ({}, "no-fields", "has no question and answer in a known format (found nothing)"),
    ],
)
def test_says_what_is_wrong(tmp_path: Path, value: object, kind: str, reason: str) -> None:
    items = read(tmp_path, GOOD, json.dumps(value).encode())
    assert items[1] == Problem(2, kind, reason)


def test_names_the_byte_that_is_not_utf8(tmp_path: Path) -> None:
    items = read(tmp_path, b"\xef\xbb\xbf" + GOOD, b'{"input": "a\xff", "output": "b"}')
    offset = 3 + len(GOOD) + 1 + len(b'{"input": "a')
    assert items[1] == Problem(2, "encoding", f"is not UTF-8 (byte 0xff at byte {offset} of the file)")


def test_counts_the_bom_into_a_byte_of_the_first_line(tmp_path: Path) -> None:
    [problem] = read(tmp_path, b"\xef\xbb\xbf\xff{}")
    assert problem == Problem(1, "encoding", "is not UTF-8 (byte 0xff at byte 3 of the file)")


def test_accepts_bom_crlf_blank_lines_and_no_last_newline(tmp_path: Path) -> None:
    """Row 32: BOM and CRLF are no defects."""
    path = write(tmp_path / "rows.jsonl", b"\xef\xbb\xbf" + GOOD + b"\r\n\r\n  \r\n" + GOOD + b"\r\n" + GOOD)
    rows = list(read_rows(path))
    assert [(row.line, row.question, row.answer) for row in rows if isinstance(row, Row)] == [(n, "Soru?", "Cevap.") for n in (1, 4, 5)]
    assert len(rows) == 3


@pytest.mark.parametrize("cut", [1, 15, len(GOOD) - 1])
def test_names_a_half_written_last_line(tmp_path: Path, cut: int) -> None:
    items = list(read_rows(write(tmp_path / "rows.jsonl", GOOD + b"\n" + GOOD[:cut])))
    assert items[1] == Problem(2, "half-written", "is the last line and ends in the middle")


def test_names_half_a_character_at_the_end(tmp_path: Path) -> None:
    torn = '{"input": "ş'.encode()[:-1]
    [_, problem] = read_rows(write(tmp_path / "rows.jsonl", GOOD + b"\n" + torn))
    assert isinstance(problem, Problem) and problem.kind == "half-written"


def test_caps_a_50_mb_line_and_goes_on(tmp_path: Path) -> None:
    """Row 32: a row of 50 MB, in bounded memory."""
    long = b'{"input": "a", "output": "' + b"x" * 50_000_000 + b'"}'
    path = write(tmp_path / "rows.jsonl", GOOD + b"\n" + long + b"\n" + GOOD + b"\n")
    tracemalloc.start()
    items = list(read_rows(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [item.line for item in items] == [1, 2, 3]
    assert items[1] == Problem(2, "too-long", "is 50 MB long; at most 8 MiB are read")
    assert peak < 3 * MAX_LINE_BYTES


def test_a_million_blank_lines_cost_nothing(tmp_path: Path) -> None:
    [row] = read_rows(write(tmp_path / "rows.jsonl", b"\n" * 1_000_000 + GOOD))
    assert row.line == 1_000_001


def test_names_nesting_that_would_overflow(tmp_path: Path) -> None:
    items = read(tmp_path, GOOD, b'{"input": ' + b"[" * 100_000, b'{"input": ' + b"9" * 5000 + b', "output": "b"}')
    assert [item.kind for item in items if isinstance(item, Problem)] == ["not-json", "not-json"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (None, "data.missing"),
        (b"", "data.empty"),
        (b"\xef\xbb\xbf \n\n", "data.empty"),
        (b"\n" * 100_000, "data.empty"),
        (b"PK\x03\x04\0\0\0", "data.binary"),
        (GOOD.decode().encode("utf-16"), "data.binary"),
        (b'[\n{"input": "a", "output": "b"}\n]\n', "data.array"),
    ],
)
def test_refuses_what_is_not_a_file_of_rows(tmp_path: Path, content: bytes | None, kind: str) -> None:
    """Row 32: empty, binary, UTF-16."""
    path = tmp_path / "rows.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Fault) as caught:
        list(read_rows(path))
    assert caught.value.kind == kind
    assert "rows.jsonl" in caught.value.message and caught.value.next


def test_refuses_a_folder_and_a_device(tmp_path: Path) -> None:
    for path, kind in ((tmp_path, "data.folder"), (Path("/dev/null"), "data.unreadable")):
        with pytest.raises(Fault) as caught:
            list(read_rows(path))
        assert caught.value.kind == kind


def test_random_bytes_never_crash_and_every_line_is_accounted_for(tmp_path: Path) -> None:
    seed = 20261123
    random_ = random.Random(seed)
    alphabet = [
        b"{",
        b"}",
        b'"',
        b"input",
        b"output",
        b":",
        b",",
        b"\\u",
        b"d83d",
        b"\xff",
        b"\r",
        b" ",
        b"[",
        b"]",
        b"null",
        b"1e999",
        GOOD,
    ]
    for round_ in range(300):
        lines = [b"".join(random_.choice(alphabet) for _ in range(random_.randrange(12))) for _ in range(20)]
        path = write(tmp_path / "rows.jsonl", GOOD + b"\n" + b"\n".join(lines))
        items = list(read_rows(path))
        expected = [1] + [number for number, line in enumerate(lines, start=2) if line.strip() or b"\xff" in line]
        assert [item.line for item in items] == expected, f"seed {seed}, round {round_}"
