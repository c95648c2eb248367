"""`python -m trainer VERB …`. A verb is a module with `add_arguments(parser)` and `run(args) -> exit code`.

Verbs of a run get `args.folder` (RunFolder, locked for as long as the verb runs) and `args.journal` (Journal, by "trainer").
Only the named verb's module is imported, so that `keep`, `inspect` and `probe` answer in tens of milliseconds.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType

from trainer.run.faults import Fault, disk_gone, from_os_error, understand
from trainer.run.journal import Journal
from trainer.run.run_folder import RunFolder

RUN_VERBS = {
    "fetch": "trainer.model.fetch",
    "prepare": "trainer.rows.prepare",
    "answer": "trainer.after.answer",
    "train": "trainer.training.train",
    "merge": "trainer.after.merge",
}
OTHER_VERBS = {
    "keep": "trainer.run.keep",
    "inspect": "trainer.rows.inspect",
    "probe": "trainer.model.probe",
    "check": "trainer.rows.check",
    "pull": "trainer.model.pull",
    "parcel": "trainer.run.parcel",
}
USAGE = f"usage: python -m trainer {{{','.join([*RUN_VERBS, *OTHER_VERBS])}}} …"


def main(argv: list[str]) -> int:
    verb = argv[0] if argv else ""
    if verb not in RUN_VERBS and verb not in OTHER_VERBS:
        print(USAGE, file=sys.stderr)
        return 2
    module = importlib.import_module(RUN_VERBS.get(verb) or OTHER_VERBS[verb])
    parser = argparse.ArgumentParser(prog=f"python -m trainer {verb}", description=(module.__doc__ or "").split("\n")[0])
    if verb in RUN_VERBS:
        parser.add_argument("--run", required=True, type=Path, metavar="DIR")
        parser.add_argument("--attempt", type=int, default=0)
        parser.add_argument("--token", default="", help="names this process in its arguments; not used otherwise")
        parser.add_argument("--await-word", action="store_true", help="begin when a byte arrives on stdin, end where it closes first")
    module.add_arguments(parser)
    args = parser.parse_args(argv[1:])
    return _run_verb(module, args) if verb in RUN_VERBS else _other_verb(module, args)


def _run_verb(module: ModuleType, args: argparse.Namespace) -> int:
    # The keeper first writes down who we are; without that no engine could find us.
    if args.await_word and not os.read(sys.stdin.fileno(), 1):
        return 1
    args.folder = RunFolder(args.run)
    args.journal = Journal(args.folder.journal_path, "trainer", args.attempt)
    try:
        if not args.folder.path.is_dir():
            raise Fault("run.missing", f"There is no run at {args.folder.path}.", "Look at your runs with: thortime history.")
        with args.folder.lock():
            return _journal_faults(module, args)
    except (Fault, OSError) as error:
        fault = _explain(error, args.folder)
        if fault is None:
            raise
        # Not ours to write into: the folder is missing, belongs to another process or takes nothing.
        _say(fault)
        return 1


def _journal_faults(module: ModuleType, args: argparse.Namespace) -> int:
    try:
        args.folder.require_no_links()
        return module.run(args)
    except (Fault, OSError, MemoryError, RuntimeError) as error:
        fault = _explain(error, args.folder)
        if fault is None:
            raise
        try:
            args.journal.write("failed", fault=fault.to_json())
        except OSError as refused:
            _say(Fault(fault.kind, fault.message, f"{fault.next} (The journal could not be written: {refused}.)"))
            return 1
        _say(fault)
        return 1


def _explain(error: BaseException, folder: RunFolder) -> Fault | None:
    # Whatever was just looked for is missing together with the folder itself.
    if isinstance(error, OSError) and not folder.path.is_dir():
        return disk_gone(folder.path)
    return understand(error)


def _say(fault: Fault) -> None:
    """Into the log, which may lie on the disk that is full."""
    try:
        print(fault.message, fault.next, file=sys.stderr, flush=True)
    except OSError:
        pass


def _other_verb(module: ModuleType, args: argparse.Namespace) -> int:
    try:
        try:
            return module.run(args)
        except OSError as error:
            raise from_os_error(error) or error from error
    except Fault as fault:
        print(json.dumps({"fault": fault.to_json()}, ensure_ascii=False))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
