"""The arrows between the trainer's rooms (docs/architecture.md): each may import itself and those before it."""

from __future__ import annotations

import ast
from pathlib import Path

TRAINER = Path(__file__).resolve().parents[2] / "python/trainer"
ROOMS = ["run", "model", "rows", "training", "after"]


def forbidden(source: str, room: str) -> list[str]:
    """Imports of later rooms, or of the package itself, in one module's text."""
    allowed = ROOMS[: ROOMS.index(room) + 1]
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            names.append("." * node.level + (node.module or ""))
        elif isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
    ours = [name for name in names if name.startswith(".") or name.split(".")[0] == "trainer"]
    return [name for name in ours if len(name.split(".")) < 2 or name.split(".")[1] not in allowed]


def test_no_arrow_goes_back() -> None:
    modules = [path for room in ROOMS for path in (TRAINER / room).glob("*.py")]
    assert len(modules) > 50
    assert {str(path.relative_to(TRAINER)): found for path in modules if (found := forbidden(path.read_text(), path.parent.name))} == {}


def test_every_module_stands_in_a_room() -> None:
    assert sorted(path.name for path in TRAINER.glob("*.py")) == ["__init__.py", "__main__.py"]
    assert sorted(path.parent.name for path in TRAINER.glob("*/__init__.py")) == sorted(ROOMS)


def test_a_forbidden_arrow_would_be_found() -> None:
    for line in ("from trainer.after import merge", "from trainer import x", "from . import plan", "import trainer.after.merge"):
        assert forbidden(f"def late() -> None:\n    {line}\n", "rows") != []
    assert forbidden("from trainer.run.faults import Fault\nimport json\n", "rows") == []
