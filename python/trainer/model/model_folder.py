"""Looks at a model's folder without loading it: nothing in it may run code or lead out of it, and it must be whole."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from trainer.model.families import require_family
from trainer.model.weights import measure_weights
from trainer.run.faults import Fault

_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npy", ".npz")
_CODE = (".py", ".pyc", ".pyd", ".so", ".dylib", ".dll", ".sh")
# Keys that make a loader import code from the model's folder or its repository (transformers; `model_file`: mlx-lm).
_CODE_KEYS = {"auto_map", "model_file", "trust_remote_code", "custom_generate", "custom_pipelines"}
_MAX_FILES = 2_000
_MAX_CONFIG_BYTES = 4 * 1024 * 1024
_CHOOSE = "Choose a folder or hub model with config.json, tokenizer files and *.safetensors."


@dataclass(frozen=True)
class ModelFolder:
    """`files`: name -> bytes. `dtype` as safetensors names it ("F32", "BF16", …). `configSha256`: of config.json."""

    path: str
    family: str
    files: dict[str, int]
    bytes: int
    parameters: int
    tensors: int
    dtype: str
    quantized: bool
    kQuantizable: bool
    configSha256: str

    def to_json(self) -> dict:
        return asdict(self)


def check_model_folder(path: Path) -> ModelFolder:
    """Raises Fault model.missing, .no-weights, .pickle, .code, .family or .broken."""
    root = path.resolve()
    if not root.is_dir():
        raise Fault("model.missing", f"There is no model folder at {path}.", _CHOOSE)
    files = _list_files(root)
    config = read_config(root / "config.json", path.name)
    for name in files:
        if (
            name.endswith(".json")
            and "/" not in name
            and not name.endswith((".index.json", "tokenizer.json", "vocab.json", "added_tokens.json"))
        ):
            require_no_code(name, config if name == "config.json" else read_config(root / name, path.name))
    family = require_family(path.name, config)
    weights = measure_weights(root, sorted(files), config)
    _require_tokenizer(root, files)
    digest = hashlib.sha256((root / "config.json").read_bytes()).hexdigest()
    return ModelFolder(str(root), family, files, sum(files.values()), *weights, digest)


def read_config(path: Path, shown: str) -> dict:
    """A JSON object of at most 4 MiB. Raises Fault model.missing (no config.json) or model.broken."""
    if path.name == "config.json" and not path.is_file():
        raise Fault("model.missing", f"{shown} is not a model folder: it has no config.json.", _CHOOSE)
    if path.stat().st_size > _MAX_CONFIG_BYTES:
        raise Fault("model.broken", f"{path.name} of {shown} is too large to be a configuration.", _CHOOSE)
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise Fault("model.broken", f"{path.name} of {shown} is not JSON.", "Fetch the model again, or choose another one.") from error
    if not isinstance(value, dict):
        raise Fault("model.broken", f"{path.name} of {shown} is not a JSON object.", "Fetch the model again, or choose another one.")
    return value


def require_no_code(name: str, value: object) -> None:
    """Raises Fault model.code where a configuration asks for code of its own, at any depth."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            asked = next((key for key in item if key in _CODE_KEYS and item[key] not in (None, False)), None)
            if asked:
                raise _code(f"{name} asks for code of its own ({asked})")
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)


def require_safe_names(names: list[str]) -> None:
    """Raises Fault model.pickle or model.code by file names alone."""
    for name in names:
        if name.lower().endswith(_PICKLES):
            next_step = "Move that file out of the folder, or choose a model that has only *.safetensors."
            raise Fault("model.pickle", f"{name} is a pickle-like file, which can run code when it is loaded.", next_step)
        if name.lower().endswith(_CODE):
            raise _code(f"{name} is program code")


def _code(why: str) -> Fault:
    return Fault(
        "model.code",
        f"This model brings its own code: {why}. Thortime never runs code of a model.",
        "Choose a model without code of its own.",
    )


def _list_files(root: Path) -> dict[str, int]:
    files: dict[str, int] = {}
    for folder, folders, names in os.walk(root, followlinks=False):
        here = Path(folder)
        for name in [*names, *(sub for sub in folders if (here / sub).is_symlink())]:
            file = here / name
            shown = file.relative_to(root).as_posix()
            target = _require_inside(root, file, shown)
            if not target.is_file():
                raise Fault(
                    "model.broken",
                    f"{shown} in the model folder is missing or not a regular file.",
                    "Fetch the model again, or choose another one.",
                )
            files[shown] = target.stat().st_size
            if len(files) > _MAX_FILES:
                raise Fault("model.broken", f"The model folder holds more than {_MAX_FILES:,} files.", _CHOOSE)
    require_safe_names(sorted(files))
    return files


def _require_inside(root: Path, file: Path, shown: str) -> Path:
    """The file a name stands for; a link may only lead inside the folder, or from a hub cache's snapshot to its own blobs."""
    try:
        target = file.resolve()
    except (OSError, RuntimeError) as error:  # a loop of links; RuntimeError until Python 3.12
        raise Fault(
            "model.broken", f"{shown} in the model folder is a link that leads nowhere.", "Put the file itself into the folder."
        ) from error
    repository = root.parent.parent
    in_cache = root.parent.name == "snapshots" and repository.name.startswith("models--")
    if target.is_relative_to(root) or (in_cache and target.is_relative_to(repository / "blobs")):
        return target
    raise Fault("model.broken", f"{shown} in the model folder is a link that leads out of it.", "Put the file itself into the folder.")


def _require_tokenizer(root: Path, files: dict[str, int]) -> None:
    for name in ("tokenizer.json", "tokenizer.model"):
        if not files.get(name):
            raise Fault(
                "model.broken",
                f"The model folder has no {name}; training and Ollama need it.",
                "Fetch the model again, or choose another one.",
            )
    with (root / "tokenizer.json").open("rb") as file:
        first = file.read(64).lstrip()[:1]
        file.seek(max(0, files["tokenizer.json"] - 64))
        last = file.read().rstrip()[-1:]
    if (first, last) != (b"{", b"}"):
        raise Fault(
            "model.broken", "tokenizer.json in the model folder is cut off or not JSON.", "Fetch the model again, or choose another one."
        )
