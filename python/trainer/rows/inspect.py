"""`inspect FILE [--held-out FILE] [--model DIR] --json`: every line read, every finding counted, with examples and the next step."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from trainer.rows.findings import describe
from trainer.rows.pairs import Conflict, find_conflicts, find_duplicates, find_leaks
from trainer.rows.rows import Row, read_rows
from trainer.rows.tally import EXAMPLES, Tally, tally_file

_CONFLICTS_SHOWN = 10
_QUESTION_CHARS = 120
_LINES_SHOWN = 5
DEFAULT_MAX_SEQ_LENGTH = 2048


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--held-out", type=Path, metavar="FILE")
    parser.add_argument("--model", type=Path, metavar="DIR", help="count tokens with this model's tokenizer")
    parser.add_argument("--max-seq-length", type=int, default=DEFAULT_MAX_SEQ_LENGTH, metavar="N")
    parser.add_argument("--json", action="store_true", help="the only form there is; accepted so that every reading command takes it")


def run(args: argparse.Namespace) -> int:
    """Prints one object:

    `{files: [{path, bytes, rows, badRows, markedRows, bad: [{kind, count, examples}], formats, categories, sources,
    distinctSources, rowChars, questionChars, answerChars, duplicates, tokens|null}], conflicts: {questions, rows, top},
    leaks|null, findings: [{kind, count, message, next}]}`; the first file is training, the second held-out.
    """
    print(json.dumps(inspect_files(args.file, args.held_out, args.model, args.max_seq_length), ensure_ascii=False))
    return 0


def inspect_files(train: Path, held_out: Path | None, model: Path | None, max_seq_length: int) -> dict:
    """Raises what `read_rows` raises, and with a model what `check_model_folder` raises."""
    paths = [train] if held_out is None else [train, held_out]
    tallies = [tally_file(path) for path in paths]
    conflicts = find_conflicts(tally.pairs for tally in tallies)
    report = {
        "files": [_describe_file(path, tally, model, max_seq_length) for path, tally in zip(paths, tallies, strict=True)],
        "conflicts": {
            "questions": len(conflicts),
            "rows": sum(conflict.rows for conflict in conflicts),
            "top": _describe_conflicts(paths, conflicts[:_CONFLICTS_SHOWN]),
        },
        "leaks": find_leaks(tallies[0].pairs, tallies[1].pairs, EXAMPLES) if held_out is not None else None,
    }
    return {**report, "findings": describe(report)}


def _describe_file(path: Path, tally: Tally, model: Path | None, max_seq_length: int) -> dict:
    duplicates, examples = find_duplicates(tally.pairs, EXAMPLES)
    tokens = None
    if model is not None and tally.rows:
        # Imported here: without a model only the standard library is needed.
        from trainer.rows.token_count import count_tokens

        tokens = count_tokens(path, model, max_seq_length)
    counted = {"path": str(path), "bytes": path.stat().st_size, **tally.summary()}
    return {**counted, "duplicates": {"rows": duplicates, "examples": examples}, "tokens": tokens}


def _describe_conflicts(paths: list[Path], conflicts: list[Conflict]) -> list[dict]:
    """With the questions' texts, which are read again: only digests were kept."""
    questions: dict[tuple[int, int], str] = {}
    for index, path in enumerate(paths):
        wanted = {conflict.places[0][1] for conflict in conflicts if conflict.places[0][0] == index}
        if wanted:
            found = (item for item in read_rows(path) if isinstance(item, Row) and item.line in wanted)
            questions.update({(index, row.line): row.question[:_QUESTION_CHARS] for row in found})
    return [
        {
            "question": questions.get(conflict.places[0], ""),
            "rows": conflict.rows,
            "answers": conflict.answers,
            "places": [{"file": index, "line": line} for index, line in conflict.places[:_LINES_SHOWN]],
        }
        for conflict in conflicts
    ]
