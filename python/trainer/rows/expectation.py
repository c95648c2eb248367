"""What training on these rows can be expected to do: the loss floor, and one plain sentence. No sentence quotes a row."""

from __future__ import annotations

from trainer.rows.repeats import Conflicts

_NO_TOKENS = "tokens were not counted; name the base model with --model FOLDER"


def expect(train_rows: int, conflicts: Conflicts, supervised_tokens: int | None) -> dict:
    """`{floor: {nats, perAnswer, perToken|null, supervisedTokens|null, why|null}, message}` of the training file.

    `nats`: trainer/rows/repeats.py says how it is computed; `perAnswer` spreads it over all rows, `perToken` over all supervised tokens.
    """
    nats = conflicts.floor_nats
    per_token = nats / supervised_tokens if supervised_tokens else None
    floor = {
        "nats": round(nats, 6),
        "perAnswer": round(nats / train_rows, 6) if train_rows else None,
        "perToken": None if per_token is None else round(per_token, 6),
        "supervisedTokens": supervised_tokens,
        "why": _NO_TOKENS if supervised_tokens is None else None,
    }
    return {"floor": floor, "message": _sentence(conflicts, floor)}


def _sentence(conflicts: Conflicts, floor: dict) -> str:
    if not conflicts.questions:
        return "No question of the training file has two answers, so nothing in its rows keeps the loss from going towards zero."
    top = conflicts.top[0]
    shared = f"{top.rows:,} rows share one question with {top.answers:,} different answers"
    if conflicts.questions > 1:
        shared += f"; in all {conflicts.questions:,} questions in {conflicts.rows:,} rows contradict themselves"
    if floor["perToken"] is None:
        return (
            f"{shared}: however long you train, the loss cannot go below {floor['perAnswer']:.3f} nats an answer on average "
            "(per token: name the base model with --model)."
        )
    return f"{shared}: however long you train, the training loss cannot go below {floor['perToken']:.3f} per token."
