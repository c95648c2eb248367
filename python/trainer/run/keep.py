"""`keep`: starts a verb in a session of its own, waits for it and writes down how it ended, whoever else is alive by then.

While the verb runs and the engine's lease in `control.json` stands still, it starts the engine again. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from trainer.run import log_file
from trainer.run.durable import write_json_atomic
from trainer.run.engine_watch import EngineWatch
from trainer.run.evidence import Ending, write_exit
from trainer.run.faults import Fault, from_os_error
from trainer.run.identity import process_start
from trainer.run.journal import Journal, boot_id
from trainer.run.memory_kills import count_memory_kills, describe
from trainer.run.run_folder import RunFolder

VERBS = ("fetch", "prepare", "answer", "train", "merge")
LOOK_SECONDS = 1.0
# How long a full disk is waited for before a process's end stays unknown.
ROOM_WAIT_SECONDS = 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", required=True, type=Path, metavar="DIR")
    parser.add_argument("--token", required=True)
    parser.add_argument("--verb", required=True, choices=VERBS)
    parser.add_argument("--stage", choices=("before", "after"))
    parser.add_argument("--attempt", type=int, default=0)
    parser.add_argument("--models", metavar="DIR")
    parser.add_argument("--engine", type=_strings, metavar="JSON-ARRAY", help="what to start when the lease stands still")
    parser.add_argument("--engine-env", type=_string_map, default={}, metavar="JSON", help="added to the environment of that")


def run(args: argparse.Namespace) -> int:
    _outlive()
    folder = RunFolder(args.run)
    if not folder.path.is_dir():
        raise Fault("run.missing", f"There is no run at {folder.path}.", "Look at your runs with: thortime history.")
    with ExitStack() as held:
        try:
            # Naming a second process here would hide the first from every engine.
            keeping = held.enter_context(folder.keeping())
            with folder.lock():
                _insist(lambda: log_file.cut(folder.log_path))
        except Fault as fault:
            write_exit(folder, args.token, args.verb, Ending(0, 1, 0.0, [fault.message]))
            raise
        return _keep(folder, args, keeping)


def _keep(folder: RunFolder, args: argparse.Namespace, keeping: int) -> int:
    wake = _wake_on_child()
    started, kills = time.monotonic(), count_memory_kills()
    journal = Journal(folder.journal_path, "keeper", args.attempt)
    log = log_file.Since(folder.log_path)
    child = _start_known(folder, args, journal, keeping)
    watch = EngineWatch(folder, journal, args.engine, args.engine_env)
    while child.poll() is None:
        select.select([wake], [], [], LOOK_SECONDS)
        _drain(wake)
        _insist(log.cut)
        _insist(watch.look)
    _end_group(child.pid)
    seconds = time.monotonic() - started
    oom_kills = describe(kills, count_memory_kills())
    # No other keeper can write here as long as this one lives, so it may wait for room on the disk.
    ending = Ending(child.pid, child.returncode, seconds, log.tail(), oom_kills)
    write_exit(folder, args.token, args.verb, ending, ROOM_WAIT_SECONDS)
    return 0


def _start_known(folder: RunFolder, args: argparse.Namespace, journal: Journal, keeping: int) -> subprocess.Popen[bytes]:
    """The child waits for a word from us, so that nothing runs that no engine could find: it is written down first who it is.

    Without the word (the disk is full, this keeper is killed) it ends before it has done anything. Raises OSError.
    """
    child = _start(folder, args, keeping)
    process = {
        "token": args.token,
        "verb": args.verb,
        "pid": child.pid,
        "start": process_start(child.pid),
        "keeperPid": os.getpid(),
        "keeperStart": process_start(os.getpid()),
        "boot": boot_id(),
    }
    try:
        write_json_atomic(folder.process_path, process)
        journal.write("kept", verb=args.verb, pid=child.pid, keeperPid=os.getpid(), token=args.token)
    except OSError as error:
        child.kill()
        child.wait()
        fault = from_os_error(error)
        write_exit(folder, args.token, args.verb, Ending(child.pid, 1, 0.0, [fault.message if fault else str(error)]))
        raise
    _give_word(child)
    return child


def _environment(verb: str) -> dict[str, str]:
    """The hub's token is for the verb that asks the hub, and for an engine that is brought back; nobody else is given it."""
    return {name: value for name, value in os.environ.items() if name != "HF_TOKEN" or verb == "fetch"}


def _start(folder: RunFolder, args: argparse.Namespace, keeping: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "trainer", args.verb, "--run", str(folder.path), "--token", args.token, "--attempt", str(args.attempt)]
    command += ["--stage", args.stage] if args.stage else []
    command += ["--models", args.models] if args.models else []
    command += ["--await-word"]
    # A file and not a pipe: a pipe would end with its reader, and the run has to outlive the keeper too.
    log = log_file.open_for_child(folder.log_path)
    try:
        # The lock is the child's too: where the keeper is killed, no other one starts a second child beside it.
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, env=_environment(args.verb), pass_fds=(keeping,)
        )
    finally:
        os.close(log)


def _give_word(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin
    try:
        child.stdin.write(b"\n")
        child.stdin.close()
    except BrokenPipeError:
        pass  # It is dead already, and its end says how.


def _insist(what: Callable[[], object]) -> None:
    """Nothing that a disk refuses ends the keeper: only it can say how its child ended."""
    try:
        what()
    except OSError as error:
        print(f"The keeper goes on: {error}", file=sys.stderr)


def _end_group(pid: int) -> None:
    """Whatever the verb left behind in its group. The group keeps its number as long as it has members, so nobody else is hit."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _outlive() -> None:
    """Signals meant for a terminal or a session do not end the keeper. Functions and not SIG_IGN: the child must not inherit deafness."""
    for name in ("SIGHUP", "SIGTERM", "SIGINT"):
        signal.signal(getattr(signal, name), lambda _signal, _frame: None)


def _wake_on_child() -> int:
    """A descriptor that becomes readable with any signal, so that a child's end is seen at once without polling for it."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    return reader


def _drain(reader: int) -> None:
    try:
        os.read(reader, 4096)
    except BlockingIOError:
        pass


def _strings(text: str) -> list[str]:
    value = json.loads(text)
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise ValueError("not an array of texts")
    return value


def _string_map(text: str) -> dict[str, str]:
    value = json.loads(text)
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError("not an object of texts")
    return value
