"""The English sentences that sources can put into a fault or a warning, read from their syntax trees; `{}` where a value stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

HOLE = "{}"
_STEPS = 6


def sentences(folder: Path) -> list[tuple[str, str]]:
    """Each with the file it stands in. A sentence that is only a value comes from elsewhere, and is found there."""
    found: dict[tuple[str, str], None] = {}
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            for spoken in _spoken(node):
                for text in _texts(spoken, tree, _STEPS):
                    if text.replace(HOLE, "").strip():
                        found[(path.name, text)] = None
    return list(found)


def _spoken(node: ast.AST) -> list[ast.expr]:
    """`Fault(kind, message, next)`, and `write("warned", kind=…, message=…)`."""
    if not isinstance(node, ast.Call):
        return []
    if isinstance(node.func, ast.Name) and node.func.id == "Fault" and len(node.args) == 3:
        return node.args[1:]
    warned = any(isinstance(arg, ast.Constant) and arg.value == "warned" for arg in node.args[:1])
    return [word.value for word in node.keywords if warned and word.arg == "message"]


def _texts(node: ast.expr, tree: ast.Module, steps: int) -> list[str]:
    if steps == 0:
        return [HOLE]
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else HOLE for part in parts)]
        case ast.IfExp(body=body, orelse=other):
            return [*_texts(body, tree, steps - 1), *_texts(other, tree, steps - 1)]
        case ast.Name(id=name):
            values = [text for value in _values(name, tree) for text in _texts(value, tree, steps - 1)]
            return values or _given(name, tree, steps)
        case _:
            return [HOLE]


def _values(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == name for target in node.targets):
            yield node.value


def _given(name: str, tree: ast.Module, steps: int) -> list[str]:
    """What callers in this file pass for a parameter of that name."""
    found: list[str] = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        places = [place for place, arg in enumerate(function.args.args) if arg.arg == name]
        for call in ast.walk(tree):
            if places and isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == function.name:
                found += [text for arg in call.args[places[0] : places[0] + 1] for text in _texts(arg, tree, steps - 1)]
    return found or [HOLE]
