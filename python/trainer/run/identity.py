"""Who a process is: a pid alone may belong to another one tomorrow, pid + start + boot + token in its arguments may not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

UNKNOWN = "unknown"


def process_start(pid: int) -> str:
    """Linux: field 22 of /proc/PID/stat (ticks since boot). macOS: `lstart` in UTC, because local time breaks on a DST night."""
    if sys.platform == "linux":
        try:
            # The second field is the program's name in brackets and may hold anything, so count from the last bracket.
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
        except (OSError, IndexError):
            return UNKNOWN
    env = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    got = subprocess.run(["/bin/ps", "-o", "lstart=", "-p", str(pid)], env=env, capture_output=True, text=True, check=False)
    return got.stdout.strip() or UNKNOWN
