"""Promise: `prepare` decides every row before training, writes `data/` whole or not at all, and repeats itself exactly (faults 31, 33)."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from bare_run import bare_run, call, fault, fetched
from conftest import FORMAT, PRACTICE, TRAINING, Run
from lookalike import BAD_LINES, GOOD, Truth, write_lookalike

from trainer.model.model import load_tokenizer
from trainer.rows import prepare as prepare_verb
from trainer.rows.plan import padded_tokens
from trainer.rows.sample import stratified_sample
from trainer.run.run_plan import parse_training

JESSY = os.environ.get("THORTIME_JESSY")
END_OF_TURN = 5
STABLE = [243, 556, 661, 790, 803]


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def lookalike_run(tmp_path: Path, **training: object) -> tuple[Run, Truth]:
    truth = write_lookalike(tmp_path)
    data = {"train": str(tmp_path / "train.jsonl"), "heldOut": str(tmp_path / "held-out.jsonl")}
    return fetched(bare_run(tmp_path / "run", data=data, training={"max_steps": -1, **training})), truth


def prepare(run: Run) -> dict:
    assert call(run, "prepare") == 0, run.events("failed")
    return run.events("prepared")[-1]


def files(run: Run) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (run.path / "data").iterdir()}


def test_prepares_the_lookalike(tmp_path: Path) -> None:
    run, truth = lookalike_run(tmp_path)
    event = prepare(run)
    train, held_out, steps = (lines(run.path / "data" / name) for name in ("train.jsonl", "held-out.jsonl", "batches.jsonl"))
    assert (event["rows"], event["leakedRows"], event["droppedRows"]) == (truth.train_rows, truth.leaked_pairs, 0)
    assert event["heldOutRows"] == truth.held_out_rows - truth.leaked_pairs == len(held_out)
    assert event["truncatedRows"] == sum(row["ids"][-1] != END_OF_TURN for row in train) > 0
    assert event["tokens"] == sum(len(row["ids"]) for row in train)
    assert event["supervisedTokens"] == sum(len(row["ids"]) - row["answerFrom"] for row in train)
    assert event["steps"] == len(steps) == event["stepsPerEpoch"] and event["epochs"] == 1
    # Each row once an epoch, and the padding of exactly these micro-batches.
    batches = [batch for step in steps for batch in step["microBatches"]]
    assert sorted(row for batch in batches for row in batch) == [row["row"] for row in train] == list(range(truth.train_rows))
    assert event["paddedTokens"] == sum(
        padded_tokens([len(train[row]["ids"]) for row in batch], parse_training(TRAINING)) for batch in batches
    )
    assert {warned["kind"] for warned in run.events("warned")} == {"data.conflicts", "data.leaks", "data.truncated"}


def test_leaked_pairs_are_in_no_held_out_row(tmp_path: Path) -> None:
    """Row 32: test rows inside the training file are counted and taken out of the held-out rows."""
    run, _ = lookalike_run(tmp_path)
    prepare(run)
    train, held_out = (lines(tmp_path / name) for name in ("train.jsonl", "held-out.jsonl"))
    pairs = {(row["input"], row["output"]) for row in train}
    kept = [held_out[row["line"] - 1] for row in lines(run.path / "data" / "held-out.jsonl")]
    assert kept and not [row for row in kept if (row["input"], row["output"]) in pairs]


def test_tokens_are_the_prompt_format_and_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [
        {"input": "Who are you?", "output": "A model.", "category": "basic"},
        {
            "messages": [
                {"role": role, "content": text}
                for role, text in (("user", "Hello!"), ("assistant", "Hello."), ("user", "Name?"), ("assistant", "None."))
            ]
        },
        {
            "messages": [
                {"role": "system", "content": "Own."},
                {"role": "user", "content": "Hello!"},
                {"role": "assistant", "content": "Hello."},
            ]
        },
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "held.jsonl").write_bytes(GOOD)
    run = fetched(
        bare_run(
            tmp_path / "run", data={"train": str(path), "heldOut": str(tmp_path / "held.jsonl")}, format={**FORMAT, "system": "Be kind."}
        )
    )
    prepare(run)
    tokenizer = load_tokenizer(PRACTICE / "model")
    prompts, answers = [], []
    for row in lines(run.path / "data" / "train.jsonl"):
        prompts.append(tokenizer.decode(row["ids"][: row["answerFrom"]]))
        answers.append(tokenizer.decode(row["ids"][row["answerFrom"] :]))
    user, model, end = "<start_of_turn>user\n", "<start_of_turn>model\n", "<end_of_turn>"
    assert prompts == [
        f"<bos>{user}Be kind.\n\nWho are you?{end}\n{model}",
        f"<bos>{user}Be kind.\n\nHello!{end}\n{model}Hello.{end}\n{user}Name?{end}\n{model}",
        f"<bos>{user}Own.\n\nHello!{end}\n{model}",
    ]
    assert answers == [f"A model.{end}", f"None.{end}", f"Hello.{end}"]


def test_drops_rows_that_lose_their_whole_answer(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    long_question = json.dumps({"input": "Who are you? " * 60, "output": "A model."}).encode()
    path.write_bytes(b"\n".join([GOOD, long_question, GOOD]))
    run = fetched(bare_run(tmp_path / "run", data={"train": str(path), "heldOut": None, "heldOutShare": 0.01}))
    event = prepare(run)
    assert (event["droppedRows"], event["rows"]) == (1, 1)
    assert "data.dropped" in {warned["kind"] for warned in run.events("warned")}


def test_refuses_when_no_answer_survives(tmp_path: Path) -> None:
    run, _ = lookalike_run(tmp_path, max_seq_length=16)
    (tmp_path / "train.jsonl").write_text(json.dumps({"input": "Who are you? " * 60, "output": "A model."}) + "\n")
    assert call(run, "prepare") == 1
    assert fault(run)["kind"] == "data.no-rows" and not (run.path / "data").exists()


def test_all_tokens_carry_labels_when_the_plan_says_so(tmp_path: Path) -> None:
    run, truth = lookalike_run(tmp_path, train_on_answer_only=False)
    event = prepare(run)
    assert event["supervisedTokens"] == event["tokens"] - truth.train_rows


def test_a_plan_that_was_cut_is_prepared_anew_and_stays_so(tmp_path: Path) -> None:
    run, truth = lookalike_run(tmp_path, num_train_epochs=2)
    whole = prepare(run)
    plan = json.loads((run.path / "run.json").read_text())
    plan["training"]["num_train_epochs"] = 1
    plan["data"]["rows"] = 20
    (run.path / "run.json").write_text(json.dumps(plan))
    cut = prepare(run)
    assert (whole["epochs"], whole["rows"]) == (2, truth.train_rows)
    assert (cut["epochs"], cut["rows"], cut["steps"]) == (1, 20, cut["stepsPerEpoch"])
    assert len(lines(run.path / "data" / "batches.jsonl")) == cut["steps"]
    before = files(run)
    prepare(run)
    assert files(run) == before


def test_a_second_time_does_nothing_again(tmp_path: Path) -> None:
    run, _ = lookalike_run(tmp_path)
    first = prepare(run)
    before, at = files(run), (run.path / "data" / "train.jsonl").stat().st_mtime_ns
    second = prepare(run)
    assert files(run) == before and (run.path / "data" / "train.jsonl").stat().st_mtime_ns == at
    assert {key: first[key] for key in ("rows", "tokens", "steps")} == {key: second[key] for key in ("rows", "tokens", "steps")}


def test_the_same_plan_makes_the_same_bytes(tmp_path: Path) -> None:
    run, _ = lookalike_run(tmp_path)
    prepare(run)
    before = files(run)
    (run.path / "data" / "train.jsonl").write_bytes(b"damaged")
    prepare(run)
    assert files(run) == before


def test_a_changed_source_is_refused(tmp_path: Path) -> None:
    """Row 33: a source file changed between two starts of one run: refused with the offer of a new run."""
    run, _ = lookalike_run(tmp_path)
    prepare(run)
    before = files(run)
    with (tmp_path / "train.jsonl").open("ab") as file:
        file.write(GOOD + b"\n")
    assert call(run, "prepare") == 1
    assert fault(run)["kind"] == "data.changed" and "train.jsonl has changed" in fault(run)["message"]
    assert files(run) == before


def test_bad_rows_stop_it_unless_they_are_skipped(tmp_path: Path) -> None:
    """Row 31: found before training, with line numbers; the person chooses to skip or to stop."""
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join([GOOD, *BAD_LINES.values(), GOOD, GOOD]))
    refused = fetched(bare_run(tmp_path / "refused", data={"train": str(path)}))
    assert call(refused, "prepare") == 1
    assert fault(refused)["kind"] == "data.bad-rows"
    skipped = fetched(bare_run(tmp_path / "skipped", data={"train": str(path), "skipBadRows": True}))
    assert prepare(skipped)["rows"] == 3
    assert [row["line"] for row in lines(skipped.path / "data" / "train.jsonl")] == [1, 11, 12]
    assert "data.bad-rows" in {warned["kind"] for warned in skipped.events("warned")}


def test_a_share_is_held_out_where_no_file_is_named(tmp_path: Path) -> None:
    truth = write_lookalike(tmp_path)
    data = {"train": str(tmp_path / "train.jsonl"), "heldOut": None, "heldOutShare": 0.2}
    run = fetched(bare_run(tmp_path / "run", data=data))
    event = prepare(run)
    train, held_out = ({row["line"] for row in lines(run.path / "data" / name)} for name in ("train.jsonl", "held-out.jsonl"))
    assert not train & held_out
    assert event["heldOutRows"] + event["leakedRows"] == round(truth.train_rows * 0.2)
    assert event["rows"] == truth.train_rows - round(truth.train_rows * 0.2)


def test_a_sample_keeps_the_proportions_and_the_held_out_rows(tmp_path: Path) -> None:
    truth = write_lookalike(tmp_path)
    data = {"train": str(tmp_path / "train.jsonl"), "heldOut": str(tmp_path / "held-out.jsonl"), "rows": 60}
    run = fetched(bare_run(tmp_path / "run", data=data))
    event = prepare(run)
    assert (event["rows"], event["leakedRows"]) == (60, truth.leaked_pairs)
    everything = Counter(row["category"] for row in lines(tmp_path / "train.jsonl"))
    chosen = Counter(row["category"] for row in lines(run.path / "data" / "train.jsonl"))
    for category, count in everything.items():
        assert abs(chosen[category] - 60 * count / truth.train_rows) < 1


def test_samples_are_seeded_exact_and_stable() -> None:
    strata = ["a"] * 70 + ["b"] * 20 + ["c"] * 10
    chosen = stratified_sample(strata, 10, 5, "rows")
    assert chosen == sorted(set(chosen)) and Counter(strata[index] for index in chosen) == {"a": 7, "b": 2, "c": 1}
    assert chosen == stratified_sample(strata, 10, 5, "rows")
    assert chosen != stratified_sample(strata, 10, 6, "rows") and chosen != stratified_sample(strata, 10, 5, "held-out")
    assert all(len(stratified_sample(strata, count, 5, "rows")) == min(count, 100) for count in range(0, 130, 7))
    # Held against another machine and Python version by value.
    assert stratified_sample(["a"] * 1000, 5, 3407, "rows") == STABLE


def test_a_kill_leaves_no_half_made_data(tmp_path: Path) -> None:
    write_lookalike(tmp_path, plain=4_000)
    run = fetched(bare_run(tmp_path / "run", data={"train": str(tmp_path / "train.jsonl"), "heldOut": str(tmp_path / "held-out.jsonl")}))
    partial = run.path / "data.partial" / "train.jsonl"
    process = run.start("prepare")
    deadline = time.monotonic() + 60
    while not (partial.exists() and partial.stat().st_size > 50_000):
        assert time.monotonic() < deadline and process.poll() is None, run.log()
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert not (run.path / "data").exists() and not run.events("prepared")
    assert prepare(run)["rows"] > 4_000
    assert not (run.path / "data.partial").exists()


@pytest.mark.users_data
def test_prepares_the_users_data(tmp_path: Path) -> None:
    folder = Path(JESSY or "")
    data = {"train": str(folder / "jessy_maximum_train.jsonl"), "heldOut": str(folder / "jessy_maximum_val.jsonl")}
    event = prepare(
        fetched(bare_run(tmp_path / "full", data=data, training={"max_seq_length": 2048, "max_steps": -1, "num_train_epochs": 3}))
    )
    assert (event["rows"], event["heldOutRows"], event["leakedRows"], event["steps"], event["stepsPerEpoch"]) == (3242, 318, 43, 609, 203)
    quick = fetched(bare_run(tmp_path / "quick", data={**data, "rows": 1000}, training={"max_steps": -1}))
    event = prepare(quick)
    assert (event["rows"], event["heldOutRows"], event["steps"]) == (1000, 318, 63)


def test_unchanged_data_is_not_tokenised_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run beside it with the same rows and other values of training takes over what was prepared, warnings too."""
    first, _ = lookalike_run(tmp_path)
    event = prepare(first)
    second = fetched(
        bare_run(tmp_path / "run-2", data=plan_of(first)["data"], training={"max_steps": -1, "learning_rate": 1e-5, "lora_r": 4})
    )
    monkeypatch.setattr(prepare_verb, "load_tokenizer", lambda _path: pytest.fail("tokenised again"))
    again = prepare(second)
    assert {**again, "seconds": 0, "at": 0, "mono": 0} == {**event, "seconds": 0, "at": 0, "mono": 0}
    assert files(second) == files(first)
    assert [one["message"] for one in second.events("warned")] == [one["message"] for one in first.events("warned")]


@pytest.mark.parametrize("what", ["length", "rows", "file", "damaged", "link", "format"])
def test_other_data_is_never_taken_over(tmp_path: Path, what: str) -> None:
    """Where anything differs that the rows hang on, or the other run's files are not what it prepared, they are prepared anew."""
    first, _ = lookalike_run(tmp_path)
    prepare(first)
    changes: dict[str, Any] = {"data": plan_of(first)["data"], "training": {"max_steps": -1}}
    if what == "length":
        changes["training"]["max_seq_length"] = 64
    elif what == "rows":
        changes["data"] = {**changes["data"], "rows": 20}
    elif what == "format":
        changes["format"] = {"system": "Kisa yaz."}
    elif what == "file":
        with open(tmp_path / "train.jsonl", "a") as file:
            file.write(json.dumps({"input": "one more?", "output": "one more."}) + "\n")
    rows = first.path / "data" / "train.jsonl"
    if what == "damaged":
        rows.write_bytes(rows.read_bytes().replace(b"1", b"2", 1))
    elif what == "link":
        rows.rename(tmp_path / "elsewhere")
        rows.symlink_to(tmp_path / "elsewhere")
    alone = tmp_path / "alone"
    beside, apart = (fetched(bare_run(place / "run-2", **changes)) for place in (tmp_path, alone))
    assert {**prepare(beside), "seconds": 0, "at": 0, "mono": 0} == {**prepare(apart), "seconds": 0, "at": 0, "mono": 0}
    assert files(beside) == files(apart)
    if what not in ("damaged", "link"):
        assert files(beside) != files(first)


def plan_of(run: Run) -> dict[str, Any]:
    return json.loads((run.path / "run.json").read_text())
