"""A line that cannot be used as it stands, mended where nothing has to be guessed: NUL characters and numbers that are no JSON."""

from __future__ import annotations

import json
from typing import Any

from trainer.rows.lines import Line
from trainer.rows.personal import mask_personal
from trainer.rows.rows import Row, parse_line


def mend(line: Line) -> tuple[str, str] | None:
    """(the line's new text, what was done), or None where it cannot be mended."""
    if line.kind not in ("", "nul") or not line.raw:
        return None
    done = []
    try:
        text = line.raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8").strip()
        bare = text.replace("\0", "")
        value = json.loads(bare, object_pairs_hook=_without_repeats, parse_constant=lambda _: None)
        mended = map_texts(value, lambda part: part.replace("\0", ""))
        if len(bare) < len(text) or mended != value:
            done.append("NUL characters removed")
        if _strict(bare) is None:
            done.append("NaN and Infinity became null")
        if not done:
            return None
        text = json.dumps(mended, ensure_ascii=False)
        good = isinstance(parse_line(Line(line.number, text, True, b"")), Row)
    except (ValueError, RecursionError):
        return None
    return (text, "; ".join(done)) if good else None


def mask_row(text: str) -> str | None:
    """A good row's line with its personal data replaced by the names of their kinds; None where there is none to replace."""
    value = json.loads(text)
    masked = map_texts(value, mask_personal)
    return None if masked == value else json.dumps(masked, ensure_ascii=False)


def map_texts(value: Any, change: Any) -> Any:
    """The same JSON value with each text in it, keys apart, changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [map_texts(part, change) for part in value]
    if isinstance(value, dict):
        return {key: map_texts(part, change) for key, part in value.items()}
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("which of two values is meant cannot be known")
    return value


def _strict(text: str) -> bool | None:
    def refuse(_: str) -> None:
        raise ValueError

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return None
    return True
