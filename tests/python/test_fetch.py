"""Promise: a base model arrives whole or is refused; a cut costs only what had not arrived; no secret is written (faults 10, 42, 46)."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from bare_run import bare_run, call, fault, verb
from conftest import PRACTICE, PYTHON, Run
from hub_server import REVISION, Behaviour, HubServer

MODEL = PRACTICE / "model"
WEIGHTS = "model.safetensors"
SIZE = (MODEL / WEIGHTS).stat().st_size
SECRET = "hf_verysecretverysecret"


def hub_run(tmp_path: Path, name: str = "run", source: str = "org/practice") -> Run:
    return bare_run(tmp_path / name, model={"source": source, "local": False})


def environment(endpoint: str, tmp_path: Path, **more: str) -> dict[str, str]:
    return {"HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path / "hf-home"), "NO_PROXY": "*", "no_proxy": "*", **more}


def fetch(run: Run, tmp_path: Path, hub: HubServer, **more: str) -> subprocess.CompletedProcess[str]:
    return verb(run, "fetch", "--models", str(tmp_path / "models"), env=environment(hub.endpoint, tmp_path, **more))


def refused(tmp_path: Path, behaviour: Behaviour, source: str = "org/practice", folder: Path = MODEL, **more: str) -> dict[str, str]:
    run = hub_run(tmp_path, source=source)
    with HubServer(folder, behaviour) as hub:
        done = fetch(run, tmp_path, hub, **more)
    assert done.returncode == 1, done.stderr
    assert not (run.path / "model.json").exists() and not run.events("fetched")
    return fault(run)


def snapshot(tmp_path: Path) -> Path:
    return tmp_path / "models" / "models--org--practice" / "snapshots" / REVISION


def test_a_local_folder_is_checked_and_named(tmp_path: Path) -> None:
    run = bare_run(tmp_path / "run")
    assert call(run, "fetch", "--models", str(tmp_path / "models")) == 0
    model = json.loads((run.path / "model.json").read_text())
    assert (model["path"], model["revision"], model["files"][WEIGHTS]) == (str(MODEL), "local", SIZE)
    assert run.events("fetched")[-1]["bytes"] == sum(model["files"].values())
    assert not (tmp_path / "models").exists()


def test_a_local_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    run = bare_run(tmp_path / "run", model={"source": str(tmp_path / "none")})
    assert call(run, "fetch", "--models", str(tmp_path / "models")) == 1
    assert fault(run)["kind"] == "model.missing"


def test_fetches_the_hubs_files_and_nothing_else(tmp_path: Path) -> None:
    run = hub_run(tmp_path)
    extra = {
        "README.md": b"hello",
        "pytorch_model.bin": b"x" * 200_000,
        "modeling.py": b"boom()",
        "sub-folder.txt": b"x",
        "consolidated.safetensors": b"x",
    }
    with HubServer(MODEL, Behaviour(more_files=extra)) as hub:
        done = fetch(run, tmp_path, hub)
        assert done.returncode == 0, done.stderr
        assert not [request for request in hub.requests if request.path.rsplit("/", 1)[-1] in extra]
        asked = {request.path.partition("/resolve/")[0] for request in hub.requests if not request.path.startswith("/cdn/")}
        assert asked == {"/api/models/org/practice", "/org/practice"}  # no telemetry, no second thought
        first_weights = next(index for index, request in enumerate(hub.requests) if request.path.endswith(WEIGHTS))
        assert hub.requests[1].path.endswith("config.json") and first_weights > 5
    assert {path.name: path.read_bytes() for path in snapshot(tmp_path).iterdir()} == {
        path.name: path.read_bytes() for path in MODEL.iterdir()
    }
    model = json.loads((run.path / "model.json").read_text())
    assert (model["path"], model["revision"]) == (str(snapshot(tmp_path)), REVISION)
    progress = run.events("fetch-progress")
    assert progress[-1]["doneBytes"] == progress[-1]["totalBytes"] == sum(path.stat().st_size for path in MODEL.iterdir())


def test_a_snapshot_that_is_here_needs_no_network(tmp_path: Path) -> None:
    with HubServer(MODEL) as hub:
        assert fetch(hub_run(tmp_path), tmp_path, hub).returncode == 0
    second = hub_run(tmp_path, "second")
    done = verb(second, "fetch", "--models", str(tmp_path / "models"), env=environment("http://127.0.0.1:9", tmp_path))
    assert done.returncode == 0 and second.events("fetched")[-1]["revision"] == REVISION


@pytest.mark.parametrize("cuts", [[SIZE // 2], [1, SIZE // 3, SIZE // 2, SIZE - 1]])
def test_a_cut_goes_on_where_it_was(tmp_path: Path, cuts: list[int]) -> None:
    run = hub_run(tmp_path)
    with HubServer(MODEL, Behaviour(cut={WEIGHTS: list(cuts)})) as hub:
        done = fetch(run, tmp_path, hub)
        assert done.returncode == 0, done.stderr
        asked = hub.asked_for(WEIGHTS)
    assert sum(request.sent for request in asked) == SIZE
    assert [request.range for request in asked] == [None, *(f"bytes={cut}-" for cut in cuts)]
    assert (snapshot(tmp_path) / WEIGHTS).read_bytes() == (MODEL / WEIGHTS).read_bytes()


def test_a_kill_in_the_middle_costs_only_what_had_not_arrived(tmp_path: Path) -> None:
    run = hub_run(tmp_path)
    with HubServer(MODEL, Behaviour(bytes_per_second=200_000)) as hub:
        command = [sys.executable, "-m", "trainer", "fetch", "--run", str(run.path), "--models", str(tmp_path / "models")]
        process = subprocess.Popen(command, cwd=PYTHON, env={**os.environ, **environment(hub.endpoint, tmp_path)})
        deadline = time.monotonic() + 60
        while not any(event["file"] == WEIGHTS and event["doneBytes"] > 300_000 for event in run.events("fetch-progress")):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert not snapshot(tmp_path).exists()
        hub.behaviour.bytes_per_second = 0
        [before] = hub.asked_for(WEIGHTS)
        assert fetch(run, tmp_path, hub).returncode == 0
        after = hub.asked_for(WEIGHTS)[-1]
    assert after.range is not None
    kept = int(after.range.removeprefix("bytes=").removesuffix("-"))
    assert 200_000 < kept <= before.sent and after.sent == SIZE - kept
    progress = [event["doneBytes"] for event in run.events("fetch-progress")]
    assert progress[-1] == max(progress)


def test_progress_is_at_most_twice_a_second(tmp_path: Path) -> None:
    run = hub_run(tmp_path)
    with HubServer(MODEL, Behaviour(bytes_per_second=400_000)) as hub:
        assert fetch(run, tmp_path, hub).returncode == 0
    events = run.events("fetch-progress")
    # The closing one may follow at once.
    times = [event["mono"] for event in events[:-1]]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) >= 2 and min(gaps) >= 0.49


def test_a_server_without_ranges_sends_it_whole_again(tmp_path: Path) -> None:
    run = hub_run(tmp_path)
    with HubServer(MODEL, Behaviour(cut={WEIGHTS: [SIZE // 2]}, no_ranges=True)) as hub:
        assert fetch(run, tmp_path, hub).returncode == 0
    assert (snapshot(tmp_path) / WEIGHTS).read_bytes() == (MODEL / WEIGHTS).read_bytes()


def test_a_busy_hub_is_asked_again(tmp_path: Path) -> None:
    run = hub_run(tmp_path)
    with HubServer(MODEL, Behaviour(busy={"config.json": 2, WEIGHTS: 1})) as hub:
        assert fetch(run, tmp_path, hub).returncode == 0


def test_damaged_bytes_are_never_accepted(tmp_path: Path) -> None:
    found = refused(tmp_path, Behaviour(wrong_bytes={WEIGHTS}))
    assert found["kind"] == "model.broken" and not snapshot(tmp_path).exists()


def test_a_damaged_part_from_before_is_fetched_again(tmp_path: Path) -> None:
    run = hub_run(tmp_path)
    with HubServer(MODEL) as hub:
        blob = next(entry["lfs"]["sha256"] for entry in hub.listing()["siblings"] if entry["rfilename"] == WEIGHTS)
        blobs = tmp_path / "models" / "models--org--practice" / "blobs"
        blobs.mkdir(parents=True)
        (blobs / f"{blob}.incomplete").write_bytes(b"\0" * 5000)
        assert fetch(run, tmp_path, hub).returncode == 0
    assert (snapshot(tmp_path) / WEIGHTS).read_bytes() == (MODEL / WEIGHTS).read_bytes()


def test_refuses_a_gated_model_and_takes_it_with_a_token(tmp_path: Path) -> None:
    found = refused(tmp_path, Behaviour(gated=True, token=SECRET))
    assert found["kind"] == "model.gated" and "HF_TOKEN" in found["next"]
    run = hub_run(tmp_path, "with-token")
    with HubServer(MODEL, Behaviour(gated=True, token=SECRET)) as hub:
        done = fetch(run, tmp_path, hub, HF_TOKEN=SECRET)
        assert done.returncode == 0, done.stderr
        at_cdn = [request for request in hub.requests if request.path.startswith("/cdn/")]
        assert at_cdn and not [request for request in at_cdn if request.authorization]
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert SECRET.encode() not in written and SECRET not in done.stdout + done.stderr


def test_a_refused_token_is_named_and_not_shown(tmp_path: Path) -> None:
    found = refused(tmp_path, Behaviour(token="another"), HF_TOKEN=SECRET)
    assert found["kind"] == "model.gated" and "refused the access token" in found["message"] and SECRET not in json.dumps(found)


def test_refuses_what_the_hub_does_not_have(tmp_path: Path) -> None:
    found = refused(tmp_path, Behaviour(), source="org/none")
    assert found["kind"] == "model.not-found" and "org/none" in found["message"]


def test_says_when_the_hub_cannot_be_reached(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    run = hub_run(tmp_path)
    started = time.monotonic()
    done = verb(run, "fetch", "--models", str(tmp_path / "models"), env=environment(f"http://127.0.0.1:{closed}", tmp_path))
    assert done.returncode == 1 and fault(run)["kind"] == "model.offline" and time.monotonic() - started < 60
    offline = hub_run(tmp_path, "offline")
    verb(offline, "fetch", "--models", str(tmp_path / "models"), env=environment("http://127.0.0.1:9", tmp_path, HF_HUB_OFFLINE="1"))
    assert fault(offline)["kind"] == "model.offline"


def test_a_hotel_page_is_not_a_hub(tmp_path: Path) -> None:
    assert refused(tmp_path, Behaviour(html=True))["kind"] == "model.offline"


def test_no_room_is_said_before_the_weights(tmp_path: Path) -> None:
    run = hub_run(tmp_path)
    with HubServer(MODEL, Behaviour(claimed_bytes={WEIGHTS: 10**15})) as hub:
        assert fetch(run, tmp_path, hub).returncode == 1
        assert not hub.asked_for(WEIGHTS)
    assert fault(run)["kind"] == "disk.space" and "1000000.0 GB" in fault(run)["message"]


def test_a_giant_configuration_is_not_downloaded(tmp_path: Path) -> None:
    assert refused(tmp_path, Behaviour(claimed_bytes={"config.json": 10**12}))["kind"] == "model.broken"


def test_a_full_disk_keeps_what_arrived(tmp_path: Path) -> None:
    run = hub_run(tmp_path)
    with HubServer(MODEL) as hub:
        command = [sys.executable, "-m", "trainer", "fetch", "--run", str(run.path), "--models", str(tmp_path / "models")]
        limit = 300_000  # a file size limit raises in the same write() as a full disk
        full = subprocess.run(
            command, cwd=PYTHON, env={**os.environ, **environment(hub.endpoint, tmp_path)}, timeout=60, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        )  # fmt: skip
        assert full.returncode == 1 and fault(run)["kind"] == "disk.full"
        assert fetch(run, tmp_path, hub).returncode == 0
        assert hub.asked_for(WEIGHTS)[-1].range is not None


@pytest.mark.parametrize(
    ("name", "change", "kind"),
    [
        ("config.json", {"model_type": "llama"}, "model.family"),
        ("config.json", {"model_file": "evil.py"}, "model.code"),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["evil.Tokenizer", None]}}, "model.code"),
    ],
)
def test_refuses_by_configuration_before_any_weight(tmp_path: Path, name: str, change: dict, kind: str) -> None:
    config = {**json.loads((MODEL / name).read_text()), **change}
    run = hub_run(tmp_path)
    with HubServer(MODEL, Behaviour(more_files={name: json.dumps(config).encode()})) as hub:
        assert fetch(run, tmp_path, hub).returncode == 1
        assert not hub.asked_for(WEIGHTS)
    assert fault(run)["kind"] == kind


def test_refuses_a_model_without_safetensors(tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    folder.mkdir()
    for path in MODEL.iterdir():
        (folder / path.name.replace("model.safetensors", "pytorch_model.bin")).write_bytes(path.read_bytes())
    assert refused(tmp_path, Behaviour(), folder=folder)["kind"] == "model.no-weights"


def test_a_base_that_changed_under_a_trained_run_is_refused(tmp_path: Path) -> None:
    run = bare_run(tmp_path / "run")
    assert call(run, "fetch", "--models", str(tmp_path / "models")) == 0
    (run.path / "checkpoints").mkdir()
    model = json.loads((run.path / "model.json").read_text())
    (run.path / "model.json").write_text(json.dumps({**model, "configSha256": "0" * 64}))
    assert call(run, "fetch", "--models", str(tmp_path / "models")) == 1
    assert fault(run)["kind"] == "model.changed"


def test_pull_brings_a_model_before_any_run(tmp_path: Path) -> None:
    with HubServer(MODEL) as hub:
        env = {**os.environ, **environment(hub.endpoint, tmp_path)}
        command = [sys.executable, "-m", "trainer", "pull", "org/practice", "--models", str(tmp_path / "models"), "--json"]
        done = subprocess.run(command, cwd=PYTHON, env=env, capture_output=True, text=True, check=False)
        asked = len(hub.requests)
        again = subprocess.run(command, cwd=PYTHON, env=env, capture_output=True, text=True, check=False)
        assert len(hub.requests) == asked
    assert done.returncode == again.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["source"], answer["path"], answer["revision"]) == ("org/practice", str(snapshot(tmp_path)), REVISION)
    told = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert told[-1]["type"] == "fetch-progress" and told[-1]["doneBytes"] == told[-1]["totalBytes"]
