"""Promise: a run travels as one file and comes back whole; nothing in it leads out of its folder or exhausts the machine (row 40)."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import PYTHON

from trainer.run import parcel
from trainer.run.faults import Fault

FILES = {
    "run.json": b'{"v":1}\n',
    "events.jsonl": b'{"type":"run-created"}\n',
    "data/train.jsonl": b"{}\n" * 1000,
    "data/held-out.jsonl": b"",
    "evaluations/step-000010.jsonl": b"{}\n",
    "answers/before.jsonl": b"{}\n",
    "checkpoints/step-000010/manifest.json": b"{}",
    "checkpoints/step-000010/adapters.safetensors": bytes(range(256)) * 64,
}
LEFT = {
    "control.json": b"{}",
    "run.lock": b"",
    "model.json": b"{}",
    "report.html": b"<p>",
    "export/merged/model.safetensors": b"weights",
    "checkpoints/step-000020.partial/adapters.safetensors": b"half",
    "checkpoints/step-000030/adapters.safetensors": b"not sealed",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run = tmp_path / "run"
    for name, content in (FILES | LEFT).items():
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_bytes(content)
    (run / "data" / "link.jsonl").symlink_to(tmp_path)
    (run / "answers-elsewhere").symlink_to(tmp_path)
    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_run_comes_back_as_it_went(folder: Path, tmp_path: Path) -> None:
    out, into = tmp_path / "run.tar.gz", tmp_path / "back"
    done = parcel.pack(folder, out)
    assert done == {"files": len(FILES), "bytes": out.stat().st_size}
    assert parcel.unpack(out, into)["files"] == len(FILES)
    assert contents(into) == dict(sorted(FILES.items()))
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_nothing_is_overwritten(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.tar.gz"
    out.write_text("precious")
    with pytest.raises(Fault, match="not overwritten"):
        parcel.pack(folder, out)
    with pytest.raises(Fault, match="is not there"):
        parcel.pack(folder, tmp_path / "nowhere" / "run.tar.gz")
    out.unlink()
    parcel.pack(folder, out)
    with pytest.raises(Fault, match="there already"):
        parcel.unpack(out, folder)
    assert contents(folder)["report.html"] == b"<p>"


Change = Callable[[tarfile.TarFile], None]


def member(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, target: str = "") -> Change:
    def add(archive: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.size = kind, target, len(content) if kind == tarfile.REGTYPE else 0
        archive.addfile(info, io.BytesIO(content))

    return add


HOSTILE: dict[str, Change] = {
    "a way up": member("../evil.jsonl"),
    "a way up inside": member("data/../../evil.jsonl"),
    "absolute": member("/tmp/evil.jsonl"),
    "a link": member("data/train.jsonl", kind=tarfile.SYMTYPE, target="/etc/passwd"),
    "a hard link": member("data/rows.jsonl", kind=tarfile.LNKTYPE, target="run.json"),
    "a folder that is a link": member("data", kind=tarfile.SYMTYPE, target="/tmp"),
    "a device": member("data/rows.jsonl", kind=tarfile.CHRTYPE),
    "a pipe": member("data/rows.jsonl", kind=tarfile.FIFOTYPE),
    "another file": member("export/model.safetensors"),
    "a page": member("report.html"),
    "a pickle": member("checkpoints/step-000010/optimizer.pt"),
    "a control file": member("control.json"),
    "the same name twice": member("run.json"),
    "a newline": member("data/a\nb.jsonl"),
    "a plan of many megabytes": member("run.json", b" " * (parcel.MOST_PLAN_BYTES + 1)),
}


def archive(path: Path, *changes: Change, needed: tuple[str, ...] = ("run.json", "events.jsonl")) -> Path:
    with tarfile.open(path, "w:gz") as file:
        for name in needed:
            member(name, b"{}\n")(file)
        for change in changes:
            change(file)
    return path


@pytest.mark.parametrize("what", HOSTILE)
def test_row_40_only_a_run_is_taken(tmp_path: Path, what: str) -> None:
    """Row 40: refused by name, with nothing left behind, in or out of the folder."""
    home = tmp_path / "home"
    home.mkdir()
    needed = ("events.jsonl",) if what == "a plan of many megabytes" else ("run.json", "events.jsonl")
    file = archive(tmp_path / "evil.tar.gz", HOSTILE[what], needed=needed)
    with pytest.raises(Fault) as refused:
        parcel.unpack(file, home / "new")
    assert refused.value.kind == "data.parcel"
    assert list(home.iterdir()) == [] and sorted(path.name for path in tmp_path.iterdir()) == ["evil.tar.gz", "home"]


def test_row_40_a_header_that_claims_gigabytes_is_not_read(tmp_path: Path) -> None:
    """Row 40: an extended header's length is taken into memory by tarfile itself; here it is refused first."""
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 1 << 30
    file = tmp_path / "evil.tar.gz"
    with gzip.open(file, "wb", compresslevel=1) as stream:
        stream.write(info.tobuf())
        for _ in range(8):
            stream.write(bytes(1 << 20))
    with pytest.raises(Fault, match=r"no \.tar\.gz"):
        parcel.unpack(file, tmp_path / "new")


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(b"no tar"), gzip.compress(bytes(2048)), b"PK\x03\x04"])
def test_what_is_no_archive_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(Fault) as refused:
        parcel.unpack(file, tmp_path / "new")
    assert refused.value.kind == "data.parcel" and not (tmp_path / "new").exists()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_half_a_file_leaves_nothing(folder: Path, tmp_path: Path, share: float) -> None:
    out = tmp_path / "run.tar.gz"
    parcel.pack(folder, out)
    whole = out.read_bytes()
    out.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Fault) as refused:
        parcel.unpack(out, tmp_path / "new")
    assert refused.value.kind == "data.parcel" and not (tmp_path / "new").exists()


def test_the_verb_says_so_in_json(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "trainer", "parcel", "unpack", str(tmp_path / "none"), "--into", str(tmp_path / "new")]
    done = subprocess.run(command, cwd=PYTHON, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and json.loads(done.stdout)["fault"]["kind"] == "data.parcel"
