"""`probe [--model DIR] --json`: what this environment and a model's folder are, without importing anything heavy."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from trainer.model.model_folder import check_model_folder
from trainer.run.faults import Fault

OLDEST, NEWEST = (3, 10), (3, 13)
PACKAGES = ("unsloth", "unsloth_zoo", "mlx", "mlx-lm", "transformers", "tokenizers", "safetensors", "huggingface-hub", "numpy")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="the only form there is; accepted so that every reading command takes it")


def run(args: argparse.Namespace) -> int:
    """Prints `{python, platform, packages: {name: version|null}, missing: [names], model: ModelFolder|null}`."""
    require_python(sys.version_info[:2])
    packages = {name: _version(name) for name in PACKAGES}
    answer = {
        "python": platform.python_version(),
        "platform": {"system": platform.system(), "release": platform.release(), "machine": platform.machine()},
        "packages": packages,
        "missing": [name for name, found in packages.items() if found is None],
        "model": check_model_folder(args.model).to_json() if args.model else None,
    }
    print(json.dumps(answer, ensure_ascii=False))
    return 0


def require_python(found: tuple[int, int]) -> None:
    """Raises Fault environment.python."""
    if not OLDEST <= found <= NEWEST:
        message = f"Python {found[0]}.{found[1]} cannot run the trainer; it needs 3.{OLDEST[1]} to 3.{NEWEST[1]}."
        raise Fault("environment.python", message, "Install Python 3.12 or 3.13, then run the set-up again: thortime setup.")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
