"""Promise: memory or disk that runs out ends a verb with one sentence for a person, and what was sealed before stays whole."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from trainer.run.faults import from_memory_error
from trainer.training import checkpoint
from trainer.training import train as train_module

MakeRun = Callable[..., Run]


def refused() -> MemoryError:
    """What this machine says when it is asked for more than there is. (MLX's own CPU allocator ends in a segmentation fault there,
    so its words are held as its source and its issues state them.)"""
    with pytest.raises(MemoryError) as caught:
        bytearray(1 << 60)
    return caught.value


@pytest.mark.parametrize(
    "error",
    [
        refused(),
        RuntimeError("[metal::malloc] Attempting to allocate 9663676416 bytes which is greater than the maximum allowed buffer size"),
        RuntimeError("[malloc_or_wait] Unable to allocate 524288000 bytes."),
        RuntimeError("[METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)"),
        RuntimeError("std::bad_alloc"),
    ],
    ids=["python", "metal", "waiting", "command", "c++"],
)
def test_no_memory_is_named(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    run = make_run(rows=4, held_out=0)

    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(train_module, "open_session", refuse)
    assert run.train() == 1
    run.require_valid()
    fault = run.events("failed")[0]["fault"]
    assert fault["kind"] == "memory.full"
    assert fault["message"].startswith("The memory was not enough: ")
    assert "thortime resume" in fault["next"]


def test_other_errors_are_not_called_memory() -> None:
    assert from_memory_error(RuntimeError("[matmul] Last dimension of first input must match")) is None
    assert from_memory_error(ValueError("Unable to allocate")) is None


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Callable[[], None]]:
    """Yields what gives space back. A file system of that size where we may mount one, else a limit of this process on each file."""
    folder.mkdir()
    if (
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], capture_output=True, check=False).returncode
        == 0
    ):
        try:
            yield lambda: subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True) and None
        finally:
            subprocess.run(["umount", str(folder)], check=True)
    else:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        try:
            yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_says_how_much_is_needed_and_goes_on_later(make_run: MakeRun) -> None:
    """A real one: adapters and optimizer of this plan are about 0.47 MB, so a second checkpoint does not fit into 0.7 MB."""
    run = make_run(rows=8, held_out=0, max_steps=4, save_steps=1)
    with small_disk(run.path / "checkpoints", 700_000) as make_room:
        assert run.train() == 1
        run.require_valid()
        fault = run.events("failed")[0]["fault"]
        sealed = [event["step"] for event in run.events("checkpoint-sealed")]
        assert fault["kind"] == "disk.full"
        assert f"the checkpoint of step {len(sealed) + 1} needs 0.5 MB and" in fault["message"]
        assert " MB are free" in fault["message"] and fault["next"].startswith("Free 0.5 MB, then continue")
        assert run.checkpoints() == sealed
        assert [entry.name for entry in (run.path / "checkpoints").iterdir() if entry.name.endswith(".partial")] == []
        for step in sealed:
            assert checkpoint.verify(run.path / f"checkpoints/step-{step:06d}", step).step == step
            assert f"The checkpoint of step {step} is unharmed." in fault["message"]
        make_room()
        assert run.train() == 0
        assert run.events("resumed")[-1]["fromStep"] == max(sealed, default=0)
        assert run.events("checkpoint-sealed")[-1]["step"] == 4


@pytest.mark.parametrize("name", checkpoint.FILES)
def test_no_room_for_any_file_of_a_checkpoint(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The system's own refusal (a limit on this process, EFBIG) while that file of step 3 is written."""
    run = make_run(rows=4, held_out=0, max_steps=4, save_steps=2)
    write = checkpoint.write_through

    # Room for the journal's lines and no more is not to be had by a limit on sizes, so only the file's own write has the limit.
    def limited(path: Path, content: checkpoint.Content) -> None:
        if path.name != name or "step-000002" not in str(path):
            return write(path, content)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, before[1]))
        try:
            return write(path, content)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    monkeypatch.setattr(checkpoint, "write_through", limited)
    assert run.train() == 1
    assert run.events("failed")[0]["fault"]["kind"] == "disk.full"
    assert "allows no more to be written: the checkpoint of step 2" in run.events("failed")[0]["fault"]["message"]
    assert [entry.name for entry in (run.path / "checkpoints").iterdir()] == ["step-000001"]
    checkpoint.verify(run.path / "checkpoints/step-000001", 1)
