"""Personal data and secrets by stated patterns; what they do not describe is not found, so a count of 0 is no proof.

| kind | what counts |
| --- | --- |
| e-mail | name@host.tld; not `git@host:path`, which is an address of a repository |
| phone | + and 8 to 15 digits, or a Turkish number that begins with 0 and 2–5 and has 11 digits; spaces, dots, hyphens, brackets allowed |
| key | well-known prefixes of access tokens with their length, JSON web tokens, PEM private keys |
| iban | 15 to 34 characters whose ISO 7064 mod 97-10 checksum holds |
| tr-id | 11 digits that fulfil both check digits of the Turkish identity number |
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

KINDS = {"e-mail": "[e-mail]", "phone": "[phone]", "key": "[key]", "iban": "[IBAN]", "tr-id": "[ID number]"}

_EMAIL = re.compile(r"(?<![\w.%+-])(?!git@)[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])")
_GAP = r"[ .\-]?"
_PHONE = re.compile(
    r"(?<![\w+.])\+(?:[ .\-()]{0,2}\d){8,15}(?![\w])"
    rf"|(?<![\w+.,-])0{_GAP}\(?[2-5]\d\d\)?{_GAP}\d{{3}}{_GAP}\d\d{_GAP}\d\d(?![\w])"
)
_KEY = re.compile(
    r"(?<![A-Za-z0-9_])(?:sk-[A-Za-z0-9_-]{20,200}|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}|hf_[A-Za-z0-9]{30,64}"
    r"|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35}|xox[abprs]-[A-Za-z0-9-]{10,200}|glpat-[A-Za-z0-9_-]{20,64}|npm_[A-Za-z0-9]{36}"
    r"|eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000})(?![A-Za-z0-9_])"
    r"|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?:[A-Za-z0-9+/=\s]{0,8000}-----END [A-Z ]{0,20}PRIVATE KEY-----)?"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_TR_ID = re.compile(r"(?<![\w.,+-])[1-9]\d{10}(?![\w])")
# Most texts hold no run of digits at all; one look spares them three.
_DIGITS = re.compile(r"\d[\d ().\-]{6}")


class Find(NamedTuple):
    """Characters `start` to `end` of the text."""

    start: int
    end: int
    kind: str


def find_personal(text: str) -> list[Find]:
    """In order, none overlapping another; of two that overlap the earlier pattern of the table stays."""
    if "@" not in text and not _DIGITS.search(text) and not _may_hold_key(text):
        return []
    found: list[Find] = []
    for find in _candidates(text):
        place = bisect_left(found, find)
        if (place == 0 or found[place - 1].end <= find.start) and (place == len(found) or find.end <= found[place].start):
            found.insert(place, find)
    return found


def mask_personal(text: str) -> str:
    """The text with each find replaced by the name of its kind."""
    for find in reversed(find_personal(text)):
        text = text[: find.start] + KINDS[find.kind] + text[find.end :]
    return text


def _may_hold_key(text: str) -> bool:
    # Written out: a loop over these would take longer than all else that is done to a row.
    return (
        "sk-" in text or "ghp_" in text or "gho_" in text or "ghu_" in text or "ghs_" in text or "ghr_" in text or "github_pat_" in text
        or "hf_" in text or "AKIA" in text or "AIza" in text or "xox" in text or "glpat-" in text or "npm_" in text or "eyJ" in text
        or "PRIVATE KEY" in text
    )  # fmt: skip


def _candidates(text: str) -> Iterator[Find]:
    if _may_hold_key(text):
        yield from (Find(*match.span(), "key") for match in _KEY.finditer(text))
    if "@" in text:
        yield from (Find(*match.span(), "e-mail") for match in _EMAIL.finditer(text))
    if _DIGITS.search(text):
        yield from (Find(*match.span(), "iban") for match in _IBAN.finditer(text) if is_iban(match.group()))
        yield from (Find(*match.span(), "tr-id") for match in _TR_ID.finditer(text) if is_turkish_id(match.group()))
        yield from (Find(*match.span(), "phone") for match in _PHONE.finditer(text))


def is_iban(text: str) -> bool:
    """ISO 13616: moved by four characters and letters read as 10 to 35, the number leaves 1 when divided by 97."""
    compact = text.replace(" ", "")
    if not 15 <= len(compact) <= 34:
        return False
    return int("".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])) % 97 == 1


def is_turkish_id(text: str) -> bool:
    """The tenth digit is (7 × odd places − even places) mod 10, the eleventh the sum of the first ten mod 10."""
    digits = [int(letter) for letter in text]
    return (7 * sum(digits[0:9:2]) - sum(digits[1:8:2])) % 10 == digits[9] and sum(digits[:10]) % 10 == digits[10]
