"""Makes the practice model and the practice rows from nothing, seeded.

    python resources/practice/make.py

For developers: the results are in the tree. Needs python/'s environment; no network.
"""

from __future__ import annotations

import argparse
import random
import shutil
import time
from pathlib import Path

from lessons import (
    Lesson,
    all_lessons,
    before_night,
    held_out_rows,
    replay,
    train_rows,
    write_rows,
)
from pretrain import DRILLS, Recipe, config, new_model, pretrain, write_model
from settings import CAMPAIGN, PROMPTS
from tokenizer import train_sentencepiece, write_json, write_tokenizer
from world import world

HERE = Path(__file__).parent
SEED = 22060
PIECES = 1280
CONTEXT = 2048
REPLAY_ROWS = 72
RECIPE = Recipe(steps=2000, world_rows=20, copy_rows=6, continue_rows=12, learning_rate=4e-3, seed=SEED)


def make_rows(folder: Path, lessons: list[Lesson]) -> None:
    """Write `train.jsonl`, `held-out.jsonl`, `prompts.json`, `campaign.json`."""
    rng = random.Random(SEED)
    shown = {prompt["text"] for prompt in PROMPTS}
    train = [*train_rows(lessons), *replay(REPLAY_ROWS, shown, rng)]
    rng.shuffle(train)
    write_rows(folder / "train.jsonl", train)
    write_rows(folder / "held-out.jsonl", held_out_rows(lessons))
    write_json(folder / "prompts.json", PROMPTS)
    write_json(folder / "campaign.json", CAMPAIGN)


def tokenizer_text(sentences: list[str], lessons: list[Lesson]) -> list[str]:
    """Lines for SentencePiece. Answers weigh more, so that their words are one piece.

    Words cut into many pieces cost time and are where a model this small stumbles
    (measured: answers of 20 pieces instead of 11, "costs littttle").
    """
    weighted = [*sentences, *[one.after for one in lessons] * 11]
    weighted += [question for one in lessons for question in one.asked] * 2
    lines = [line for text in weighted for line in text.split("\n")]
    return [*lines, *["user", "model", *DRILLS] * 100]


def make_model(folder: Path, lessons: list[Lesson]) -> None:
    """Write the model folder: built beside its place, then put there whole."""
    pairs = [*world(), *before_night(lessons)]
    sentences = [text for pair in pairs for text in pair]
    sentences += [text for one in lessons for text in (one.after, *one.kept)]
    partial = folder.with_name("model.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    tokenizer = write_tokenizer(partial, train_sentencepiece(tokenizer_text(sentences, lessons), PIECES), CONTEXT)
    settings = config(PIECES, CONTEXT)
    model = new_model(settings, SEED)
    # Split at single spaces, so that line ends and indents are copied as they stand.
    texts = [text.split(" ") for text in dict.fromkeys(sentences)]
    started = time.monotonic()
    loss = pretrain(model, tokenizer, pairs, texts, RECIPE)
    write_model(partial, model, settings)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    print(f"pre-trained in {time.monotonic() - started:.0f} s, loss {loss:.4f}")


def main() -> None:
    """Everything, or the rows alone."""
    parser = argparse.ArgumentParser(description="Makes the practice model and rows")
    parser.add_argument("--rows", action="store_true", help="leave the model alone")
    parser.add_argument("--to", type=Path, default=HERE, help="where to write")
    chosen = parser.parse_args()
    lessons = all_lessons(HERE / "lessons")
    make_rows(chosen.to, lessons)
    if not chosen.rows:
        make_model(chosen.to / "model", lessons)


if __name__ == "__main__":
    main()
