"""How many processes the kernel has killed for want of memory: what tells such a kill from anybody's `kill -9`.

Linux counts them: `oom_kill` in the own control group (v2 `memory.events`, v1 `memory.oom_control`; any killer counts, kernel
documentation "cgroup-v2", "memory"), else for the whole machine in `/proc/vmstat`. macOS has no such counter to read: None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class MemoryKills:
    """`of` the control group or of the `machine`, since that began."""

    of: Literal["group", "machine"]
    count: int


def count_memory_kills(root: Path = Path("/")) -> MemoryKills | None:
    """None where it cannot be known. `root` is for tests."""
    for of, path in _sources(root):
        count = _read(path)
        if count is not None:
            return MemoryKills(of, count)
    return None


def describe(before: MemoryKills | None, after: MemoryKills | None) -> dict[str, object] | None:
    """`oomKills` of exit.json: `{of, before, after}`; None where one is unknown or they count different things."""
    if before is None or after is None or before.of != after.of:
        return None
    return {"of": before.of, "before": before.count, "after": after.count}


def _sources(root: Path) -> Iterator[tuple[Literal["group", "machine"], Path]]:
    groups = root / "sys/fs/cgroup"
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        inner = path.lstrip("/")
        if controllers == "":
            yield "group", groups / inner / "memory.events"
        elif "memory" in controllers.split(","):
            # In a container the path is the host's, and what is mounted begins at the container's own group.
            yield "group", groups / "memory" / inner / "memory.oom_control"
            yield "group", groups / "memory" / "memory.oom_control"
    yield "machine", root / "proc/vmstat"


def _read(path: Path) -> int | None:
    for line in _lines(path):
        name, _, value = line.partition(" ")
        if name == "oom_kill" and value.strip().isdigit():
            return int(value)
    return None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
