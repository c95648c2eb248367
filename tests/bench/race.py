"""Contestants take turns, one optimizer step each, so that whatever else the machine does meets all of them alike."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Lap:
    """All of a contestant's steps over the same rows."""

    tokens: int = 0
    padded: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def speed(self) -> float:
        """Real tokens a second."""
        return self.tokens / self.seconds

    @property
    def cpu_speed(self) -> float:
        """Real tokens a second of CPU time."""
        return self.tokens / self.cpu_seconds


@dataclass
class Result:
    laps: list[Lap] = field(default_factory=list)
    peak_bytes: int = 0

    @property
    def share(self) -> float:
        """Of the tokens processed, those that are real."""
        return sum(lap.tokens for lap in self.laps) / sum(lap.padded for lap in self.laps)


def race(contestants: Mapping[str, Sequence[str]], steps: int, laps: int) -> dict[str, Result]:
    """`contestants`: name -> arguments of contestant.py. One is let in after the other, then they take turns in rotating order."""
    processes: dict[str, subprocess.Popen[str]] = {}
    results = {name: Result() for name in contestants}
    program = [sys.executable, str(Path(__file__).with_name("contestant.py"))]
    try:
        for name, arguments in contestants.items():
            processes[name] = subprocess.Popen(
                [*program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            if _answer(name, processes[name]) != "ready":
                raise RuntimeError(f"{name} did not get ready")
        names = list(contestants)
        for lap in range(laps):
            for result in results.values():
                result.laps.append(Lap())
            for step in range(steps):
                turn = (lap * steps + step) % len(names)
                for name in names[turn:] + names[:turn]:
                    _take_turn(name, processes[name], results[name])
    finally:
        for process in processes.values():
            process.kill()
            process.communicate()
    return results


def _take_turn(name: str, process: subprocess.Popen[str], result: Result) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()
    turn = _answer(name, process)
    assert isinstance(turn, dict)
    lap = result.laps[-1]
    lap.tokens, lap.padded = lap.tokens + turn["tokens"], lap.padded + turn["padded"]
    lap.seconds, lap.cpu_seconds = lap.seconds + turn["seconds"], lap.cpu_seconds + turn["cpu"]
    result.peak_bytes = max(result.peak_bytes, turn["peak"])


def _answer(name: str, process: subprocess.Popen[str]) -> object:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{name} ended: {process.communicate()[1][-2000:]}")
    return json.loads(line)
