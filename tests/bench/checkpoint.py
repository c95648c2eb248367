"""`npm run bench -- checkpoint`: sealing a checkpoint, which is all that holds the next step, beside writing and fsyncing the same bytes.

Sealing is the whole of it: files written, flushed and hashed, manifest, journal synced, renamed, what is too old verified and removed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ground import MANY_STEPS, arguments, encoded_rows, finish, make_run, middle, say, workplace

from trainer.run.durable import fsync_dir, fsync_fd


def ours(run: Path) -> None:
    """For each line: one more step is said to be made, and it is sealed."""
    from trainer.run.journal import Journal
    from trainer.run.run_folder import RunFolder
    from trainer.training.checkpoint import folder_name
    from trainer.training.sealing import seal
    from trainer.training.session import open_session
    from trainer.training.step import begin_step, take_step

    folder = RunFolder(run)
    session = open_session(folder, Journal(folder.journal_path, "trainer", 0))
    step, rested = begin_step(session, 1)
    take_step(session, step, rested)
    for _ in sys.stdin:
        session.progress.step += 1
        started = time.perf_counter()
        seal(session, "asked")
        answer(started, folder.checkpoints / folder_name(session.progress.step))


def rival(place: Path) -> None:
    """For each line, a folder: the bytes of its files, read before, are written and flushed as another one."""
    for line in sys.stdin:
        files = {file.name: file.read_bytes() for file in sorted(Path(line.strip()).iterdir())}
        copy = place / "copy"
        started = time.perf_counter()
        copy.mkdir()
        for name, content in files.items():
            with open(copy / name, "wb") as file:
                file.write(content)
                file.flush()
                fsync_fd(file.fileno())
        fsync_dir(copy)
        answer(started, copy)
        shutil.rmtree(copy)


def answer(started: float, folder: Path) -> None:
    seconds = time.perf_counter() - started
    size = sum(file.stat().st_size for file in folder.iterdir())
    sys.__stdout__.write(json.dumps({"seconds": seconds, "folder": str(folder), "bytes": size}) + "\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]


class Contestant:
    """This file once more, in a process of its own."""

    def __init__(self, role: str, place: Path):
        command = [sys.executable, __file__, role, str(place)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def turn(self, line: str = "") -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


def main() -> None:
    args = arguments(__doc__, rounds=15, rank=1024)
    settings = {"max_steps": MANY_STEPS, "lora_r": args.rank, "lora_alpha": 2 * args.rank, "max_seq_length": 256, "micro_batch_tokens": 512}
    pairs: list[tuple[float, float]] = []
    with workplace() as place:
        run = make_run(place / "run", encoded_rows(32, 256), gradient_checkpointing=False, **settings)
        sealer, writer = Contestant("ours", run), Contestant("rival", place)
        try:
            # Three kept ones first, so that each turn also verifies and prunes as in a night.
            for _ in range(3):
                done = sealer.turn()
            for number in range(args.rounds):
                before = writer.turn(done["folder"]) if number % 2 else None
                done = sealer.turn()
                pairs.append((done["seconds"], (before or writer.turn(done["folder"]))["seconds"]))
        finally:
            sealer.end()
            writer.end()
    say(args, f"checkpoints of {done['bytes'] / 1e6:.1f} MB, {args.rounds} rounds")
    for seal, write in pairs:
        say(args, f"sealed in {seal * 1000:6.1f} ms, the same bytes written and flushed in {write * 1000:6.1f} ms: {seal / write:.2f} x")
    sealed, written = ([pair[which] for pair in pairs] for which in (0, 1))
    ratio = middle([one / other for one, other in pairs])
    finish("checkpoint", middle(sealed), middle(written), ratio, unit="s", limit=1.5, bytes=done["bytes"], longest=round(max(sealed), 4))


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["rival"]):
        sys.stdout = sys.stderr  # the libraries print
        (ours if sys.argv[1] == "ours" else rival)(Path(sys.argv[2]))
    else:
        main()
