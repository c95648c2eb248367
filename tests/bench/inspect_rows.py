"""`npm run bench -- inspect`: rows a second and memory of the data doctor's exact checks, beside a bare `json.loads` loop.

The file is made: rows of about `--bytes` bytes, a tenth of the questions asked again. `--rows 1000000 --bytes 1000` is a file of 1 GB.
Limits: `LEAST_ROWS_PER_SECOND` by the clock and `MOST_MB` of memory, whatever the file; the last line says what share of each was reached.
Each contestant is a process of its own on a bare Python, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ground import PYTHON, arguments, finish, say

_WORDS = "checkpoint adapter adım gece model öğrenir çalışır bellek ısı ölçü kayıp satır soru cevap the run rests when it is warm"
LEAST_ROWS_PER_SECOND, MOST_MB = 20_000, 300
# Linux hands a parent's peak on to what it starts; the kernel's other count begins anew.
_PEAK = """import resource, time
usage = resource.getrusage(resource.RUSAGE_SELF)
try: peak = next(int(line.split()[1]) * 1024 for line in open('/proc/self/status') if line.startswith('VmHWM'))
except OSError: peak = usage.ru_maxrss
print(usage.ru_utime + usage.ru_stime, peak)"""
_RIVAL = f"import json,sys\nfor line in open(sys.argv[1], encoding='utf-8'): json.loads(line)\n{_PEAK}"
_OURS = (
    "import sys; sys.path.insert(0, sys.argv[2]); from pathlib import Path\n"
    "from trainer.rows.inspect import inspect_files\n"
    f"assert inspect_files(Path(sys.argv[1]), None, None, 2048)['files'][0]['rows'] == int(sys.argv[3])\n{_PEAK}"
)


def write_rows(path: Path, rows: int, bytes_: int, seed: int = 7) -> None:
    random_ = random.Random(seed)
    # Drawing each word would take longer than reading the file; a row is a piece of one long text.
    text = " ".join(random_.choices(_WORDS.split(), k=20_000))
    with path.open("w", encoding="utf-8") as file:
        for row in range(rows):
            start = random_.randrange(60_000)
            question = f"{text[start : start + 40]} {row if row % 10 else row // 20}"
            value = {
                "input": question, "output": f"{text[start : start + max(20, int((bytes_ - 160) / 1.12))]} {row}",
                "source": f"docs/{row % 40}.md", "category": ("documentation", "conversation", "wisdom")[row % 3],
            }  # fmt: skip
            file.write(json.dumps(value, ensure_ascii=False) + "\n")


def measure(code: str, *given: str) -> tuple[float, float, float]:
    """(seconds by the clock, seconds of CPU, peak memory in MB)."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-S", "-c", code, *given], capture_output=True, text=True, check=True)
    clock = time.perf_counter() - started
    cpu, peak = done.stdout.split()[-2:]
    return clock, float(cpu), float(peak) / 1e6


def main() -> None:
    args: argparse.Namespace = arguments(__doc__, rows=100_000, bytes=370)
    with tempfile.TemporaryDirectory(prefix="thortime-bench-") as folder:
        path = Path(folder) / "rows.jsonl"
        write_rows(path, args.rows, args.bytes)
        size = path.stat().st_size
        say(args, f"{args.rows:,} rows, {size / 1e6:,.0f} MB")
        rival = measure(_RIVAL, str(path))
        ours = measure(_OURS, str(path), str(PYTHON), str(args.rows))
    for name, (clock, cpu, peak) in (("json.loads alone", rival), ("all exact checks", ours)):
        say(args, f"{name}: {args.rows / clock:,.0f} rows/s by the clock, {args.rows / cpu:,.0f} per CPU second, {peak:.0f} MB of memory")
    finish(
        "inspect", args.rows / ours[0], args.rows / rival[0], rival[0] / ours[0], unit="rows/s", rows=args.rows, bytes=size,
        perCpuSecond=round(args.rows / ours[1]), rivalPerCpuSecond=round(args.rows / rival[1]),
        peakMb=round(ours[2], 1), rivalPeakMb=round(rival[2], 1),
        limits={"rowsPerSecond": LEAST_ROWS_PER_SECOND, "peakMb": MOST_MB},
        ofLimits={"rowsPerSecond": round(args.rows / ours[0] / LEAST_ROWS_PER_SECOND, 2), "peakMb": round(ours[2] / MOST_MB, 2)},
    )  # fmt: skip


if __name__ == "__main__":
    main()
