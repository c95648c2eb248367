"""Row 32: `--fix` writes a new file with a list of every change, whole or not at all, and never touches the original."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from bare_run import ask
from lookalike import BAD_LINES, GOOD, write_lookalike

from trainer.rows.inspect import Inspection, inspect, inspect_files
from trainer.run.durable import sha256
from trainer.run.faults import Fault


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def pairs(path: Path) -> list[tuple[str, str]]:
    return [(row["input"], row["output"]) for row in rows(path)]


def test_the_lookalike_is_clean_afterwards(tmp_path: Path) -> None:
    truth = write_lookalike(tmp_path)
    train, held_out, out = tmp_path / "train.jsonl", tmp_path / "held-out.jsonl", tmp_path / "clean.jsonl"
    before = (sha256(train), sha256(held_out))
    code, report = ask("inspect", str(train), "--held-out", str(held_out), "--fix", str(out), "--json")
    assert code == 0 and (sha256(train), sha256(held_out)) == before
    new_held_out = tmp_path / "clean.held-out.jsonl"
    assert [file["to"] for file in report["fix"]["files"]] == [str(out), str(new_held_out)]
    assert report["fix"]["files"][0]["changes"] == {"duplicate": truth.duplicates}
    assert report["fix"]["files"][1]["changes"] == {"leak": truth.leaked_pairs}
    # Nothing but the repeats went, in the same order; what is not safe stays.
    assert pairs(out) == list(dict.fromkeys(pairs(train)))
    after = inspect_files(out, new_held_out, None, 2048)
    assert after["files"][0]["duplicates"]["rows"] == 0 and after["leaks"]["pairs"] == 0
    assert after["conflicts"]["questions"] == truth.conflict_questions
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "clean.held-out.jsonl", "clean.jsonl", "clean.jsonl.changes.json", "held-out.jsonl", "train.jsonl",
    ]  # fmt: skip


def test_the_list_accounts_for_every_line(tmp_path: Path) -> None:
    path, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    lines = [
        b"\xef\xbb\xbf" + GOOD + b"\r",
        *BAD_LINES.values(),
        b"",
        GOOD,
        b'{"input": "x", "output": "y", "score": NaN}',
        b'{"input": "to\0rn", "output": "z"}',
    ]
    path.write_bytes(b"\n".join(lines))
    fix = inspect(Inspection(path, fix=out))["fix"]
    listed = json.loads((tmp_path / "out.jsonl.changes.json").read_text())
    changes = listed["sources"][0]["changes"]
    assert listed["sources"][0]["sha256"] == sha256(path)
    removed = [change["line"] for change in changes if change["action"] == "removed"]
    assert len(removed) == len(set(removed)) and len(removed) + fix["files"][0]["rows"] == len(lines)
    assert Counter(change["kind"] for change in changes) == fix["files"][0]["changes"]
    assert pairs(out) == [("Soru?", "Cevap."), ("a", "bc"), ("x", "y"), ("torn", "z")]
    assert rows(out)[2]["score"] is None
    content = out.read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf") and b"\r" not in content and b"\0" not in content and content.endswith(b"\n")
    assert inspect_files(out, None, None, 2048)["files"][0]["badRows"] == 0
    duplicate = next(change for change in changes if change["kind"] == "duplicate")
    assert duplicate["stays"] == 1


def test_contradictions_near_rows_and_personal_data_only_by_their_flag(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    long = " ".join(f"kelime{n}" for n in range(80))
    values = [
        ("q?", "rare"),
        ("q?", "often"),
        ("q?", "often "),
        ("q?", "often"),
        ("n?", long),
        ("n2?", long),
        ("m?", "mail a@b.org, please"),
    ]
    path.write_text("".join(json.dumps({"input": q, "output": a}) + "\n" for q, a in values))
    inspect(Inspection(path, fix=tmp_path / "safe.jsonl"))
    assert pairs(tmp_path / "safe.jsonl") == [value for index, value in enumerate(values) if index != 3]
    asked = Inspection(path, near=True, fix=tmp_path / "all.jsonl", fix_also=frozenset(["conflicts", "near", "personal"]))
    fix = inspect(asked)["fix"]
    assert pairs(tmp_path / "all.jsonl") == [("q?", "often"), ("n?", long), ("m?", "mail [e-mail], please")]
    assert fix["files"][0]["changes"] == {"conflict": 2, "duplicate": 1, "near-duplicate": 1, "personal": 1}


@pytest.mark.parametrize("taken", ["out.jsonl", "out.jsonl.changes.json", "rows.jsonl", "link.jsonl"])
def test_never_overwrites(tmp_path: Path, taken: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(GOOD)
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "nowhere")
    if not (tmp_path / taken).is_symlink() and taken != "rows.jsonl":
        (tmp_path / taken).write_bytes(b"mine")
    out = tmp_path / (taken if taken in ("rows.jsonl", "link.jsonl") else "out.jsonl")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}
    with pytest.raises(Fault) as caught:
        inspect(Inspection(path, fix=out))
    assert caught.value.kind == "data.exists" and taken in caught.value.message
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()} == before
    assert not (tmp_path / "nowhere").exists()


def test_a_name_taken_meanwhile_is_not_overwritten_either(tmp_path: Path) -> None:
    from trainer.run.durable import creating

    first, second = tmp_path / "a", tmp_path / "b"
    with pytest.raises(FileExistsError), creating(first, second) as files:
        for file in files:
            file.write(b"ours")
        second.write_bytes(b"theirs")
    assert second.read_bytes() == b"theirs" and [path.name for path in tmp_path.iterdir()] == ["b"]


def test_leaves_nothing_where_no_row_would_be_left_or_the_place_is_none(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b"{\n{\n")
    for out, kind in ((tmp_path / "out.jsonl", "data.no-rows"), (tmp_path / "none" / "out.jsonl", "data.out-folder")):
        with pytest.raises(Fault) as caught:
            inspect(Inspection(tmp_path / "rows.jsonl", fix=out))
        assert caught.value.kind == kind
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


def test_a_flag_without_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(GOOD)
    code, answer = ask("inspect", str(tmp_path / "rows.jsonl"), "--fix-personal", "--json")
    assert (code, answer["fault"]["kind"]) == (1, "data.fix") and "--fix OUT" in answer["fault"]["next"]
