"""What a report means, in plain words: each finding has a count, one sentence and the next step.

No sentence quotes a row's question or answer: findings are journalled and may end up in a notification.
"""

from __future__ import annotations

from pathlib import Path


def describe(report: dict) -> list[dict]:
    """Findings of `inspect`'s report, the ones that stop a run first."""
    findings: list[dict] = []
    for file in report["files"]:
        findings += _of_file(Path(file["path"]).name, file)
    findings += _of_conflicts(report["conflicts"], report["files"])
    if report["leaks"] and report["leaks"]["pairs"]:
        pairs, rows = report["leaks"]["pairs"], report["files"][1]["rows"]
        message = (
            f"{pairs:,} of {rows:,} held-out rows stand in training too, question and answer; they cannot show whether the model learned."
        )
        findings.append(_finding("leaks", pairs, message, "Nothing to do: they are left out of the held-out loss and counted."))
    return findings


def _of_file(name: str, file: dict) -> list[dict]:
    findings = []
    if file["badRows"]:
        first = file["bad"][0]["examples"][0]
        message = f"{file['badRows']:,} rows of {name} cannot be used; for example line {first['line']} {first['reason']}."
        findings.append(_finding("bad-rows", file["badRows"], message, "Correct those lines, or leave them out with --skip-bad-rows."))
    if len(file["formats"]) > 1:
        shown = ", ".join(f"{count:,} × {form}" for form, count in file["formats"].items())
        findings.append(
            _finding(
                "mixed-formats",
                len(file["formats"]),
                f"{name} mixes formats: {shown}.",
                "Nothing to do: each row is read in its own format.",
            )
        )
    if file["markedRows"]:
        message = f"{file['markedRows']:,} rows of {name} hold turn marks such as <end_of_turn>; the model would read them as its own."
        findings.append(_finding("turn-marks", file["markedRows"], message, "Remove the marks: the prompt format adds its own."))
    repeated = file["duplicates"]["rows"]
    if repeated:
        message = f"{repeated:,} rows of {name} repeat an earlier question with the same answer; they weigh double."
        findings.append(_finding("duplicates", repeated, message, "Remove the repeats if that weight is not meant."))
    tokens = file["tokens"]
    if tokens and tokens["overLength"]:
        over, limit, cut = (f"{tokens[key]:,}" for key in ("overLength", "maxSeqLength", "cutTokens"))
        message = f"{over} rows of {name} are longer than {limit} tokens; {cut} tokens would be cut off."
        findings.append(_finding("over-length", tokens["overLength"], message, "Split those rows, or raise max_seq_length."))
    if tokens and tokens["lostAnswers"]:
        message = f"{tokens['lostAnswers']:,} rows of {name} would lose their whole answer to the limit and are dropped."
        findings.append(_finding("lost-answers", tokens["lostAnswers"], message, "Shorten their questions, or raise max_seq_length."))
    return findings


def _of_conflicts(conflicts: dict, files: list[dict]) -> list[dict]:
    if not conflicts["questions"]:
        return []
    top, total = conflicts["top"][0], sum(file["rows"] for file in files)
    message = (
        f"{conflicts['questions']:,} questions have more than one answer ({conflicts['rows']:,} of {total:,} rows); "
        f"one of them alone stands in {top['rows']:,} rows with {top['answers']:,} answers. The loss cannot fall to zero on them."
    )
    return [
        _finding(
            "conflicts",
            conflicts["questions"],
            message,
            "Give each question what tells its answers apart (a heading, a file name), or keep one answer.",
        )
    ]


def _finding(kind: str, count: int, message: str, next_step: str) -> dict:
    return {"kind": kind, "count": count, "message": message, "next": next_step}
