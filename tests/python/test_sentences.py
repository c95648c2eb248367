"""Every English sentence that the trainer can put into a fault or a warning has its Turkish one."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from said_in_sources import sentences

_ROOT = Path(__file__).resolve().parents[2]
_CATALOGUE = _ROOT / "resources" / "messages" / "sentences.tr.json"


def test_each_stands_in_the_catalogue() -> None:
    known = {re.sub(r"\{[a-zA-Z]\w*\}", "{}", english) for english in json.loads(_CATALOGUE.read_text())}
    # Said with one of a few endings: those stand in the catalogue whole.
    composed = {"{} has {}: {}.", "Correct {}, or leave them out with --skip-bad-rows.", "The model folder has no model*.safetensors.{}"}
    said = sentences(_ROOT / "python" / "trainer")
    assert len(said) > 100
    assert [one for one in said if one[1] not in known | composed] == [], f"give each its Turkish in {_CATALOGUE.name}"


def test_what_the_scan_finds(tmp_path: Path) -> None:
    source = """
NEXT = "Do it again."
def refuse(why):
    raise Fault("a.b", why, NEXT)
def one(n):
    refuse("It broke." if n else f"{n} broke.")
    message = "Kept."
    write("warned", kind="w", message=message)
    write("step", message="not said")
"""
    ast.parse(source)
    (tmp_path / "one.py").write_text(source)
    assert sorted(text for _, text in sentences(tmp_path)) == ["Do it again.", "It broke.", "Kept.", "{} broke."]
