"""Promise: parity is measured against what the trained model itself holds likeliest, token by token, on its own answers."""

from __future__ import annotations

import json
from pathlib import Path

from bare_run import bare_run, call, fetched
from conftest import Run
from make_checkpoint import seal_adapter

from trainer.after.answer import Answer
from trainer.after.score import SCORED_TOKENS, piece_bytes, spread


def scored(run: Run) -> list[dict]:
    return [json.loads(line) for line in (run.path / "answers" / "scored.jsonl").read_text().splitlines()]


def test_the_answers_after_are_scored_and_read_as_they_were_made(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run"))
    seal_adapter(run, 5, 0.0)
    assert call(run, "answer", "--stage", "after") == 0
    made = {answer["prompt"]: answer for answer in map(json.loads, (run.path / "answers" / "after.jsonl").read_text().splitlines())}
    lines = scored(run)
    assert [line["prompt"] for line in lines] == list(made)
    for line in lines:
        answer = made[line["prompt"]]
        own = line["pieces"][:-1] if line["ended"] else line["pieces"]
        assert bytes.fromhex("".join(own)).decode() == answer["answer"] and line["step"] == 5
        assert line["ended"] == (answer["stop"] == "end")
        assert len(line["pieces"]) == len(line["best"]) == len(line["logprobs"]) and line["promptTokens"] > 4
        # Greedy answers are what the model holds likeliest, place by place; less than certain everywhere.
        assert line["best"] == line["pieces"]
        assert all(logprob <= 0 for logprob in line["logprobs"])


def test_the_base_has_no_scores(tmp_path: Path) -> None:
    run = fetched(bare_run(tmp_path / "run"))
    assert call(run, "answer", "--stage", "before") == 0
    assert not (run.path / "answers" / "scored.jsonl").exists()


class Pieces:
    def convert_ids_to_tokens(self, token: int) -> str:
        return ["\u2581Thor", "<0xC4>", "\u011f\u2581", "<end_of_turn>"][token]


def test_a_token_is_its_bytes() -> None:
    assert [piece_bytes(Pieces(), token) for token in range(4)] == [b" Thor", b"\xc4", "\u011f ".encode(), b"<end_of_turn>"]


def test_of_many_answers_some_of_each_category_are_read() -> None:
    answers = [Answer("after", str(index), "c", "?", "a", 1, "end", 0.1, 5) for index in range(200)]
    chosen = [int(answer.prompt) for answer in spread(answers, 60)]
    assert len(set(chosen)) == 60 and chosen[0] == 0 and chosen[-1] >= 190
    assert spread(answers[:3], 60) == answers[:3] and SCORED_TOKENS == 64
