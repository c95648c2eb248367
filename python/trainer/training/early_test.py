"""At each checkpoint a few prompts, between two steps: what the model says by now, for people to look at.

Greedy and without dropout, so nothing is drawn at random and the next step begins where it would have begun (a test holds a run with
early tests bit-equal to one without). All tests together take at most 3 % of the training's working time: an answer that would take
longer is broken off, and said.
"""

from __future__ import annotations

import time
from typing import Any

import mlx.core as mx

from trainer.model.generate import Made, generate, prompt_ids, stop_ids
from trainer.run.run_plan import Prompt
from trainer.training.session import Session

SHARE = 0.03
TOKENS = 32
_ANSWER_CHARACTERS = 300


def early_test(session: Session) -> None:
    """Journals `early-tested`. Raises StopAsked between two prompts."""
    prompts = [prompt for prompt in session.plan.prompts if prompt.id in session.plan.early_prompts]
    if not prompts:
        return
    before = session.progress.earlySeconds
    answers: list[dict[str, Any]] = []
    skipped: str | None = None
    session.model.eval()
    try:
        for prompt in prompts:
            begun = time.monotonic()
            made = _answer(session, prompt)
            took = time.monotonic() - begun
            session.progress.earlySeconds += took
            if made is None:
                skipped = f"early tests may take {SHARE:.0%} of the training's time"
                break
            answers.append({"prompt": prompt.id, "answer": made.text[:_ANSWER_CHARACTERS], "stop": made.stop})
            session.pace.between(took)
    finally:
        session.model.train()
        # Its shapes are others than training's.
        mx.clear_cache()
    share = session.progress.earlySeconds / max(session.progress.seconds, 1e-9)
    seconds = session.progress.earlySeconds - before
    session.journal.write(
        "early-tested", step=session.progress.step, answers=answers, seconds=round(seconds, 3), share=round(share, 4), skipped=skipped
    )


def _answer(session: Session, prompt: Prompt) -> Made | None:
    """None when the time is used up: before it began, where the longest answer so far says so, or in the middle."""
    budget = SHARE * session.progress.seconds - session.progress.earlySeconds
    if session.longest_early_test > budget:
        return None
    start = time.monotonic()
    tokenizer, form = session.tokenizer, session.plan.format
    made = generate(
        session.model, tokenizer, prompt_ids(tokenizer, form, prompt.text), TOKENS, stop_ids(tokenizer, form),
        lambda: time.monotonic() - start < budget,
    )  # fmt: skip
    session.longest_early_test = max(session.longest_early_test, time.monotonic() - start)
    return made
