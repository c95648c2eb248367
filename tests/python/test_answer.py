"""Promise: before/after answers come from the run's own format, greedily, once each, and a killed verb goes on where it was (fault 1)."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest
from bare_run import bare_run, call, fault, fetched, verb
from conftest import FORMAT, PRACTICE, TRAINING, Run
from make_checkpoint import seal_adapter

from trainer.after.answer import Answer, journal_answer
from trainer.after.generate import generate, stop_ids
from trainer.model.model import load_base, prompt_text
from trainer.run.journal import Journal
from trainer.run.run_plan import parse_format, parse_training


def answers(run: Run, stage: str) -> list[dict]:
    return [json.loads(line) for line in (run.path / "answers" / f"{stage}.jsonl").read_text().splitlines()]


def test_answers_before_with_what_the_base_knows(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run"))
    assert call(run, "answer", "--stage", "before") == 0
    made = answers(run, "before")
    prompts = json.loads((PRACTICE / "prompts.json").read_text())
    assert [(answer["prompt"], answer["text"]) for answer in made] == [(prompt["id"], prompt["text"]) for prompt in prompts]
    spider = next(answer for answer in made if answer["prompt"] == "world-legs")
    assert "eight" in spider["answer"] and spider["stop"] == "end" and spider["step"] == 0
    events = run.events("answered")
    assert [(event["prompt"], event["answer"], event["stage"]) for event in events] == [
        (answer["prompt"], answer["answer"], "before") for answer in made
    ]
    assert run.events("answers-finished")[-1]["answers"] == len(prompts)


def test_answers_after_differ_where_the_adapter_changes_the_model(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run"))
    for stage, strength in (("before", None), ("after", 0.0)):
        if strength is not None:
            seal_adapter(run, 5, strength)
        assert call(run, "answer", "--stage", stage) == 0

    def texts(stage: str) -> list[str]:
        return [answer["answer"] for answer in answers(run, stage)]

    # An adapter that changes nothing answers as the base does; a strong one does not; the newest checkpoint counts.
    assert texts("after") == texts("before")
    seal_adapter(run, 7, 0.3)
    assert call(run, "answer", "--stage", "after") == 0
    assert texts("after") != texts("before") and {answer["step"] for answer in answers(run, "after")} == {7}


def test_without_a_checkpoint_there_is_no_after(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run"))
    assert call(run, "answer", "--stage", "after") == 1
    assert fault(run)["kind"] == "run.no-checkpoint"


def test_a_damaged_checkpoint_is_named_and_passed_over(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run", answers={"prompts": [{"id": "a", "category": "b", "text": "Hello!"}], "maxTokens": 8}))
    seal_adapter(run, 5, 0.0)
    seal_adapter(run, 9, 0.0)
    (run.path / "checkpoints" / "step-000009" / "adapters.safetensors").write_bytes(b"x")
    assert call(run, "answer", "--stage", "after") == 0
    assert [(event["step"], event["path"]) for event in run.events("checkpoint-refused")] == [(9, "checkpoints/step-000009")]
    assert answers(run, "after")[0]["step"] == 5


def test_a_second_time_answers_nothing_again(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run"))
    assert call(run, "answer", "--stage", "before") == 0
    count = len(run.events("answered"))
    assert call(run, "answer", "--stage", "before") == 0
    assert len(run.events("answered")) == count and len(run.events("answers-finished")) == 2


def test_a_killed_verb_goes_on_where_it_was(tmp_path: Path) -> None:
    prompts = [{"id": f"p{index}", "category": "c", "text": f"say: word {index}"} for index in range(60)]
    run = fetched(bare_run(tmp_path / "run", answers={"prompts": prompts, "maxTokens": 24}))
    process = run.start("answer", "--stage", "before")
    deadline = time.monotonic() + 90
    while len(run.events("answered")) < 5:
        assert time.monotonic() < deadline and process.poll() is None, run.log()
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    before = len(run.events("answered"))
    assert 5 <= before < 60 and not (run.path / "answers" / "before.jsonl").exists()
    assert verb(run, "answer", "--stage", "before").returncode == 0
    assert [answer["prompt"] for answer in answers(run, "before")] == [prompt["id"] for prompt in prompts]
    # At most the one answer whose event was written and whose line was not is made twice.
    assert len(run.events("answered")) <= 61
    assert not (run.path / "answers" / "before.jsonl.partial").exists()


def test_a_long_answer_fits_into_a_journal_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "events.jsonl", "trainer", 0)
    journal_answer(journal, Answer("before", "id", "category", "\u0001ş" * 40_000, 'ü"' * 60_000, 60_000, "length", 1.0, 0))
    [line] = (tmp_path / "events.jsonl").read_bytes().splitlines()
    event = json.loads(line)
    assert len(line) < 64 * 1024 and "step" not in event
    assert event["text"].startswith("\u0001ş") and event["answer"].startswith('ü"ü"') and event["answer"].endswith("…")


@pytest.fixture(scope="module")
def loaded() -> tuple:
    return load_base(PRACTICE / "model", parse_training(TRAINING))


def test_greedy_answers_equal_the_model_asked_token_by_token(loaded: tuple) -> None:
    import mlx.core as mx

    model, tokenizer = loaded
    form = parse_format({**FORMAT, "system": "Say it."})
    stops = stop_ids(tokenizer, form)
    assert stops == {1, 5}
    for question in ("Who are you?", "Gökyüzü ne renktir?", "How many legs does a spider have?"):
        made = generate(model, tokenizer, form, question, 24, stops)
        ids, expected = tokenizer.encode(prompt_text(form, question), add_special_tokens=False), []
        for _ in range(24):
            token = mx.argmax(model(mx.array([ids + expected]))[0, -1]).tolist()
            if token in stops:
                break
            expected.append(token)
        assert made.text == tokenizer.decode(expected) and made.tokens == len(expected)


def test_stops_at_the_length_it_is_given(loaded: tuple) -> None:
    model, tokenizer = loaded
    form = parse_format(FORMAT)
    made = generate(model, tokenizer, form, "Who are you?", 3, stop_ids(tokenizer, form))
    assert (made.tokens, made.stop) == (3, "length")
