"""`inspect FILE [--held-out FILE] [--model DIR] [--near] [--languages] [--fix OUT] --json`: every line read, every finding counted."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from trainer.rows.expectation import expect
from trainer.rows.findings import describe
from trainer.rows.fix import Removal, require_free, targets, write_fixed
from trainer.rows.near import NearRows, find_near
from trainer.rows.repeats import Repeats, find_repeats, first
from trainer.rows.report import describe_conflicts, describe_leaks, describe_near
from trainer.rows.tally import EXAMPLES, Tally, tally_file
from trainer.rows.text_file import require_regular
from trainer.run.faults import Fault
from trainer.run.progress import Progress, say_on_stderr

_CONFLICTS_SHOWN = 10
DEFAULT_MAX_SEQ_LENGTH = 2048
_FIXES = ("conflicts", "near", "personal")


@dataclass(frozen=True)
class Inspection:
    """What was asked. `fix`: where the new file goes; `fix_also`: of conflicts, near, personal, what is changed beyond the safe fixes.

    `progress`: lines `{type: "inspect-progress", task, done, total}` on stderr, `total` null where it is not known.
    """

    train: Path
    held_out: Path | None = None
    model: Path | None = None
    max_seq_length: int = DEFAULT_MAX_SEQ_LENGTH
    near: bool = False
    languages: bool = False
    fix: Path | None = None
    fix_also: frozenset[str] = frozenset()
    progress: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--held-out", type=Path, metavar="FILE")
    parser.add_argument("--model", type=Path, metavar="DIR", help="count tokens with this model's tokenizer")
    parser.add_argument("--max-seq-length", type=int, default=DEFAULT_MAX_SEQ_LENGTH, metavar="N")
    parser.add_argument("--near", action="store_true", help="look for near-duplicates")
    parser.add_argument("--languages", action="store_true", help="tell each row's language")
    parser.add_argument("--fix", type=Path, metavar="OUT", help="write the rows that can stay into a new file")
    for name in _FIXES:
        parser.add_argument(f"--fix-{name}", action="store_true")
    parser.add_argument("--progress", action="store_true", help="say on stderr how far it is")
    parser.add_argument("--json", action="store_true", help="the only form there is; accepted so that every reading command takes it")


def run(args: argparse.Namespace) -> int:
    """Prints one object:

    `{files: [{path, bytes, rows, badRows, markedRows, bad: [{kind, count, examples}], formats, categories, sources, distinctSources,
    personal: {kind: {finds, rows, lines}}, rowChars, questionChars, answerChars, longAnswers: {overChars, rows}, duplicates,
    tokens|null, languages|null}], distinct: {questions, pairs}, conflicts: {questions, rows, top}, leaks|null, near|null,
    leftOut: [{what, why, next}], findings: [{kind, count, message, next}], expectation: {floor, message}, fix|null}`; the first file
    is training, the second held-out.
    """
    also = frozenset(name for name in _FIXES if getattr(args, f"fix_{name}"))
    near = args.near or "near" in also
    asked = Inspection(args.file, args.held_out, args.model, args.max_seq_length, near, args.languages, args.fix, also, args.progress)
    print(json.dumps(inspect(asked), ensure_ascii=False))
    return 0


def inspect_files(train: Path, held_out: Path | None, model: Path | None, max_seq_length: int) -> dict:
    """`inspect` without what takes longer."""
    return inspect(Inspection(train, held_out, model, max_seq_length))


def inspect(asked: Inspection) -> dict:
    """Raises what `read_rows` raises, with a model what `check_model_folder` raises, with a fix what `write_fixed` raises."""
    paths = [asked.train] if asked.held_out is None else [asked.train, asked.held_out]
    _require_sense(asked, paths)
    watch = _Watch(asked.progress, sum(require_regular(path) for path in paths))
    tallies = [tally_file(path, watch.read) for path in paths]
    watch.begin("compare")
    found = find_repeats(tallies[0].pairs, tallies[1].pairs if len(tallies) > 1 else None, _CONFLICTS_SHOWN)
    left_out: list[dict] = []
    if asked.languages or asked.model is not None:
        watch.begin("languages" if asked.languages else "tokens")
    files = [_describe_file(asked, path, index, tallies[index], found, left_out) for index, path in enumerate(paths)]
    if asked.near:
        watch.begin("near")
    near = _find_near(asked, found, left_out)
    if asked.fix is not None:
        watch.begin("write")
    tokens = files[0]["tokens"]
    report = {
        "files": files,
        "distinct": {"questions": found.questions, "pairs": found.pairs},
        "conflicts": {
            "questions": found.conflicts.questions,
            "rows": found.conflicts.rows,
            "top": describe_conflicts(paths, found.conflicts.top),
        },
        "leaks": describe_leaks(found),
        "near": None if near is None else describe_near(near),
        "leftOut": left_out,
        "expectation": expect(tallies[0].rows, found.train_conflicts, tokens["supervised"] if tokens else None),
        "fix": None if asked.fix is None else _fix(asked, paths, asked.fix, found, near),
    }
    return {**report, "findings": describe(report)}


class _Watch:
    """Says which part of the work it is at; reading counts characters against the files' bytes, which is near enough for a bar."""

    def __init__(self, wanted: bool, total: int):
        self._wanted = wanted
        self._total = total
        self._done = 0
        self._progress = Progress(say_on_stderr, "inspect-progress")

    def read(self, characters: int) -> None:
        self._done += characters
        if self._wanted:
            self._progress.show(task="read", done=min(self._done, self._total), total=self._total)

    def begin(self, task: str) -> None:
        if self._wanted:
            say_on_stderr("inspect-progress", task=task, done=0, total=None)


def _require_sense(asked: Inspection, paths: list[Path]) -> None:
    if asked.fix is None and asked.fix_also:
        raise Fault("data.fix", f"--fix-{min(asked.fix_also)} has no file to write to.", "Name the new file too: --fix OUT.")
    if asked.fix is not None:
        require_free(targets(asked.fix, len(paths) > 1))


def _describe_file(asked: Inspection, path: Path, index: int, tally: Tally, found: Repeats, left_out: list[dict]) -> dict:
    repeated = found.duplicates[index]
    examples = [{"line": line, "firstLine": known} for line, known in first(EXAMPLES, repeated.lines, repeated.first_lines)]
    tokens = languages = None
    if asked.model is not None and tally.rows:
        # Imported here: without a model only the standard library is needed.
        from trainer.rows.token_count import count_tokens

        tokens = count_tokens(path, asked.model, asked.max_seq_length)
    if not index:
        if asked.model is None:
            left_out.append(_left_out("tokens", "no model was named to count them with", "Name a base model: --model FOLDER."))
        if not asked.languages:
            left_out.append(_left_out("languages", "they take longer", "Ask for them: --languages."))
    if asked.languages:
        from trainer.rows.languages import count_languages

        try:
            languages = count_languages(path, tally.rows)
        except ImportError:
            if not index:
                left_out.append(_left_out("languages", "py3langid is not installed", "Run: thortime setup."))
    counted = {"path": str(path), "bytes": path.stat().st_size, **tally.summary()}
    return {**counted, "duplicates": {"rows": len(repeated.lines), "examples": examples}, "tokens": tokens, "languages": languages}


def _left_out(what: str, why: str, next_step: str) -> dict:
    return {"what": what, "why": why, "next": next_step}


def _find_near(asked: Inspection, found: Repeats, left_out: list[dict]) -> NearRows | None:
    if not asked.near:
        left_out.append(_left_out("near-duplicates", "they take longer", "Ask for them: --near."))
        return None
    skipped = [frozenset(found.duplicates[0].lines), frozenset(found.leaks.lines) if found.leaks else frozenset()]
    try:
        return find_near(asked.train, asked.held_out, skipped[0], skipped[1])
    except ImportError as error:
        if "near" in asked.fix_also:
            message = "Near-duplicates cannot be removed: rensa is not installed in this Python (it needs 3.11 or newer)."
            raise Fault("environment.python", message, "Run: thortime setup.") from error
        left_out.append(_left_out("near-duplicates", "rensa is not installed (it needs Python 3.11 or newer)", "Run: thortime setup."))
        return None


def _fix(asked: Inspection, paths: list[Path], out: Path, found: Repeats, near: NearRows | None) -> dict:
    removals = [Removal() for _ in paths]
    for removal, repeated in zip(removals, found.duplicates, strict=True):
        removal.add("duplicate", zip(repeated.lines, repeated.first_lines, strict=True))
    if found.leaks is not None:
        removals[1].add("leak", ((line, 0) for line in found.leaks.lines))
    if "conflicts" in asked.fix_also:
        removals[0].add("conflict", ((line, 0) for line in found.train_conflicts.minority_lines))
    if "near" in asked.fix_also and near is not None:
        removals[0].add("near-duplicate", near.train)
        if asked.held_out is not None:
            removals[1].add("near-leak", ((line, 0) for line, _ in near.held_out))
    return write_fixed(paths, removals, out, "personal" in asked.fix_also)
