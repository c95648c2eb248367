"""Texts and conversations inside one row: types, roles and their order."""

from __future__ import annotations

_ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "model": "assistant",
}
_KINDS = {type(None): "null", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
_MAX_TURNS = 1_000


class BadRow(Exception):
    """A row that cannot be used: a stable kind, and a reason that goes on after "line 12 "."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


def require_text(value: dict, key: str, shown: str = "") -> str:
    """A non-empty string that UTF-8 can hold. Raises BadRow missing-field, wrong-type, empty-field, surrogate or nul."""
    shown = shown or f"`{key}`"
    if key not in value or value[key] is None:
        raise BadRow("missing-field", f"has no {shown}")
    text = value[key]
    if not isinstance(text, str):
        raise BadRow("wrong-type", f"has {_KINDS.get(type(text), 'something else')} as {shown}, not text")
    if not text.strip():
        raise BadRow("empty-field", f"has an empty {shown}")
    if "\0" in text:
        raise BadRow("nul", f"has a NUL character in {shown}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadRow("surrogate", f"has half of a character (lone surrogate) in {shown} at character {error.start + 1:,}") from error
    return text


def read_turns(value: object, field: str) -> tuple[str, list[tuple[str, str]]]:
    """`messages` (role, content) or ShareGPT `conversations` (from, value) as (system text, question–answer pairs).

    Raises BadRow; roles must be: system at most once and first, then user and assistant in turn, ending with assistant.
    """
    if not isinstance(value, list):
        raise BadRow("wrong-type", f"has {_KINDS.get(type(value), 'text')} as `{field}`, not a list")
    if len(value) > _MAX_TURNS:
        raise BadRow("too-long", f"has {len(value):,} turns; at most {_MAX_TURNS:,} are read")
    turns = [_turn(turn, index, field) for index, turn in enumerate(value, start=1)]
    system = turns.pop(0)[1] if turns and turns[0][0] == "system" else ""
    for index, (role, _) in enumerate(turns):
        wanted = "assistant" if index % 2 else "user"
        if role != wanted:
            raise BadRow("roles", f"has a turn of {role} where {wanted} should speak (turn {index + (2 if system else 1)} of `{field}`)")
    if not turns:
        raise BadRow("missing-field", f"has no question in `{field}`")
    if len(turns) % 2:
        raise BadRow("missing-field", f"has no answer at the end of `{field}`")
    return system, [(turns[i][1], turns[i + 1][1]) for i in range(0, len(turns), 2)]


def _turn(turn: object, index: int, field: str) -> tuple[str, str]:
    if not isinstance(turn, dict):
        raise BadRow("wrong-type", f"has something other than an object as turn {index} of `{field}`")
    role_key, text_key = ("from", "value") if "from" in turn else ("role", "content")
    role = turn.get(role_key)
    if not isinstance(role, str) or role.lower() not in _ROLES:
        raise BadRow("roles", f"has an unknown role in turn {index} of `{field}` (known: system, user, assistant)")
    return _ROLES[role.lower()], require_text(turn, text_key, f"`{text_key}` in turn {index}")
