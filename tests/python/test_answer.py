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
from trainer.after.overlap import chrf
from trainer.after.sampling import sampler
from trainer.model.generate import Made, generate, generate_batch, prompt_ids, stop_ids
from trainer.model.model import load_base
from trainer.run.journal import Journal
from trainer.run.run_plan import Sampling, parse_format, parse_training


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


def told(made: Made | None) -> Made:
    assert made is not None
    return made


def test_answers_in_a_batch_are_those_asked_one_by_one(loaded: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prompts of very different lengths: most are padded, and they leave the batch at other times. The model's heads share keys."""
    model, tokenizer = loaded
    form = parse_format(FORMAT)
    stops = stop_ids(tokenizer, form)
    texts = [json.loads(line)["input"] for line in (PRACTICE / "held-out.jsonl").read_text().splitlines()]
    texts += ["Merhaba! " * 20, "?", "say: one two three"]
    # More than is read at once.
    monkeypatch.setattr("trainer.model.generate._PREFILL_TOKENS", 16)
    prompts = [prompt_ids(tokenizer, form, text) for text in texts]
    assert model.args.num_attention_heads != model.args.num_key_value_heads
    singly = [told(generate(model, tokenizer, prompt, 24, stops)) for prompt in prompts]
    assert {made.stop for made in singly} == {"end", "length"} and len({made.tokens for made in singly}) > 4
    for size in (len(prompts), 8, 3):
        batches = [generate_batch(model, tokenizer, prompts[at : at + size], 24, stops) for at in range(0, len(prompts), size)]
        assert [made for batch in batches for made in batch] == singly


def test_a_generation_that_may_not_go_on_gives_nothing(loaded: tuple) -> None:
    model, tokenizer = loaded
    form = parse_format(FORMAT)
    assert generate(model, tokenizer, prompt_ids(tokenizer, form, "Who are you?"), 24, stop_ids(tokenizer, form), lambda: False) is None


def test_sampled_answers_depend_on_their_seed_and_on_nothing_else(loaded: tuple) -> None:
    model, tokenizer = loaded
    form = parse_format(FORMAT)
    stops, prompt = stop_ids(tokenizer, form), prompt_ids(tokenizer, form, "Tell me of black holes and tea.")
    hot = Sampling(temperature=2.0, top_p=0.95, top_k=40, repeat_penalty=1.1)

    def asked(*seeds: int) -> list[str]:
        return [
            made.text for made in generate_batch(model, tokenizer, [prompt] * len(seeds), 24, stops, [sampler(hot, seed) for seed in seeds])
        ]

    together = asked(1, 2, 3, 4)
    assert together == [asked(seed)[0] for seed in (1, 2, 3, 4)] and len(set(together)) > 1
    cold = [sampler(Sampling(temperature=0, repeat_penalty=1), 1)]
    assert generate_batch(model, tokenizer, [prompt], 24, stops, cold) == [generate(model, tokenizer, prompt, 24, stops)]


@pytest.mark.parametrize(
    ("answer", "reference", "score"),
    [
        ("Ankara", "ankara", 1.0),
        ("", "x", 0.0),
        ("a b", "ab", 1.0),
        ("abc", "xyz", 0.0),
        # n = 1: 2/2 and 2/4, n = 2: 1/1 and 1/3; precision 1, recall 5/12, F with β 2: 5 × 1 × 5/12 ÷ (4 + 5/12).
        ("ab", "abcd", 25 / 53),
    ],
)
def test_overlap_is_chrf(answer: str, reference: str, score: float) -> None:
    assert chrf(answer, reference) == pytest.approx(score)
    assert chrf("gelmedim dün", "gelemedim") > chrf("bugün hava güzel", "gelemedim")


def test_held_out_questions_are_asked_before_and_after_and_compared(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run", answers={"prompts": [], "maxTokens": 32, "knowledge": 6}))
    assert call(run, "prepare") == 0
    assert call(run, "answer", "--stage", "before") == 0
    assert run.events("knowledge-compared") == []
    seal_adapter(run, 5, 0.0)
    assert call(run, "answer", "--stage", "after") == 0
    run.require_valid()
    [compared] = run.events("knowledge-compared")
    # The adapter changes nothing, so the answers are the same, and so is what they are worth.
    assert (compared["rows"], compared["difference"], compared["low"], compared["high"]) == (6, 0.0, 0.0, 0.0)
    lines = answers(run, "knowledge-before")
    assert compared["before"] == pytest.approx(sum(line["score"] for line in lines) / 6, abs=1e-6) and 0 < compared["before"] < 1
    rows = {json.loads(line)["output"] for line in (PRACTICE / "held-out.jsonl").read_text().splitlines()}
    assert {line["reference"] for line in lines} <= rows and len({line["row"] for line in lines}) == 6


def test_persona_prompts_are_asked_again_from_seeds_after_training_only(tmp_path: Path) -> None:
    prompts = [
        {"id": "who", "category": "basic", "text": "Who are you?", "persona": True},
        {"id": "legs", "category": "basic", "text": "Hello!"},
    ]
    more = {"prompts": prompts, "maxTokens": 12, "personaRepeats": 3}
    run = fetched(
        bare_run(
            tmp_path / "run", answers=more, deploy={"parameters": {"temperature": 1.2, "top_p": 0.9, "top_k": 40, "repeat_penalty": 1.1}}
        )
    )
    assert call(run, "answer", "--stage", "before") == 0
    assert run.events("answer-repeated") == []
    seal_adapter(run, 5, 0.1)
    assert call(run, "answer", "--stage", "after") == call(run, "answer", "--stage", "after") == 0
    run.require_valid()
    repeated = run.events("answer-repeated")
    assert [(event["prompt"], event["seed"]) for event in repeated] == [("who", 1), ("who", 2), ("who", 3)]
    assert [event["answer"] for event in repeated] == [line["answer"] for line in answers(run, "repeats")]


def test_greedy_answers_equal_the_model_asked_token_by_token(loaded: tuple) -> None:
    import mlx.core as mx

    model, tokenizer = loaded
    form = parse_format({**FORMAT, "system": "Say it."})
    stops = stop_ids(tokenizer, form)
    assert stops == {1, 5}
    for question in ("Who are you?", "Gökyüzü ne renktir?", "How many legs does a spider have?"):
        ids, expected = prompt_ids(tokenizer, form, question), []
        made = told(generate(model, tokenizer, ids, 24, stops))
        for _ in range(24):
            token = mx.argmax(model(mx.array([ids + expected]))[0, -1]).tolist()
            if token in stops:
                break
            expected.append(token)
        assert made.text == tokenizer.decode(expected) and made.tokens == len(expected)


def test_stops_at_the_length_it_is_given(loaded: tuple) -> None:
    model, tokenizer = loaded
    form = parse_format(FORMAT)
    made = told(generate(model, tokenizer, prompt_ids(tokenizer, form, "Who are you?"), 3, stop_ids(tokenizer, form)))
    assert (made.tokens, made.stop) == (3, "length")
