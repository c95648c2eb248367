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
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import PYTHON, Run

from trainer.run import durable
from trainer.run.journal import Journal
from trainer.run.run_folder import RunFolder
from trainer.training import checkpoint, retention
from trainer.training.checkpoint import ADAPTER_CONFIG, ADAPTERS, FILES, MANIFEST, OPTIMIZER, STATE
from trainer.training.verified import Verified


def tensors(values: int) -> bytes:
    """A safetensors file of one float32 vector."""
    header = json.dumps({"x": {"dtype": "F32", "shape": [values], "data_offsets": [0, 4 * values]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4 * values)


def content(step: int, **state: object) -> list[tuple[str, checkpoint.Content]]:
    return [
        (ADAPTERS, [tensors(100 + step)]),
        (OPTIMIZER, [tensors(200 + step)]),
        (ADAPTER_CONFIG, [b"{", b"}"]),
        (STATE, [json.dumps({"step": step, **state}).encode()]),
    ]


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
    """Row 11: each file at each length class, one bit, missing, a link, longer."""
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


def test_row_11_a_flipped_bit_anywhere(tmp_path: Path) -> None:
    """Row 11: one bit of any byte of any file, the manifest itself too: refused, or the manifest still says the very same."""
    seal(tmp_path, 30)
    newer = seal(tmp_path, 60)
    draw = random.Random(20261123)
    for name in (*FILES, MANIFEST):
        path = newer.path / name
        whole = path.read_bytes()
        said = json.loads(whole) if name == MANIFEST else None
        for place in range(len(whole)):
            changed = bytearray(whole)
            changed[place] ^= 1 << draw.randrange(8)
            path.write_bytes(changed)
            try:
                checkpoint.verify(newer.path, 60)
            except checkpoint.Damaged as damage:
                assert str(damage)
            else:
                assert name == MANIFEST and json.loads(bytes(changed)) == said, f"{name}: byte {place}"
        path.write_bytes(whole)
    found, refusals = checkpoint.newest(tmp_path)
    assert found and found.step == 60 and not refusals


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

    def half() -> Iterator[tuple[str, checkpoint.Content]]:
        yield ADAPTERS, [tensors(3)]
        full()

    if moment == "flush":
        monkeypatch.setattr(durable, "fsync_fd", full)
    if moment == "rename":
        monkeypatch.setattr(checkpoint.os, "rename", full)
    with pytest.raises(OSError):
        checkpoint.seal(tmp_path, 60, half() if moment == "write" else content(60), full if moment == "journal" else lambda: None)
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
    assert checkpoint.whole(tmp_path) == {3: None, 2: None, 1: 2.5}


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
    """Row 1, 12, 13: kill -9 while sealing and pruning, 12 seeded rounds; what was reported sealed is never lost."""
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


KILLER = """
import json, os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_checkpoint import seal
from trainer.run import durable
from trainer.training import checkpoint, retention
folder = Path(sys.argv[1])

def prune():
    whole = checkpoint.whole(folder)
    for old in retention.prunable(whole, {step: loss for step, loss in whole.items() if loss is not None}):
        retention.remove(folder / checkpoint.folder_name(old))

def killed_at(k):
    count = 0
    def counted(real):
        def call(*more, **named):
            nonlocal count
            count += 1
            if count == k:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*more, **named)
        return call
    for name in ("rename", "unlink", "rmdir", "mkdir", "open", "fsync", "write", "remove", "replace"):
        setattr(os, name, counted(getattr(os, name)))

for step, loss in ((1, 3.0), (2, 1.0), (3, 2.0), (4, 2.5)):
    seal(folder, step, heldOutLoss=loss)
best = 2
for k in range(1, 400):
    child = os.fork()
    if child == 0:
        killed_at(k)
        newest = checkpoint.sealed(folder)[0][0]
        seal(folder, newest + 1, heldOutLoss=2.0 + newest)
        prune()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    whole = list(checkpoint.whole(folder))
    names = [step for step, _ in checkpoint.sealed(folder)]
    print(json.dumps([k, status, whole, names]), flush=True)
    if status == 0:
        break
    retention.sweep(folder)
"""


def test_row_13_killed_at_every_operation_of_prune(tmp_path: Path) -> None:
    """Row 13: SIGKILL at each operation of sealing and pruning in turn: at least two complete checkpoints and the best one remain,
    and none under its final name is damaged."""
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(tmp_path), str(Path(__file__).parent)], cwd=PYTHON, capture_output=True, text=True, check=True
    )
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rounds) > 20 and [status for _, status, *_ in rounds[:-1]] == [signal.SIGKILL] * (len(rounds) - 1)
    assert rounds[-1][1] == 0
    for k, _, whole, names in rounds:
        assert whole == names and len(whole) >= 2 and 2 in whole, f"operation {k}: {whole} of {names}"
    newest = [whole[0] for _, _, whole, _ in rounds]
    assert newest == sorted(newest)
    assert len(rounds[-1][2]) == 3


def test_row_13_damaged_ones_do_not_count_as_kept(make_run: Callable[..., Run]) -> None:
    """Row 13: the disk has damaged a newer checkpoint; pruning keeps two that are whole besides."""
    from trainer.training import sealing
    from trainer.training.session import open_session

    run = make_run(rows=16, held_out=0, max_steps=8)
    session = open_session(RunFolder(run.path), Journal(run.path / "events.jsonl", "trainer", 0))
    place = run.path / "checkpoints"
    for step in (1, 2, 3):
        session.progress.step = step
        sealing.seal(session, "asked")
        if step == 2:
            flip(place / "step-000002" / ADAPTERS)
    assert list(checkpoint.whole(place)) == [3, 1]
    session.progress.step = 4
    sealing.seal(session, "asked")
    assert list(checkpoint.whole(place)) == [4, 3]


def test_row_13_what_was_found_whole_is_read_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 13: content changed and the time of its change set back is found all the same; what nobody touched costs no reading."""
    read: list[str] = []
    real = checkpoint.sha256
    monkeypatch.setattr(checkpoint, "sha256", lambda path: read.append(path.parent.name) or real(path))
    verified = Verified()
    seal(tmp_path, 30)
    verified.note(seal(tmp_path, 60))
    for _ in range(2):
        assert list(checkpoint.whole(tmp_path, verified.verify)) == [60, 30]
    # The first look reads what this process did not seal; the second reads nothing.
    assert set(read) == {"step-000030"} and len(read) == len(FILES)
    file = tmp_path / "step-000060" / ADAPTERS
    before = file.stat()
    flip(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert list(checkpoint.whole(tmp_path, verified.verify)) == [30]
    flip(file)
    assert list(checkpoint.whole(tmp_path, verified.verify)) == [60, 30]
    os.unlink(file)
    assert list(checkpoint.whole(tmp_path, verified.verify)) == [30]


def test_json_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    durable.write_json_atomic(path, {"a": 1})
    with pytest.raises(ValueError):
        durable.write_json_atomic(path, {"a": float("nan")})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]
