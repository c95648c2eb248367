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
from bad_disk import fill, may_mount, small_file_system
from conftest import PYTHON, Run

from trainer.run.identity import process_start
from trainer.run.journal import boot_id
from trainer.run.log_file import CAP_BYTES
from trainer.run.memory_kills import MemoryKills, count_memory_kills, describe

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

    def wait_for_file(self, name: str, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not (self.path / name).exists():
            assert time.monotonic() < deadline, f"no {name}"
            time.sleep(0.01)

    def read(self, name: str, seconds: float = 20) -> Any:
        self.wait_for_file(name, seconds)
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
    assert run.read("arguments.json") == ["train", "--run", str(run.path), "--token", "tok-1", "--attempt", "2", "--await-word"]
    run.require_valid()
    (kept,) = run.events("kept")
    assert (kept["by"], kept["attempt"], kept["pid"], kept["token"]) == ("keeper", 2, exit["pid"], "tok-1")


def test_stage_and_models_are_handed_on(run: Kept) -> None:
    run.behave("pass")
    assert run.keep("--verb", "answer", "--stage", "after").wait(20) == 0
    kept = ["answer", "--run", str(run.path), "--token", "tok-1", "--attempt", "0", "--stage", "after", "--await-word"]
    assert run.read("arguments.json") == kept
    assert run.keep("--verb", "fetch", "--models", "/m").wait(20) == 0
    assert run.read("arguments.json")[-3:] == ["--models", "/m", "--await-word"]


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
    run.behave("(run / 'began').touch(); time.sleep(1); print('x' * 100, flush=True); (run / 'done').touch()")
    keeper = run.keep()
    # A keeper killed before it gave its word leaves a child that never begins; here it has begun.
    run.wait_for_file("began")
    keeper.kill()
    keeper.wait()
    run.wait_for_file("done")
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


def test_two_at_the_same_moment_start_one_child(run: Kept) -> None:
    """An engine killed while its keeper starts is followed by one that starts another: nothing names the first child yet."""
    run.behave("(run / 'children').open('a').write(f'{os.getpid()}\\n'); time.sleep(7)")
    keepers = [run.keep("--token", f"tok-{number}") for number in (1, 2, 3)]
    codes = sorted(keeper.wait(30) for keeper in keepers)
    assert codes == [0, 1, 1]
    assert len((run.path / "children").read_text().splitlines()) == 1
    assert len(run.events("kept")) == 1


def test_the_tail_is_this_process_s_own(run: Kept) -> None:
    (run.path / "trainer.log").write_text("OSError: [Errno 28] No space left on device\n")
    run.behave("print('mine'); os.kill(os.getpid(), signal.SIGKILL)")
    assert run.keep().wait(20) == 0
    assert "No space left" not in " ".join(run.read("exit.json")["tail"])


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


def living_with(text: str) -> list[int]:
    """Processes with that text in their arguments."""
    found = subprocess.run(["ps", "-axww", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in found.splitlines() if text in line and " -axww " not in line]


@pytest.mark.skipif(not may_mount(), reason="needs the right to mount a file system")
def test_on_a_full_disk_nothing_starts_that_nobody_could_find(tmp_path: Path) -> None:
    """Row 10: process.json does not fit, so the child never begins and no process stays; with room again it is as ever."""
    with small_file_system(tmp_path / "disk", "1m"):
        run = Kept(tmp_path / "disk")
        run.control()
        run.behave("print('began')")
        (run.path / "run.lock").touch()
        keeper = run.keep("--attempt", "1")
        assert keeper.wait(20) == 0
        for name in ("process.json", "exit.json", "events.jsonl", "arguments.json"):
            (run.path / name).unlink()
        ballast = fill(run.path)
        assert run.keep().wait(30) == 1
        assert not (run.path / "arguments.json").exists() and not (run.path / "process.json").exists()
        assert not run.events("kept")
        assert living_with(str(run.path)) == []
        ballast.unlink()
        assert run.keep().wait(20) == 0
        assert run.read("exit.json")["tail"][-1] == "began"
        run.require_valid()


def test_without_the_keepers_word_the_real_trainer_does_nothing(tmp_path: Path) -> None:
    """Row 10: what is left of a keeper that was killed before it wrote down whom it started: nothing."""
    run = Kept(tmp_path)
    command = [sys.executable, "-m", "trainer", "train", "--run", str(tmp_path), "--await-word"]
    process = subprocess.Popen(command, cwd=PYTHON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(0.5)
    assert list(tmp_path.iterdir()) == []
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out, list(tmp_path.iterdir())) == (1, b"", []) and not run.events()


def test_a_journal_that_takes_nothing_does_not_end_the_keeper(run: Kept) -> None:
    """Row 16: while the verb runs the journal cannot be written; how it ended is known all the same."""
    run.behave("(run / 'events.jsonl').unlink(); (run / 'events.jsonl').mkdir(); time.sleep(4); sys.exit(3)")
    assert run.keep(*engine(run), env={"THORTIME_LEASE_STALE_S": "0.3"}).wait(30) == 0
    assert run.read("exit.json")["code"] == 3
    assert (run.path / "engines").exists()


def test_the_folder_vanishes_beneath_the_keeper(run: Kept, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Row 16: it ends with its child and does not spin meanwhile."""
    import resource

    run.behave("time.sleep(3)")
    keeper = run.keep()
    run.read("arguments.json")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "run"
    run.path.rename(elsewhere)
    assert keeper.wait(30) == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    elsewhere.rename(run.path)
    assert not (run.path / "exit.json").exists()
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.5


def test_evidence_of_a_foreign_kill(run: Kept) -> None:
    """Row 24: a `kill -9` from anybody: where the kernel counts its own kills, exit.json shows that there was none."""
    run.behave("time.sleep(60)")
    keeper = run.keep()
    os.kill(run.read("process.json")["pid"], signal.SIGKILL)
    assert keeper.wait(20) == 0
    exit = run.read("exit.json")
    assert exit["signal"] == "SIGKILL"
    known = count_memory_kills()
    if known is None:
        assert exit["oomKills"] is None
    else:
        assert exit["oomKills"]["of"] == known.of
        assert exit["oomKills"]["before"] <= exit["oomKills"]["after"] <= known.count


def kernel(root: Path, groups: str, **files: str) -> Path:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(groups)
    for name, content in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def test_where_the_kernel_counts_its_kills(tmp_path: Path) -> None:
    """Row 24: control groups of both versions, a container's path, the whole machine, and a system that tells nothing."""
    events = {"sys__fs__cgroup__night__memory.events": "low 0\nmax 7\noom 3\noom_kill 2\noom_group_kill 1\n"}
    machine = {"proc__vmstat": "nr_free_pages 5\noom_kill 9\n"}
    v1 = {"sys__fs__cgroup__memory__memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n"}
    assert count_memory_kills(kernel(tmp_path / "v2", "0::/night\n", **events, **machine)) == MemoryKills("group", 2)
    assert count_memory_kills(kernel(tmp_path / "v1", "4:cpu,memory:/docker/abc\n0::/\n", **v1, **machine)) == MemoryKills("group", 4)
    assert count_memory_kills(kernel(tmp_path / "root", "0::/\n", **machine)) == MemoryKills("machine", 9)
    assert count_memory_kills(kernel(tmp_path / "odd", "0::/\nodd\n", proc__vmstat="oom_kill many\n")) is None
    assert count_memory_kills(tmp_path / "macOS") is None
    assert describe(MemoryKills("group", 2), MemoryKills("group", 3)) == {"of": "group", "before": 2, "after": 3}
    assert describe(MemoryKills("group", 2), MemoryKills("machine", 3)) is None and describe(None, MemoryKills("group", 1)) is None


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
