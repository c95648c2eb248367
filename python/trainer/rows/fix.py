"""`inspect --fix OUT`: the rows that can stay, in a new file, with a list of every change. The original is only read.

Always: rows that cannot be used are mended where nothing has to be guessed (NUL, NaN) or left out; exact repeats, blank lines, BOM and CRLF
go; held-out rows that stand in training go from the held-out copy. Only by a flag: contradictions (each question keeps its
most frequent answer), near-duplicates (the earliest stays), personal data (replaced by the name of its kind).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from trainer.rows.lines import read_lines
from trainer.rows.repair import mask_row, mend
from trainer.rows.rows import Problem, parse_line
from trainer.rows.text_file import UTF8_BOM
from trainer.run.durable import creating, fingerprint
from trainer.run.faults import Fault

_LISTED = 100_000


@dataclass
class Removal:
    """Lines of one file that go, by line: (kind, the line that stays in its place or 0)."""

    lines: dict[int, tuple[str, int]] = field(default_factory=dict)

    def add(self, kind: str, pairs: Any) -> None:
        """`pairs`: (line, line that stays or 0). The first reason given for a line is the one listed."""
        for line, stays in pairs:
            self.lines.setdefault(line, (kind, stays))


@dataclass
class _Changes:
    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    listed: list[dict] = field(default_factory=list)

    def add(self, kind: str, line: int, action: str, **more: Any) -> None:
        self.counts[kind] += 1
        if len(self.listed) < _LISTED:
            self.listed.append({"line": line, "kind": kind, "action": action, **more})


def targets(out: Path, held_out: bool) -> list[Path]:
    """The list of changes, the new training file, and for `rows.jsonl` the new `rows.held-out.jsonl`."""
    changes = out.with_name(f"{out.name}.changes.json")
    return [changes, out, *([out.with_name(f"{out.stem}.held-out{out.suffix}")] if held_out else [])]


def require_free(paths: list[Path]) -> None:
    """Raises Fault data.exists, data.out-folder before anything is read."""
    for path in paths:
        if not path.parent.is_dir():
            raise Fault("data.out-folder", f"There is no folder {path.parent}.", "Make it, or name another place for the new file.")
        if path.exists() or path.is_symlink():
            raise _taken(path)


def write_fixed(sources: list[Path], removals: list[Removal], out: Path, personal: bool) -> dict:
    """Writes `targets(out)` together or not at all; answers the summary that also heads the list of changes:

    `{files: [{from, to, rows, changes: {kind: count}}], list: path, listed, changes}`. Raises Fault data.exists, data.no-rows.
    """
    paths = targets(out, len(sources) > 1)
    try:
        with creating(*paths) as (listing, *files):
            done = [_copy(source, file, removal.lines, personal) for source, file, removal in zip(sources, files, removals, strict=True)]
            if not done[0].rows:
                raise Fault("data.no-rows", f"No row of {sources[0].name} would be left.", "Correct the file by hand, or choose another.")
            summary = {
                "files": [
                    {"from": str(source), "to": str(path), "rows": changes.rows, "changes": dict(changes.counts.most_common())}
                    for source, path, changes in zip(sources, paths[1:], done, strict=True)
                ],
                "list": str(paths[0]),
                "changes": sum(sum(changes.counts.values()) for changes in done),
                "listed": sum(len(changes.listed) for changes in done),
            }
            detail = [
                {"path": str(source), **fingerprint(source), "changes": changes.listed}
                for source, changes in zip(sources, done, strict=True)
            ]
            listing.write(json.dumps({"v": 1, **summary, "sources": detail}, ensure_ascii=False).encode() + b"\n")
    except FileExistsError as error:
        raise _taken(Path(error.filename2 or error.filename)) from error
    return summary


def _copy(source: Path, out: IO[bytes], remove: Mapping[int, tuple[str, int]], personal: bool) -> _Changes:
    changes = _Changes()
    for line in read_lines(source):
        if line.raw.startswith(UTF8_BOM) and line.number == 1:
            changes.add("bom", line.number, "byte order mark removed")
        if line.text is not None and not line.text.strip():
            changes.add("blank", line.number, "removed")
            continue
        if line.number in remove:
            kind, stays = remove[line.number]
            changes.add(kind, line.number, "removed", **({"stays": stays} if stays else {}))
            continue
        text, item = line.text, parse_line(line)
        if isinstance(item, Problem):
            mended = mend(line)
            if mended is None:
                changes.add(item.kind, line.number, "removed", reason=item.reason)
                continue
            text, what = mended
            changes.add("mended", line.number, what, reason=item.reason)
        assert text is not None
        if line.raw.endswith(b"\r\n"):
            changes.add("crlf", line.number, "line ending made LF")
        masked = mask_row(text) if personal else None
        if masked is not None:
            changes.add("personal", line.number, "personal data replaced")
        out.write((masked or text).encode("utf-8") + b"\n")
        changes.rows += 1
    return changes


def _taken(path: Path) -> Fault:
    return Fault("data.exists", f"{path} is there already, and nothing is ever overwritten.", "Name another file after --fix.")
