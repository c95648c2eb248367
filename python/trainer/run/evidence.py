"""`exit.json`: how a verb ended, as far as the keeper knows it. What it does not know is null, never guessed."""

from __future__ import annotations

import errno
import signal
import sys
import time
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

from trainer.run.durable import write_json_atomic
from trainer.run.run_folder import RunFolder

# A disk may refuse for a moment.
_WAITS_SECONDS = (0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Ending:
    """`status` as Popen.returncode: negative is minus the signal. `oom_kills`: see memory_kills."""

    pid: int
    status: int
    seconds: float
    tail: list[str]
    oom_kills: dict[str, object] | None = None


def write_exit(folder: RunFolder, token: str, verb: str, ending: Ending, room_wait_seconds: float = 0.0) -> None:
    """Never raises OSError: where nothing can be written, nobody could read it either. A full disk is waited for."""
    value: dict[str, Any] = {
        "token": token,
        "verb": verb,
        "pid": ending.pid,
        "code": None if ending.status < 0 else ending.status,
        "signal": _signal_name(-ending.status) if ending.status < 0 else None,
        "seconds": round(ending.seconds, 3),
        "oomKills": ending.oom_kills,
        "tail": ending.tail,
    }
    deadline = time.monotonic() + room_wait_seconds
    for wait in chain(_WAITS_SECONDS, repeat(_WAITS_SECONDS[-1])):
        try:
            return write_json_atomic(folder.exit_path, value)
        except OSError as error:
            last = wait == _WAITS_SECONDS[-1]
            if last and (error.errno not in (errno.ENOSPC, errno.EDQUOT) or time.monotonic() >= deadline):
                print(f"exit.json could not be written: {error}", file=sys.stderr)
                return
            # On a full disk the verb's own last words may be lost too.
            value["tail"] = [*ending.tail, f"How it ended could not be written down: {error.strerror}"]
            time.sleep(wait)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"
