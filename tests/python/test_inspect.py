"""Promise: `inspect` and `check` count what is wrong with a data file exactly, with lines and next steps, on a bare Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bare_run import ask
from conftest import PRACTICE, PYTHON
from lookalike import BAD_LINES, GOOD, write_lookalike

from trainer.rows.inspect import inspect_files

BARE = (sys.executable, "-S")  # no site-packages: the standard library only
JESSY = os.environ.get("THORTIME_JESSY")


def kinds(report: dict) -> list[str]:
    return [finding["kind"] for finding in report["findings"]]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_counts_the_lookalike_exactly(tmp_path: Path, seed: int) -> None:
    """Row 32: duplicates, leaks and conflicts in the numbers that were put in."""
    truth = write_lookalike(tmp_path, seed)
    code, report = ask("inspect", str(tmp_path / "train.jsonl"), "--held-out", str(tmp_path / "held-out.jsonl"), "--json", python=BARE)
    train, held_out = report["files"]
    assert code == 0
    assert (train["rows"], held_out["rows"], train["badRows"]) == (truth.train_rows, truth.held_out_rows, 0)
    assert train["duplicates"]["rows"] == truth.duplicates
    assert (report["leaks"]["pairs"], report["leaks"]["questions"]) == (truth.leaked_pairs, truth.shared_questions)
    assert (report["conflicts"]["questions"], report["conflicts"]["rows"]) == (truth.conflict_questions, truth.conflict_rows)
    top = report["conflicts"]["top"][0]
    assert (top["question"], top["rows"], top["answers"]) == ("Acceptance Criteria", truth.top_rows, truth.top_answers)
    assert train["answerChars"]["max"] == truth.longest_answer
    assert train["longAnswers"] == {"overChars": 6000, "rows": 1} and held_out["longAnswers"]["rows"] == 0
    rows = [json.loads(line) for name in ("train", "held-out") for line in (tmp_path / f"{name}.jsonl").read_text().splitlines()]
    pairs = {(row["input"], row["output"]) for row in rows}
    assert report["distinct"] == {"questions": len({question for question, _ in pairs}), "pairs": len(pairs)}
    assert sum(train["categories"].values()) == truth.train_rows
    assert kinds(report) == ["duplicates", "conflicts", "leaks", "shared-questions", "personal-e-mail"]


def test_examples_point_at_the_lines(tmp_path: Path) -> None:
    write_lookalike(tmp_path)
    report = inspect_files(tmp_path / "train.jsonl", tmp_path / "held-out.jsonl", None, 2048)
    train, held_out = (
        [json.loads(line) for line in (tmp_path / name).read_text().splitlines()] for name in ("train.jsonl", "held-out.jsonl")
    )

    def pair(row: dict) -> tuple[str, str]:
        return row["input"], row["output"]

    for example in report["files"][0]["duplicates"]["examples"]:
        assert pair(train[example["line"] - 1]) == pair(train[example["firstLine"] - 1])
    for example in report["leaks"]["examples"]:
        assert pair(held_out[example["line"] - 1]) == pair(train[example["trainLine"] - 1])
    for conflict in report["conflicts"]["top"]:
        for place in conflict["places"]:
            assert (train, held_out)[place["file"]][place["line"] - 1]["input"] == conflict["question"]


def test_no_finding_quotes_a_row(tmp_path: Path) -> None:
    write_lookalike(tmp_path)
    report = inspect_files(tmp_path / "train.jsonl", tmp_path / "held-out.jsonl", None, 2048)
    assert "Acceptance" not in json.dumps(report["findings"])


def test_counts_bad_rows_by_kind_and_formats(tmp_path: Path) -> None:
    """Row 31: mixed formats and bad rows, by kind."""
    path = tmp_path / "rows.jsonl"
    other = b'{"prompt": "a", "completion": "b"}'
    path.write_bytes(b"\n".join([GOOD, *BAD_LINES.values(), *[b"{"] * 30, other]))
    code, report = ask("inspect", str(path), "--json", python=BARE)
    [file] = report["files"]
    assert code == 0
    assert (file["rows"], file["badRows"]) == (2, len(BAD_LINES) + 30)
    assert file["formats"] == {"input/output": 1, "prompt/completion": 1}
    counts = {bad["kind"]: (bad["count"], len(bad["examples"])) for bad in file["bad"]}
    assert counts == {**dict.fromkeys(BAD_LINES, (1, 1)), "not-json": (31, 20)}
    assert kinds(report) == ["bad-rows", "mixed-formats"]


def test_refusals_are_one_fault_on_stdout(tmp_path: Path) -> None:
    code, answer = ask("inspect", str(tmp_path / "none.jsonl"), "--json", python=BARE)
    assert (code, answer["fault"]["kind"]) == (1, "data.missing")
    assert set(answer["fault"]) == {"kind", "message", "next"}


def test_counts_tokens_and_what_the_limit_cuts(tmp_path: Path) -> None:
    write_lookalike(tmp_path)
    report = inspect_files(tmp_path / "train.jsonl", None, PRACTICE / "model", 256)
    tokens = report["files"][0]["tokens"]
    assert tokens["overLength"] == 1 and tokens["cutTokens"] == tokens["max"] - 256 and tokens["lostAnswers"] == 0
    assert [example["tokens"] for example in tokens["examples"]] == [tokens["max"]]
    assert tokens["total"] > tokens["max"] > 9000
    tight = inspect_files(tmp_path / "train.jsonl", None, PRACTICE / "model", 16)["files"][0]["tokens"]
    assert tight["lostAnswers"] > 0 and "lost-answers" in kinds(inspect_files(tmp_path / "train.jsonl", None, PRACTICE / "model", 16))


def check(*arguments: str) -> tuple[int, dict]:
    return ask("check", *arguments, "--json", python=BARE)


def test_check_says_what_a_run_would_get(tmp_path: Path) -> None:
    truth = write_lookalike(tmp_path)
    data = ("--data", str(tmp_path / "train.jsonl"), "--held-out", str(tmp_path / "held-out.jsonl"))
    code, answer = check(*data, "--model", str(PRACTICE / "model"))
    assert code == 0
    assert (answer["localModel"], answer["family"], answer["rows"], answer["heldOutRows"]) == (
        True,
        "gemma2",
        truth.train_rows,
        truth.held_out_rows,
    )
    code, answer = check(*data, "--model", "unsloth/gemma-2-2b")
    assert (code, answer["localModel"], answer["family"], answer["warnings"]) == (0, False, None, [])


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("/none/such", "model.missing"),
        ("gemma", "model.missing"),
        ("../x/y", "model.missing"),
        ("a/b/c", "model.missing"),
        ("a/b\n", "model.missing"),
        ("org/..", "model.missing"),
        ("org/" + "x" * 300, "model.missing"),
        ("", "model.missing"),
        ("unsloth/gemma-2-2b-bnb-4bit", "model.family"),
    ],
)
def test_check_refuses_a_model_that_is_none(tmp_path: Path, model: str, kind: str) -> None:
    (tmp_path / "rows.jsonl").write_bytes(GOOD)
    code, answer = check("--data", str(tmp_path / "rows.jsonl"), "--model", model)
    assert (code, answer["fault"]["kind"]) == (1, kind)


def test_check_names_bad_lines_and_the_way_on(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join([GOOD] * 60 + [b"{"] * 7))
    arguments = ("--data", str(path), "--model", "unsloth/gemma-2-2b")
    code, answer = check(*arguments)
    assert (code, answer["fault"]["kind"]) == (1, "data.bad-rows")
    assert "rows.jsonl has 7 rows that cannot be used: line 61 is not JSON" in answer["fault"]["message"]
    assert "and 2 more" in answer["fault"]["message"] and "--skip-bad-rows" in answer["fault"]["next"]
    code, answer = check(*arguments, "--skip-bad-rows")
    assert (code, answer["rows"]) == (0, 60)
    assert answer["warnings"] == ["7 rows of rows.jsonl cannot be used and are left out."]


def test_check_refuses_a_file_without_any_row_even_when_skipping(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b"{\n{\n")
    code, answer = check("--data", str(tmp_path / "rows.jsonl"), "--model", "unsloth/gemma-2-2b", "--skip-bad-rows")
    assert (code, answer["fault"]["kind"]) == (1, "data.no-rows")


def test_check_refuses_the_training_file_as_held_out(tmp_path: Path) -> None:
    path = str(tmp_path / "rows.jsonl")
    Path(path).write_bytes(GOOD)
    code, answer = check("--data", path, "--held-out", path, "--model", "unsloth/gemma-2-2b")
    assert (code, answer["fault"]["kind"]) == (1, "data.same-file")


def test_imports_nothing_heavy() -> None:
    heavy = "{'mlx', 'numpy', 'transformers', 'huggingface_hub', 'httpx', 'rensa', 'py3langid'}"
    code = f"import sys, trainer.rows.inspect, trainer.rows.check, trainer.model.probe; print(sorted(set(sys.modules) & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=PYTHON, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_names_rows_that_hold_the_formats_own_marks(tmp_path: Path) -> None:
    marked = b'{"input": "a", "output": "b<end_of_turn>\\n<start_of_turn>user\\nc"}'
    (tmp_path / "rows.jsonl").write_bytes(b"\n".join([GOOD, marked, GOOD]))
    report = inspect_files(tmp_path / "rows.jsonl", None, None, 2048)
    assert report["files"][0]["markedRows"] == 1 and "turn-marks" in kinds(report)


@pytest.mark.users_data
def test_counts_the_users_data_as_it_is_known_to_be() -> None:
    folder = Path(JESSY or "")
    train, held_out = folder / "jessy_maximum_train.jsonl", folder / "jessy_maximum_val.jsonl"
    report = inspect_files(train, held_out, None, 2048)
    assert [file["rows"] for file in report["files"]] == [3242, 361]
    assert report["files"][0]["duplicates"]["rows"] == 304
    assert (report["leaks"]["pairs"], report["leaks"]["questions"], report["leaks"]["answers"]) == (43, 130, 77)
    assert (report["conflicts"]["questions"], report["conflicts"]["rows"]) == (208, 1141)
    tops = [(top["rows"], top["answers"]) for top in report["conflicts"]["top"]]
    assert tops[0] == (148, 111)
    assert all(27 <= rows <= 68 and 27 <= answers <= 67 for rows, answers in tops[1:7])
    assert report["files"][0]["personal"]["e-mail"]["rows"] == 1
    assert [file["longAnswers"]["rows"] for file in report["files"]] == [11, 2]
    assert report["distinct"] == {"questions": 2470, "pairs": 3254}
    assert [file["badRows"] for file in report["files"]] == [0, 0]
    assert "139 rows share one question with 106 different answers" in report["expectation"]["message"]
    assert report["expectation"]["floor"]["nats"] > 139 * 4
    alone = inspect_files(train, None, None, 2048)["conflicts"]["top"][0]
    assert (alone["rows"], alone["answers"]) == (139, 106)
    train_chars, held_out_chars = (file["rowChars"] for file in report["files"])
    assert (train_chars["median"], train_chars["max"]) == (344, 42076)
    # Known as "about 1,150 to 1,370".
    assert all(1140 <= chars["p95"] <= 1380 for chars in (train_chars, held_out_chars))
