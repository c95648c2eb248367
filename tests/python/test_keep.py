"""Promise: however a verb ends and whoever is gone by then, `exit.json` says how; nothing of it is left running; a missing engine is
started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import PYTHON, Run

from trainer.run.identity import process_start
from trainer.run.journal import boot_id
from trainer.run.log_file import CAP_BYTES

KEEPER = "import sys; sys.path.insert(0, sys.argv[1]); from trainer.__main__ import main; sys.exit(main(['keep', *sys.argv[2:]]))"


class Kept(Run):
    """A run whose verbs are `fake_verbs.py`, and its keeper."""

    def behave(self, statement: str) -> None:
        (self.path / "behave").write_text(statement)

    def keep(self, *more: str, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        package = self.path / "package" / "trainer"
        package.mkdir(parents=True, exist_ok=True)
        (package / "__main__.py").write_bytes((Path(__file__).parent / "fake_verbs.py").read_bytes())
        (package / "__init__.py").touch()
        # The keeper is the real one; its child is whatever package the working folder holds. -P keeps the keeper from finding that.
        command = [sys.executable, "-P", "-c", KEEPER, str(PYTHON), "--run", str(self.path), "--token", "tok-1", "--verb", "train", *more]
        if sys.version_info < (3, 11):
            command.remove("-P")
        return subprocess.Popen(command, cwd=package.parent, env={**os.environ, **(env or {})}, start_new_session=True)

    def read(self, name: str, seconds: float = 20) -> Any:
        deadline = time.monotonic() + seconds
        while not (self.path / name).exists():
            assert time.monotonic() < deadline, f"no {name}"
            time.sleep(0.01)
        return json.loads((self.path / name).read_bytes())


@pytest.fixture
def run(tmp_path: Path) -> Kept:
    kept = Kept(tmp_path)
    kept.control()
    return kept


def alive(pid: int) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
            if Path("/proc/self").exists()
            else os.kill(pid, 0) is None
        )
    except (OSError, ProcessLookupError):
        return False


def test_success(run: Kept) -> None:
    run.behave("print('one'); print('two', file=sys.stderr)")
    assert run.keep("--attempt", "2").wait(20) == 0
    exit = run.read("exit.json")
    assert {name: exit[name] for name in ("token", "verb", "code", "signal")} == {
        "token": "tok-1",
        "verb": "train",
        "code": 0,
        "signal": None,
    }
    assert sorted(exit["tail"]) == ["one", "two"]
    assert 0 <= exit["seconds"] < 20
    assert run.read("arguments.json") == ["train", "--run", str(run.path), "--token", "tok-1", "--attempt", "2"]
    run.require_valid()
    (kept,) = run.events("kept")
    assert (kept["by"], kept["attempt"], kept["pid"], kept["token"]) == ("keeper", 2, exit["pid"], "tok-1")


def test_stage_and_models_are_handed_on(run: Kept) -> None:
    run.behave("pass")
    assert run.keep("--verb", "answer", "--stage", "after").wait(20) == 0
    assert run.read("arguments.json") == ["answer", "--run", str(run.path), "--token", "tok-1", "--attempt", "0", "--stage", "after"]
    assert run.keep("--verb", "fetch", "--models", "/m").wait(20) == 0
    assert run.read("arguments.json")[-2:] == ["--models", "/m"]


@pytest.mark.parametrize(
    ("statement", "code", "name"),
    [
        ("sys.exit(1)", 1, None),
        ("os._exit(139)", 139, None),
        ("os.kill(os.getpid(), signal.SIGKILL)", None, "SIGKILL"),
        ("os.kill(os.getpid(), signal.SIGTERM)", None, "SIGTERM"),
        ("os.kill(os.getpid(), signal.SIGHUP)", None, "SIGHUP"),
        ("os.abort()", None, "SIGABRT"),
    ],
)
def test_how_it_ended(run: Kept, statement: str, code: int | None, name: str | None) -> None:
    run.behave(statement)
    assert run.keep().wait(20) == 0
    exit = run.read("exit.json")
    assert (exit["code"], exit["signal"]) == (code, name)


def test_who_it_is(run: Kept) -> None:
    run.behave("time.sleep(60)")
    keeper = run.keep()
    process = run.read("process.json")
    assert process == {
        "token": "tok-1", "verb": "train", "pid": process["pid"], "start": process_start(process["pid"]),
        "keeperPid": keeper.pid, "keeperStart": process_start(keeper.pid), "boot": boot_id(),
    }  # fmt: skip
    # A group of its own, so that a signal to it never reaches the keeper.
    assert os.getpgid(process["pid"]) == process["pid"] != os.getpgid(keeper.pid)
    os.kill(process["pid"], signal.SIGKILL)
    assert keeper.wait(20) == 0


def test_the_keeper_outlives_signals_and_its_child_does_not_inherit_deafness(run: Kept) -> None:
    run.behave("time.sleep(60)")
    keeper = run.keep()
    child = run.read("process.json")["pid"]
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        os.kill(keeper.pid, number)
    time.sleep(0.3)
    assert keeper.poll() is None
    os.killpg(child, signal.SIGTERM)
    assert keeper.wait(20) == 0
    assert run.read("exit.json")["signal"] == "SIGTERM"


def test_the_child_outlives_the_keeper(run: Kept) -> None:
    run.behave("time.sleep(1); print('x' * 100, flush=True); (run / 'done').touch()")
    keeper = run.keep()
    run.read("process.json")
    keeper.kill()
    keeper.wait()
    deadline = time.monotonic() + 20
    while not (run.path / "done").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not (run.path / "exit.json").exists()


def test_grandchildren_are_not_left_behind(run: Kept) -> None:
    run.behave(
        "child = subprocess.Popen(['sleep', '300']); (run / 'grandchild').write_text(str(child.pid)); os.kill(os.getpid(), signal.SIGKILL)"
    )
    started = time.monotonic()
    assert run.keep().wait(20) == 0
    assert time.monotonic() - started < 15
    assert run.read("exit.json")["signal"] == "SIGKILL"
    grandchild = int((run.path / "grandchild").read_text())
    deadline = time.monotonic() + 5
    while alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(grandchild)


def test_the_log_is_capped_and_its_end_is_kept(run: Kept) -> None:
    run.behave("for i in range(60000): print('line', i, 'x' * 100)\nprint('the end', flush=True)\ntime.sleep(1.5)")
    assert run.keep().wait(60) == 0
    assert (run.path / "trainer.log").stat().st_size <= CAP_BYTES
    tail = run.read("exit.json")["tail"]
    assert len(tail) == 20 and tail[-1] == "the end"
    assert tail[-2].startswith("line 59999 ")
    # The next one appends; an over-long log is cut before it starts.
    (run.path / "trainer.log").write_bytes(b"old\n" * 500_000)
    run.behave("print(os.fstat(1).st_size, flush=True)")
    assert run.keep().wait(20) == 0
    assert int(run.read("exit.json")["tail"][-1]) <= CAP_BYTES


def test_odd_bytes_in_the_log(run: Kept) -> None:
    run.behave("os.write(1, b'\\xff\\xfe\\x00 \\x1b[31m' + b'y' * 5000 + b'\\n')")
    assert run.keep().wait(20) == 0
    assert all(len(line) <= 500 for line in run.read("exit.json")["tail"])


def test_a_run_that_is_being_worked_on_gets_no_second_process(run: Kept) -> None:
    run.behave("import fcntl; f = open(run / 'run.lock', 'w'); fcntl.flock(f, fcntl.LOCK_EX); (run / 'locked').touch(); time.sleep(60)")
    keeper = run.keep()
    first = run.read("process.json")
    while not (run.path / "locked").exists():
        time.sleep(0.01)
    second = run.keep("--token", "tok-2")
    assert second.wait(30) == 1
    assert run.read("process.json") == first
    refused = run.read("exit.json")
    assert (refused["token"], refused["code"]) == ("tok-2", 1)
    assert "Another process" in refused["tail"][0]
    os.killpg(first["pid"], signal.SIGKILL)
    assert keeper.wait(20) == 0


ENGINE = "import os, sys; open(sys.argv[1], 'a').write(os.environ.get('MARK', '') + '\\n')"


def engine(run: Kept) -> list[str]:
    return [
        "--engine",
        json.dumps([sys.executable, "-c", ENGINE, str(run.path / "engines")]),
        "--engine-env",
        json.dumps({"MARK": "night"}),
    ]


def test_a_missing_engine_is_started_again_three_times_an_hour(run: Kept) -> None:
    run.behave("time.sleep(9)")
    keeper = run.keep(*engine(run), env={"THORTIME_LEASE_STALE_S": "0.4"})
    assert keeper.wait(40) == 0
    run.require_valid()
    assert [event["count"] for event in run.events("engine-restarted")] == [1, 2, 3]
    assert (run.path / "engines").read_text() == "night\n" * 3


def test_a_living_engine_is_left_alone(run: Kept) -> None:
    run.behave("time.sleep(5)")
    keeper = run.keep(*engine(run), env={"THORTIME_LEASE_STALE_S": "2.5"})
    lease = 1
    while keeper.poll() is None:
        lease += 1
        run.control(lease=lease)
        time.sleep(0.2)
    assert not run.events("engine-restarted")


def test_an_engine_that_cannot_be_started_ends_nothing(run: Kept) -> None:
    run.behave("time.sleep(4)")
    keeper = run.keep("--engine", '["/nonexistent/engine"]', env={"THORTIME_LEASE_STALE_S": "0.2"})
    assert keeper.wait(20) == 0
    assert run.read("exit.json")["code"] == 0
    assert not run.events("engine-restarted")


def test_it_needs_the_standard_library_only() -> None:
    """`-S`: an interpreter without site-packages."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); import trainer.run.keep"
    done = subprocess.run([sys.executable, "-S", "-c", code, str(PYTHON)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_missing_run_is_a_fault(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "trainer", "keep", "--run", str(tmp_path / "none"), "--token", "t", "--verb", "train"]
    done = subprocess.run(command, cwd=PYTHON, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["fault"]["kind"] == "run.missing"
