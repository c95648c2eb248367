"""Promise: a checkpoint under its final name is whole; a damaged one is refused with a reason and the one before it is taken;
nothing that fails or is killed while sealing or pruning costs an earlier checkpoint."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import PYTHON

from trainer.run import durable
from trainer.training import checkpoint, retention
from trainer.training.checkpoint import ADAPTER_CONFIG, ADAPTERS, FILES, MANIFEST, OPTIMIZER, STATE


def tensors(values: int) -> bytes:
    """A safetensors file of one float32 vector."""
    header = json.dumps({"x": {"dtype": "F32", "shape": [values], "data_offsets": [0, 4 * values]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4 * values)


def content(step: int, **state: object) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / ADAPTERS).write_bytes(tensors(100 + step))
        (folder / OPTIMIZER).write_bytes(tensors(200 + step))
        (folder / ADAPTER_CONFIG).write_text("{}")
        (folder / STATE).write_text(json.dumps({"step": step, **state}))

    return write


def seal(folder: Path, step: int, **state: object) -> checkpoint.Checkpoint:
    return checkpoint.seal(folder, step, content(step, **state), lambda: None)


def test_sealed_and_found(tmp_path: Path) -> None:
    done = seal(tmp_path, 30, tokens=7)
    seal(tmp_path, 60)
    found, refusals = checkpoint.newest(tmp_path)
    assert found and found.step == 60 and not refusals
    assert done.path == tmp_path / "step-000030"
    assert done.state == {"step": 30, "tokens": 7}
    assert done.bytes == sum(file.stat().st_size for file in done.path.iterdir())


def test_the_journal_is_synced_before_the_name_is_final(tmp_path: Path) -> None:
    seen: list[bool] = []
    checkpoint.seal(tmp_path, 5, content(5), lambda: seen.append((tmp_path / "step-000005").exists()))
    assert seen == [False]


def cut(size: Callable[[int], int]) -> Callable[[Path], None]:
    return lambda file: os.truncate(file, size(file.stat().st_size))


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def link(file: Path) -> None:
    target = file.parent.parent / "elsewhere"
    file.rename(target)
    file.symlink_to(target)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": cut(lambda _size: 0),
    "half": cut(lambda size: size // 2),
    "one byte short": cut(lambda size: size - 1),
    "one bit": flip,
    "missing": os.unlink,
    "link": link,
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"\0"),
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda name: name.replace(" ", "-"))
@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_damage_is_refused_and_the_one_before_is_taken(tmp_path: Path, name: str, damage: str) -> None:
    seal(tmp_path, 30)
    newer = seal(tmp_path, 60)
    if name == MANIFEST and damage in ("link", "longer", "one bit"):
        # The manifest is not hashed by anything: what is refused is one that no longer says the right thing.
        value = json.loads((newer.path / MANIFEST).read_bytes())
        changed = {
            "link": {**value, "step": 61},
            "longer": {**value, "files": {**value["files"], "../x": {}}},
            "one bit": {**value, "files": []},
        }
        (newer.path / MANIFEST).write_text(json.dumps(changed[damage]))
    else:
        DAMAGES[damage](newer.path / name)
    found, refusals = checkpoint.newest(tmp_path)
    assert found and found.step == 30
    assert [(refusal.step, refusal.path) for refusal in refusals] == [(60, newer.path)]
    assert refusals[0].reason


def test_tensors_that_lie_about_their_place_are_refused(tmp_path: Path) -> None:
    done = seal(tmp_path, 1)
    header = json.dumps({"x": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36_000]}}).encode()
    (done.path / ADAPTERS).write_bytes(struct.pack("<Q", len(header)) + header + bytes(36))
    manifest = json.loads((done.path / MANIFEST).read_bytes())
    manifest["files"][ADAPTERS] = {"bytes": (done.path / ADAPTERS).stat().st_size, "sha256": durable.sha256(done.path / ADAPTERS)}
    (done.path / MANIFEST).write_text(json.dumps(manifest))
    found, refusals = checkpoint.newest(tmp_path)
    assert found is None
    assert "size" in refusals[0].reason


@pytest.mark.parametrize("name", ["step-1", "step-000060.partial", "step-000060.refused", "step-abcdef", "other"])
def test_other_names_are_never_chosen(tmp_path: Path, name: str) -> None:
    seal(tmp_path, 30)
    seal(tmp_path, 60).path.rename(tmp_path / name)
    found, refusals = checkpoint.newest(tmp_path)
    assert found and found.step == 30 and not refusals


def test_a_linked_folder_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    seal(elsewhere, 60)
    inside = tmp_path / "checkpoints"
    inside.mkdir()
    (inside / "step-000060").symlink_to(elsewhere / "step-000060")
    assert checkpoint.newest(inside) == (None, [])


@pytest.mark.parametrize("moment", ["write", "flush", "journal", "rename"])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    seal(tmp_path, 30)

    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    def half(folder: Path) -> None:
        (folder / ADAPTERS).write_bytes(tensors(3))
        full()

    if moment == "flush":
        monkeypatch.setattr(checkpoint, "fsync_file", full)
    if moment == "rename":
        monkeypatch.setattr(checkpoint.os, "rename", full)
    with pytest.raises(OSError):
        checkpoint.seal(tmp_path, 60, half if moment == "write" else content(60), full if moment == "journal" else lambda: None)
    monkeypatch.undo()
    assert [entry.name for entry in tmp_path.iterdir()] == ["step-000030"]
    found, refusals = checkpoint.newest(tmp_path)
    assert found and found.step == 30 and not refusals


def test_leftovers_are_swept(tmp_path: Path) -> None:
    seal(tmp_path, 30)
    (tmp_path / "step-000060.partial").mkdir()
    (tmp_path / "step-000060.partial" / ADAPTERS).write_bytes(b"half")
    (tmp_path / "step-000090.jsonl.partial").write_bytes(b"half")
    retention.sweep(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["step-000030"]


def test_the_same_step_may_be_sealed_again(tmp_path: Path) -> None:
    flip(seal(tmp_path, 30).path / ADAPTERS)
    seal(tmp_path, 30)
    found, refusals = checkpoint.newest(tmp_path)
    assert found and found.step == 30 and not refusals


@pytest.mark.parametrize(
    ("steps", "losses", "gone"),
    [
        ([], {}, []),
        ([30], {}, []),
        ([30, 60], {30: 1.0, 60: 2.0}, []),
        ([30, 60, 90], {}, [30]),
        ([30, 60, 90], {30: 1.0, 60: 2.0, 90: 3.0}, []),
        ([30, 60, 90, 120], {30: 3.0, 60: 1.0, 90: 2.0, 120: 2.5}, [30]),
        ([30, 60, 90, 120], {120: 0.5}, [60, 30]),
        # Equally good: the newer one, because it is kept anyway.
        ([30, 60, 90], {30: 1.0, 90: 1.0}, [30]),
    ],
)
def test_what_is_pruned(steps: list[int], losses: dict[int, float], gone: list[int]) -> None:
    assert retention.prunable(steps, losses) == gone


def test_losses_come_from_the_sealed_state(tmp_path: Path) -> None:
    seal(tmp_path, 1, heldOutLoss=2.5)
    seal(tmp_path, 2, heldOutLoss=None)
    seal(tmp_path, 3)
    assert checkpoint.held_out_losses(tmp_path) == {1: 2.5}


SEALER = """
import sys; from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_checkpoint import seal
from trainer.training import checkpoint, retention
folder = Path(sys.argv[1])
retention.sweep(folder)
found, _ = checkpoint.newest(folder)
step = found.step if found else 0
while True:
    step += 1
    seal(folder, step)
    print(step, flush=True)
    for old in retention.prunable([s for s, _ in checkpoint.sealed(folder)], {}):
        retention.remove(folder / checkpoint.folder_name(old))
"""


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Fault 1, 12, 13: kill -9 while sealing and pruning, 12 seeded rounds; what was reported sealed is never lost."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    rounds = random.Random(seed)
    reported = 0
    for _ in range(12):
        child = subprocess.Popen(
            [sys.executable, "-c", SEALER, str(tmp_path), str(Path(__file__).parent)], cwd=PYTHON, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout
        first = child.stdout.readline()
        time.sleep(rounds.uniform(0, 0.08))
        child.send_signal(signal.SIGKILL)
        lines = [first, *child.stdout.read().splitlines()]
        child.wait()
        reported = max(reported, *(int(line) for line in lines if line.strip()))
        found, refusals = checkpoint.newest(tmp_path)
        assert not refusals
        assert found and found.step >= reported
        assert len(checkpoint.sealed(tmp_path)) >= min(2, reported)


def test_json_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    durable.write_json_atomic(path, {"a": 1})
    with pytest.raises(ValueError):
        durable.write_json_atomic(path, {"a": float("nan")})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]
