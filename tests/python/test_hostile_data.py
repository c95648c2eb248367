"""Row 32: whatever a data file is, `inspect` names it with a next step, or counts each bad line by kind, in bounded memory."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import threading
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from bare_run import ask
from lookalike import GOOD

from trainer.rows.inspect import inspect_files
from trainer.run.faults import Fault

TEXT = GOOD.decode()
BOUND_BYTES = 64 * 1024 * 1024


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("rows.jsonl", GOOD)
    return out.getvalue()


# A whole file that is none of rows: name -> (content, kind of the fault, a word of its sentence).
REFUSED: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "data.empty", "empty"),
    "only a BOM": (b"\xef\xbb\xbf", "data.empty", "empty"),
    "only blank lines": (b" \r\n\t\n" * 50_000, "data.empty", "blank"),
    "UTF-16 LE with BOM": (TEXT.encode("utf-16"), "data.binary", "UTF-16"),
    "UTF-16 BE with BOM": (b"\xfe\xff" + TEXT.encode("utf-16-be"), "data.binary", "UTF-16"),
    "UTF-16 without BOM": (TEXT.encode("utf-16-le"), "data.binary", "UTF-16"),
    "UTF-32": (TEXT.encode("utf-32"), "data.binary", "UTF-32"),
    "zip": (zipped(), "data.binary", "zip"),
    "gzip": (gzip.compress(GOOD), "data.binary", "gzip"),
    "bzip2": (bz2.compress(GOOD), "data.binary", "bzip2"),
    "Parquet": (b"PAR1\x15\x04" + bytes(100), "data.binary", "Parquet"),
    "SQLite": (b"SQLite format 3\0" + bytes(100), "data.binary", "SQLite"),
    "NULs only": (bytes(10_000), "data.binary", "NUL"),
    "JSON array": (f"[\n{TEXT},\n{TEXT}\n]".encode(), "data.array", "array"),
    "JSON array on one line": (f"[{TEXT},{TEXT}]".encode(), "data.array", "array"),
    "pretty-printed JSON": (json.dumps(json.loads(GOOD), indent=2).encode(), "data.pretty", "several lines"),
    "CSV": (b"input,output\nSoru?,Cevap.\n", "data.csv", "CSV"),
    "CSV with semicolons": (b"\xef\xbb\xbfinput;output\r\nSoru?;Cevap.\r\n", "data.csv", "CSV"),
    "TSV": (b"input\toutput\nSoru?\tCevap.\n", "data.csv", "TSV"),
    "web page": (b"<!DOCTYPE html>\n<html><body>404</body></html>\n", "data.text", "page"),
    "Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "data.text", "LFS"),
}

# A file of rows with something in it: name -> (the hostile line between two good ones, its kind, or "" where it is a good row).
COUNTED: dict[str, tuple[bytes, str]] = {
    "nesting bomb": (b'{"input": ' + b"[" * 200_000, "not-json"),
    "closed nesting bomb": (b'{"input": ' + b"[" * 50_000 + b"]" * 50_000 + b', "output": "a"}', "not-json"),
    "nested objects": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "not-json"),
    "row of 20 MB": (b'{"input": "a", "output": "' + b"x" * 20_000_000 + b'"}', "too-long"),
    "long but allowed row": (b'{"input": "a", "output": "' + b"x" * 7_000_000 + b'"}', ""),
    "number of 10,000 digits": (b'{"input": "a", "output": "b", "n": ' + b"9" * 10_000 + b"}", "not-json"),
    "NUL byte": (b'{"input": "a\0", "output": "b"}', "nul"),
    "NUL escape": (b'{"input": "a\\u0000", "output": "b"}', "nul"),
    "lone surrogate": (b'{"input": "\\udc00", "output": "b"}', "surrogate"),
    "surrogate bytes (CESU)": (b'{"input": "\xed\xa0\x80", "output": "b"}', "encoding"),
    "overlong UTF-8": (b'{"input": "\xc0\xaf", "output": "b"}', "encoding"),
    "Windows-1254": ('{"input": "ş", "output": "ğ"}'.encode("cp1254"), "encoding"),
    "duplicate keys": (b'{"input": "a", "input": "b", "output": "c"}', "duplicate-key"),
    "100,000 keys and one twice": (b"{" + b",".join(b'"k%d":0' % n for n in range(100_000)) + b',"k99999":1}', "duplicate-key"),
    "NaN": (b'{"input": "a", "output": "b", "score": NaN}', "not-json"),
    "Infinity": (b'{"input": "a", "output": "b", "score": -Infinity}', "not-json"),
    "empty object": (b"{}", "no-fields"),
    "null": (b"null", "wrong-type"),
    "CSV line among rows": (b"Soru?,Cevap.", "not-json"),
    "two objects on a line": (GOOD + GOOD, "not-json"),
    "comma at the end": (GOOD + b",", "not-json"),
    "other format": (b'{"prompt": "a", "completion": "b"}', ""),
    "line separators inside": ('{"input": "a\u2028b\u0085c", "output": "\u2029"}'.encode(), "empty-field"),
    "right-to-left and zero width": ('{"input": "\u202e\u200b؟", "output": "\u2066x"}'.encode(), ""),
    "BOM in the middle": (b"\xef\xbb\xbf" + GOOD, "not-json"),
    "carriage returns only": (GOOD + b"\r" + GOOD, "not-json"),
}


def test_there_are_enough_of_them() -> None:
    assert len(REFUSED) + len(COUNTED) >= 30


@pytest.mark.parametrize("name", REFUSED)
def test_names_what_is_no_file_of_rows(tmp_path: Path, name: str) -> None:
    content, kind, word = REFUSED[name]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(Fault) as caught:
        inspect_files(path, None, None, 2048)
    fault = caught.value
    assert fault.kind == kind and word in fault.message and "rows.jsonl" in fault.message
    assert fault.next.endswith(".") and fault.message.count("\n") == 0 and len(fault.message) < 300
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", COUNTED)
def test_counts_one_hostile_line_and_reads_the_others(tmp_path: Path, name: str) -> None:
    line, kind = COUNTED[name]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join([GOOD, line, GOOD]))
    tracemalloc.start()
    try:
        [file] = inspect_files(path, None, None, 2048)["files"]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert file["rows"] == (2 if kind else 3)
    assert [(bad["kind"], bad["examples"][0]["line"]) for bad in file["bad"]] == ([(kind, 2)] if kind else [])
    assert all(len(bad["examples"][0]["reason"]) < 200 for bad in file["bad"])
    assert peak < BOUND_BYTES


def refused(path: Path) -> str:
    code, answer = ask("inspect", str(path), "--json")
    assert code == 1 and answer["fault"]["next"]
    return answer["fault"]["kind"]


def test_what_is_no_regular_file_is_never_opened_and_never_waited_for(tmp_path: Path) -> None:
    loop, dangling, pipe = tmp_path / "loop.jsonl", tmp_path / "dangling.jsonl", tmp_path / "pipe.jsonl"
    loop.symlink_to(loop)
    dangling.symlink_to(tmp_path / "none")
    os.mkfifo(pipe)
    kinds = [refused(path) for path in (loop, dangling, pipe, tmp_path, Path("/dev/zero"), tmp_path / "none", tmp_path / ("x" * 300))]
    assert kinds == [
        "data.unreadable", "data.missing", "data.unreadable", "data.folder", "data.unreadable", "data.missing", "data.unreadable",
    ]  # fmt: skip


def test_a_name_no_disk_can_hold_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(GOOD)
    for flag in ("--fix", "--model"):
        code, answer = ask("inspect", str(tmp_path / "rows.jsonl"), flag, str(tmp_path / ("x" * 300)), "--json")
        assert code == 1 and answer["fault"]["kind"] == "file.name-too-long" and len(answer["fault"]["message"]) < 200


def test_a_link_to_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(GOOD)
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "rows.jsonl")
    assert inspect_files(tmp_path / "link.jsonl", None, None, 2048)["files"][0]["rows"] == 1


def test_a_file_that_grows_while_it_is_read_still_ends(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes((GOOD + b"\n") * 2_000)
    stop = threading.Event()

    def grow() -> None:
        with path.open("ab") as file:
            for _ in range(2_000):
                if stop.is_set():
                    return
                file.write(GOOD + b"\n")
                file.flush()

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        report = inspect_files(path, None, None, 2048)
    finally:
        stop.set()
        writer.join()
    assert 2_000 <= report["files"][0]["rows"] <= 4_000
