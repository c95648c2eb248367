"""Promise: the loss floor is the entropy of the answers given the question, and near rows, languages and padding are counted as stated."""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from bare_run import ask
from conftest import PRACTICE
from lookalike import write_lookalike

from trainer.rows.inspect import Inspection, inspect, inspect_files
from trainer.rows.padding import padding_cost


def write_rows(path: Path, pairs: list[tuple[str, str]]) -> Path:
    path.write_text("".join(json.dumps({"input": q, "output": a}, ensure_ascii=False) + "\n" for q, a in pairs), encoding="utf-8")
    return path


def entropy_of_answers(path: Path) -> float:
    """Nats over all rows, by the other form of the formula: −n Σ p ln p for each question."""
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for line in path.read_text().splitlines():
        row = json.loads(line)
        answers[row["input"]][row["output"]] += 1
    total = 0.0
    for counts in answers.values():
        rows = sum(counts.values())
        total += rows * -sum(n / rows * math.log(n / rows) for n in counts.values())
    return total


def test_four_equally_frequent_answers_cost_ln_4_each(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [("one?", f"answer {n}") for n in range(4)] + [("two?", "same")] * 4)
    expectation = inspect_files(path, None, None, 2048)["expectation"]
    assert expectation["floor"]["nats"] == pytest.approx(4 * math.log(4), abs=1e-6)
    assert expectation["floor"]["perAnswer"] == pytest.approx(4 * math.log(4) / 8, abs=1e-6)
    assert expectation["floor"]["perToken"] is None and "--model" in expectation["floor"]["why"]
    assert "4 rows share one question with 4 different answers" in expectation["message"]


def test_no_contradiction_means_no_floor(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [("one?", "a"), ("one?", "a"), ("two?", "a")])
    expectation = inspect_files(path, None, None, 2048)["expectation"]
    assert expectation["floor"]["nats"] == 0 and "towards zero" in expectation["message"]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_lookalikes_floor_per_token(tmp_path: Path, seed: int) -> None:
    """By another formula, and per supervised token where the model's tokenizer is there; held-out rows do not count."""
    write_lookalike(tmp_path, seed)
    report = inspect_files(tmp_path / "train.jsonl", tmp_path / "held-out.jsonl", PRACTICE / "model", 256)
    floor, tokens = report["expectation"]["floor"], report["files"][0]["tokens"]
    nats = entropy_of_answers(tmp_path / "train.jsonl")
    assert floor["nats"] == pytest.approx(nats, abs=1e-5)
    assert floor["supervisedTokens"] == tokens["supervised"] > 0
    assert floor["perToken"] == pytest.approx(nats / tokens["supervised"], abs=1e-6)
    assert f"{floor['perToken']:.3f} per token" in report["expectation"]["message"]


def test_no_model_of_the_answers_beats_the_floor(tmp_path: Path) -> None:
    """The bound bounds: any other distribution over the answers of a question costs at least as much."""
    random_ = random.Random(3)
    answers = [random_.choice("aaabbc") for _ in range(60)]
    path = write_rows(tmp_path / "rows.jsonl", [("q?", answer) for answer in answers])
    floor = inspect_files(path, None, None, 2048)["expectation"]["floor"]["nats"]
    for _ in range(200):
        weights = {letter: random_.random() + 1e-9 for letter in "abc"}
        total = sum(weights.values())
        assert sum(-math.log(weights[a] / total) for a in answers) >= floor - 1e-9


def test_padding_is_what_a_batch_of_four_pays(tmp_path: Path) -> None:
    cost = padding_cost([8] * 16, 2048)
    assert (cost["tokens"], cost["padded"], cost["realShare"]) == (128, 128, 1.0)
    mixed = padding_cost([8, 8, 8, 256] * 40, 2048)
    assert mixed["realShare"] < 0.6 and mixed["byLength"]["realShare"] > 0.95
    assert mixed["padded"] >= mixed["tokens"] == 40 * 280
    assert padding_cost([], 2048)["realShare"] is None


def test_padding_and_truncation_are_findings_with_their_way_out(tmp_path: Path) -> None:
    write_lookalike(tmp_path)
    report = inspect_files(tmp_path / "train.jsonl", None, PRACTICE / "model", 1024)
    found = {finding["kind"]: finding for finding in report["findings"]}
    assert found["over-length"]["count"] == 1
    padding = report["files"][0]["tokens"]["padding"]
    assert 0 < padding["realShare"] < padding["byLength"]["realShare"] <= 1
    if padding["realShare"] < 0.7:
        assert "micro_batch_tokens" in found["padding"]["next"]


def test_near_rows_are_found_and_far_ones_are_not(tmp_path: Path) -> None:
    random_ = random.Random(5)
    words = [f"w{n}x{n * 7919 % 997}" for n in range(3_000)]
    base = [(" ".join(random_.choices(words, k=6)), " ".join(random_.choices(words, k=60))) for _ in range(120)]
    near = [(question, answer.replace(answer.split()[30], "değişti")) for question, answer in base[:25]]
    far = [(question, " ".join(random_.choices(words, k=60))) for question, _ in base[30:50]]
    train = write_rows(tmp_path / "train.jsonl", [*base, *near, *far, *base[:5]])
    held_out = write_rows(tmp_path / "held.jsonl", [base[60], (base[61][0], base[61][1] + " ve son"), ("yeni?", "bambaşka bir cevap")])
    report = inspect(Inspection(train, held_out, near=True))
    assert report["near"]["rows"] == 25 and report["files"][0]["duplicates"]["rows"] == 5
    assert [(e["line"], e["firstLine"]) for e in report["near"]["examples"]] == [(121 + n, 1 + n) for n in range(20)]
    # The exact leak is counted as a leak and not again as a near one.
    assert report["leaks"]["pairs"] == 1 and report["near"]["leaks"] == {"rows": 1, "examples": [{"line": 2, "trainLine": 62}]}
    assert report["near"]["complete"] and report["near"]["looked"] == [165, 2]


def test_says_each_rows_language(tmp_path: Path) -> None:
    turkish = "Gece eğitimi bittiğinde model kaydedilir ve sabah sana bir rapor gösterilir."
    english = "When the night is over the model is saved and you see a report in the morning."
    rows = [
        ("Gece ne olur, anlatır mısın?", turkish), ("What happens at night, please?", english), ("Rapor ne zaman gelir acaba?", english),
        ("Bunu iki dilde anlat lütfen.", f"{turkish}\n{english}"), ("??", "42"),
        ("Komutu nasıl çalıştırırım acaba?", f"```\n{english} {english}\n```\nBu komutu uçbirimde çalıştırman yeterli olur."),
    ]  # fmt: skip
    report = inspect(Inspection(write_rows(tmp_path / "rows.jsonl", rows), languages=True))
    languages = report["files"][0]["languages"]
    assert languages == {"looked": 6, "counts": {"tr": 2, "mixed": 2, "en": 1, "unknown": 1}, "mixed": [3, 4]}


def test_what_was_not_asked_for_is_said_and_not_zero(tmp_path: Path) -> None:
    report = inspect_files(write_rows(tmp_path / "rows.jsonl", [("a", "b")]), None, None, 2048)
    assert report["near"] is None and report["files"][0]["languages"] is None
    assert {left["what"] for left in report["leftOut"]} == {"tokens", "near-duplicates", "languages"}
    assert all(left["why"] and left["next"] for left in report["leftOut"])


def test_a_bare_python_leaves_out_what_it_cannot_do(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [("a", "b")])
    code, report = ask("inspect", str(path), "--near", "--languages", "--json", python=(sys.executable, "-S"))
    assert code == 0 and report["near"] is None
    assert any("rensa" in left["why"] for left in report["leftOut"]) and any("py3langid" in left["why"] for left in report["leftOut"])
