"""Promise: personal data is found by the stated patterns, what only looks like it is not, and masking leaves the rest as it was."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from trainer.rows.inspect import inspect_files
from trainer.rows.personal import find_personal, is_iban, is_turkish_id, mask_personal


def kinds(text: str) -> list[str]:
    return [find.kind for find in find_personal(text)]


def turkish_id(random_: random.Random) -> str:
    digits = [random_.randrange(1, 10), *(random_.randrange(10) for _ in range(8))]
    digits.append((7 * sum(digits[0::2]) - sum(digits[1::2])) % 10)
    return "".join(map(str, [*digits, sum(digits) % 10]))


FOUND = [
    ("Yaz: ada.lovelace+x@posta.example.org!", "e-mail"),
    ("call +90 532 123 45 67 now", "phone"),
    ("0 (532) 123 45 67", "phone"),
    ("0532-123-45-67", "phone"),
    ("+14155550123", "phone"),
    ("TR33 0006 1005 1978 6457 8413 26", "iban"),
    ("GB29NWBK60161331926819", "iban"),
    ("kimlik 10000000146 no", "tr-id"),
    ("token ghp_" + "a1B2" * 9, "key"),
    ("hf_" + "aB" * 17, "key"),
    ("sk-proj-" + "x" * 30, "key"),
    ("AKIA" + "A1B2C3D4E5F6G7H8", "key"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "key"),
]
NOT_FOUND = [
    "git clone git@github.com:org/repo.git",
    "npm install @scope/name@1.2.3 and lodash@4.17.21",
    "2026-11-23 07:30:00 and 192.168.100.200",
    "1763883000000 ms, 12345678901 is no identity number",
    "TR33 0006 1005 1978 6457 8413 27 fails its checksum",
    "a + 1 234 = b, 0.123456789012",
    "skip-this-very-long-kebab-case-name-please",
    "hf_hub_download and npm_config_registry",
    "commit 0532123456789abcdef",
]


@pytest.mark.parametrize(("text", "kind"), FOUND)
def test_finds(text: str, kind: str) -> None:
    assert kinds(text) == [kind]
    assert kinds(mask_personal(text)) == []


@pytest.mark.parametrize("text", NOT_FOUND)
def test_does_not_find(text: str) -> None:
    assert kinds(text) == [] and mask_personal(text) == text


def test_checksums_catch_every_single_wrong_digit() -> None:
    random_ = random.Random(11)
    for _ in range(50):
        number = turkish_id(random_)
        assert is_turkish_id(number)
        place = random_.randrange(11)
        wrong = number[:place] + str((int(number[place]) + random_.randrange(1, 10)) % 10) + number[place + 1 :]
        assert not is_turkish_id(wrong), (number, wrong)
    iban = "TR330006100519786457841326"
    for place in range(4, len(iban)):
        assert not is_iban(iban[:place] + str((int(iban[place]) + 1) % 10) + iban[place + 1 :])


def test_masks_only_what_was_found() -> None:
    assert mask_personal("a@b.org ve +90 532 123 45 67, sonra şğı") == "[e-mail] ve [phone], sonra şğı"


def test_hostile_texts_take_no_longer_than_their_length() -> None:
    """Each pattern against the text that would make a careless one explode; done at all is the proof."""
    for text in (
        "a" * 200_000 + "@",
        "a." * 100_000 + "@b",
        "@" + "a." * 100_000,
        "+1 " * 60_000,
        "1" * 200_000,
        "AA11 " * 40_000,
        "sk-" * 60_000,
    ):
        find_personal(text)
    find_personal("-----BEGIN PRIVATE KEY-----" * 5_000)


def test_counts_rows_and_lines(tmp_path: Path) -> None:
    rows = [{"input": "a", "output": "b"}, {"input": "x@y.org", "output": "x@y.org and z@y.org"}, {"input": "c", "output": "10000000146"}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = inspect_files(tmp_path / "rows.jsonl", None, None, 2048)
    assert report["files"][0]["personal"] == {
        "e-mail": {"finds": 3, "rows": 1, "lines": [2]},
        "tr-id": {"finds": 1, "rows": 1, "lines": [3]},
    }
    assert {"personal-e-mail", "personal-tr-id"} <= {finding["kind"] for finding in report["findings"]}
