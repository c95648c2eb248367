"""Promise: nothing in a run's or a model's folder leads a write out of it, runs code or exhausts the machine (rows 40, 42)."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bare_run import bare_run, call, fault, fetched
from conftest import PRACTICE, PYTHON, Run
from test_probe import WEIGHTS, change, refusal

from trainer.model.safetensors_header import MAX_HEADER_BYTES, read_header
from trainer.run.faults import Fault

MODEL = PRACTICE / "model"
RUN_VERBS = (["prepare"], ["answer", "--stage", "before"], ["train"], ["merge"])


@pytest.mark.parametrize("name", ["checkpoints", "evaluations", "data", "answers", "export", "checkpoints/step-000009", "data/train.jsonl"])
def test_row_40_a_link_in_the_run_folder_is_refused(make_run: Callable[..., Run], tmp_path: Path, name: str) -> None:
    """Row 40: whatever stands behind the link is neither read, swept, pruned nor written."""
    run = make_run(rows=16, held_out=1, max_steps=2)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.partial").write_text("precious")
    place = run.path / name
    place.parent.mkdir(exist_ok=True)
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.symlink_to(outside)
    for verb in RUN_VERBS:
        assert call(run, *verb) == 1
        assert fault(run)["kind"] == "run.link" and name in fault(run)["message"]
    assert [(entry.name, entry.read_text()) for entry in outside.iterdir()] == [("mine.partial", "precious")]
    place.unlink()
    run.require_valid()


@pytest.mark.parametrize("name", ["events.jsonl", "run.lock", "trainer.log"])
def test_row_40_a_linked_journal_lock_or_log_is_not_followed(make_run: Callable[..., Run], tmp_path: Path, name: str) -> None:
    """Row 40: not even a refusal is written through it; it is said on stderr."""
    run = make_run(rows=16, held_out=1, max_steps=2)
    outside = tmp_path / "outside"
    outside.write_text("precious")
    (run.path / name).unlink(missing_ok=True)
    (run.path / name).symlink_to(outside)
    command = [sys.executable, "-m", "trainer", "fetch", "--run", str(run.path), "--models", str(tmp_path / "models")]
    done = subprocess.run(command, cwd=PYTHON, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "is a link" in done.stderr and "Traceback" not in done.stderr
    assert outside.read_text() == "precious"


SPY = "import pathlib; pathlib.Path({marker!r}).write_text('ran')\n"


def hostile(tmp_path: Path, what: str) -> tuple[Path, Path]:
    """(a model folder with that in it, the file that its code would make)."""
    folder, marker = tmp_path / "model", tmp_path / "ran"
    shutil.copytree(MODEL, folder)
    spy = SPY.format(marker=str(marker))
    # A pickle that runs code when it is loaded: GLOBAL exec, its text as the argument, REDUCE.
    pickle = b"cbuiltins\nexec\n(S" + repr(spy).encode() + b"\ntR."
    if what in ("pytorch_model.bin", "model.pt"):
        (folder / what).write_bytes(pickle)
    elif what == "pickle named safetensors":
        (folder / WEIGHTS).write_bytes(pickle)
    else:
        if what != "auto_map of the hub":
            (folder / "evil.py").write_text(spy)
        keys = {
            "model_file": ("config.json", {"model_file": "evil.py"}),
            "auto_map": ("config.json", {"auto_map": {"AutoModelForCausalLM": "evil.Model", "AutoConfig": "evil.Config"}}),
            "tokenizer": ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["evil.Tokenizer", None]}}),
            "auto_map of the hub": ("config.json", {"auto_map": {"AutoModel": "org/name--evil.Model"}}),
        }
        name, values = keys[what]
        change(folder / name, **values)
    return folder, marker


@pytest.mark.parametrize(
    "what",
    ["pytorch_model.bin", "model.pt", "pickle named safetensors", "model_file", "auto_map", "tokenizer", "auto_map of the hub"],
)
def test_row_42_no_verb_loads_a_hostile_model(make_run: Callable[..., Run], tmp_path: Path, what: str) -> None:
    """Row 42: the folder changed after it was fetched; each verb refuses it by name before any loader, and nothing of it has run."""
    folder, marker = hostile(tmp_path, what)
    run = make_run(rows=16, held_out=1, max_steps=2)
    (run.path / "model.json").write_text(json.dumps({"path": str(folder), "revision": "", "files": []}))
    bare = bare_run(tmp_path / "bare", model={"source": str(folder)})
    (bare.path / "model.json").write_text(json.dumps({"path": str(folder), "revision": "", "files": []}))
    verbs = [(bare, ["fetch", "--models", str(tmp_path / "models")]), (bare, ["prepare"]), (run, ["train"])]
    for where, verb in [*verbs, (run, ["answer", "--stage", "before"])]:
        assert call(where, *verb) == 1
        found = fault(where)
        assert found["kind"] in ("model.pickle", "model.code", "model.broken"), verb
        assert any(name in found["message"] for name in (what, "evil.py", "auto_map", "model_file", WEIGHTS)), found
    assert not marker.exists() and not run.events("loaded")


def test_row_42_what_would_have_run(tmp_path: Path) -> None:
    """Row 42: the same folder really is dangerous: mlx-lm by itself runs its `model_file`."""
    folder, marker = hostile(tmp_path, "model_file")
    code = "import sys; from pathlib import Path; from mlx_lm.utils import load_model; load_model(Path(sys.argv[1]), lazy=True)"
    subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, timeout=60, check=False)
    assert marker.exists()


def header(path: Path, raw: bytes, data: int = 8) -> Path:
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + bytes(data))
    return path


def entry(shape: str = "[2]", offsets: str = "[0, 8]") -> str:
    return f'{{"dtype": "F32", "shape": {shape}, "data_offsets": {offsets}}}'


@pytest.mark.parametrize(
    "raw",
    [
        f'{{"a": {entry(offsets="[0, 99999999]", shape="[24999999]")}}}',
        f'{{"a": {entry()}, "b": {entry(offsets="[4, 12]")}}}',
        f'{{"a": {entry(shape="[4611686018427387904, 4]", offsets="[0, 73786976294838206464]")}}}',
        f'{{"a": {entry(shape="[0, 9223372036854775808]", offsets="[0, 0]")}}}',
        '{"a": ' + entry(shape="[" + ",".join(["9" * 4000] * 3000) + "]") + "}",
        '{"a": ' + entry(shape="[" + ",".join(["3"] * 1_000_000) + "]") + "}",
        f'{{"a": {entry()}, "a": {entry()}}}',
        '{"a": ' * 200_000 + "1" + "}" * 200_000,
        '{"a": {"dtype": "F32", "shape": [NaN], "data_offsets": [0, 8]}}',
    ],
    ids=["beyond", "overlap", "overflow", "zero times huge", "huge numbers", "a million sides", "twice", "nested", "NaN"],
)
def test_row_42_headers_that_lie_are_refused_at_once(tmp_path: Path, raw: str) -> None:
    """Row 42: offsets beyond the file or over each other, absurd sizes: refused by the file's name in bounded time."""
    path = header(tmp_path / WEIGHTS, raw.encode())
    started = time.process_time()
    with pytest.raises(Fault) as caught:
        read_header(path)
    assert caught.value.kind == "model.broken" and WEIGHTS in caught.value.message
    assert time.process_time() - started < 20


def test_row_42_a_huge_header_is_not_even_read(tmp_path: Path) -> None:
    """Row 42: a header of 90 MB is within the reference's limit and beyond ours."""
    folder = shutil.copytree(MODEL, tmp_path / "model")
    size = 90_000_000
    with open(folder / WEIGHTS, "wb") as file:
        file.write(struct.pack("<Q", size) + b"{")
        file.truncate(8 + size)
    found = refusal(folder)
    assert found.kind == "model.broken" and f"{MAX_HEADER_BYTES:,}" in found.message and WEIGHTS in found.message


def test_row_40_links_of_a_model_folder(tmp_path: Path) -> None:
    """Row 40: a model's file that leads out of its folder: refused by each verb that would load it."""
    folder = shutil.copytree(MODEL, tmp_path / "model")
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    (folder / "generation_config.json").unlink()
    (folder / "generation_config.json").symlink_to(secret)
    run = fetched(bare_run(tmp_path / "run"))
    value = json.loads((run.path / "model.json").read_text())
    (run.path / "model.json").write_text(json.dumps({**value, "path": str(folder)}))
    for verb in (["prepare"], ["answer", "--stage", "before"]):
        assert call(run, *verb) == 1
        assert fault(run)["kind"] == "model.broken" and "generation_config.json" in fault(run)["message"]
