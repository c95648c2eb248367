"""What a person may name as a model: a folder on this machine, or `organisation/name` on the hub. Parsed or refused, never cleaned."""

from __future__ import annotations

import re
from pathlib import Path

from trainer.run.faults import Fault

# The hub's own rule: one slash, letters, digits, dots, dashes and underscores, at most 96 characters a part.
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?"
_HUB_ID = re.compile(rf"{_PART}/{_PART}")


def is_local(source: str) -> bool:
    """True for a path: absolute, starting with `.` or `~`, or a folder that exists. The engine freezes the answer in run.json."""
    if not source or "\0" in source:
        return False
    return source.startswith(("/", "./", "../", "~")) or source in (".", "..") or Path(source).is_dir()


def require_hub_id(source: str) -> str:
    """Raises Fault model.missing where the text is neither a folder nor a hub id; model.family for quantised copies MLX cannot read."""
    shown = source.encode("utf-8", "replace").decode()[:80]
    if not _HUB_ID.fullmatch(source) or ".." in source or "--" in source:
        next_step = "Name a folder with config.json, or a hub model as organisation/name, for example unsloth/gemma-2-2b."
        raise Fault("model.missing", f"{shown!r} is neither a folder nor a hub model.", next_step)
    if re.search(r"(bnb-4bit|-gguf|-gptq|-awq)$", source, re.IGNORECASE):
        plain = re.sub(r"(-unsloth)?-(bnb-4bit|gguf|gptq|awq)$", "", source, flags=re.IGNORECASE)
        raise Fault(
            "model.family", f"{shown} is quantised in a form MLX cannot read.", f"Use the unquantised model instead, for example {plain}."
        )
    return source
