"""What a report means, in plain words: each finding has a count, one sentence and the next step.

No sentence quotes a row's question or answer: findings are journalled and may end up in a notification.
"""

from __future__ import annotations

from pathlib import Path

_PERSONAL = {
    "e-mail": "an e-mail address",
    "phone": "a telephone number",
    "key": "an access key or token",
    "iban": "an IBAN",
    "tr-id": "a Turkish identity number",
}
_PLURAL = {"category": "categories", "source": "sources"}
# Above it the other categories together are a rest; below it more than three tenths of the work are padding.
_LOPSIDED, _PADDED = 0.6, 0.7


def describe(report: dict) -> list[dict]:
    """Findings of `inspect`'s report, the ones that stop a run first."""
    findings: list[dict] = []
    for file in report["files"]:
        findings += _of_file(Path(file["path"]).name, file)
    findings += _of_conflicts(report["conflicts"], report["files"])
    findings += _of_leaks(report)
    for file in report["files"]:
        findings += _of_contents(Path(file["path"]).name, file)
    return findings


def _of_file(name: str, file: dict) -> list[dict]:
    findings = []
    if file["badRows"]:
        first = file["bad"][0]["examples"][0]
        message = f"{file['badRows']:,} rows of {name} cannot be used; for example line {first['line']} {first['reason']}."
        findings.append(
            _finding(
                "bad-rows",
                file["badRows"],
                message,
                "Correct those lines, or leave them out: --fix OUT writes a new file, --skip-bad-rows trains without them.",
            )
        )
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
        findings.append(_finding("duplicates", repeated, message, "Remove the repeats if that weight is not meant: --fix OUT."))
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


def _of_leaks(report: dict) -> list[dict]:
    findings, leaks, near = [], report["leaks"], report["near"]
    if leaks and leaks["pairs"]:
        pairs, rows = leaks["pairs"], report["files"][1]["rows"]
        message = (
            f"{pairs:,} of {rows:,} held-out rows stand in training too, question and answer; they cannot show whether the model learned."
        )
        findings.append(_finding("leaks", pairs, message, "Nothing to do: they are left out of the held-out loss and counted."))
    if leaks and leaks["questions"] > leaks["pairs"]:
        others = leaks["questions"] - leaks["pairs"]
        message = f"{others:,} more held-out rows ask a training question with another answer; their loss measures that contradiction."
        findings.append(_finding("shared-questions", others, message, "Ask something else in them, or correct the answers."))
    if near and near["leaks"]["rows"]:
        message = f"{near['leaks']['rows']:,} held-out rows are nearly a training row; they make the held-out loss look better than it is."
        findings.append(_finding("near-leaks", near["leaks"]["rows"], message, "Remove them from the held-out file: --fix OUT --fix-near."))
    if near and near["rows"]:
        message = f"{near['rows']:,} training rows are nearly an earlier one; together they weigh more than you may mean."
        findings.append(
            _finding("near-duplicates", near["rows"], message, "Look at the examples; --fix OUT --fix-near keeps the earliest.")
        )
    return findings


def _of_contents(name: str, file: dict) -> list[dict]:
    """What is no defect of form: personal data, balance, padding."""
    findings = []
    for kind, found in file["personal"].items():
        place = f"{found['rows']:,} rows of {name} hold {_PERSONAL[kind]}, for example line {found['lines'][0]}"
        message = f"{place}; the model may say it to anyone."
        findings.append(_finding(f"personal-{kind}", found["rows"], message, "Replace it; --fix OUT --fix-personal does in a new file."))
    for what, counts, distinct in (
        ("category", file["categories"], len(file["categories"])),
        ("source", file["sources"], file["distinctSources"]),
    ):
        share = max(counts.values(), default=0) / max(1, file["rows"])
        if distinct > 1 and share >= _LOPSIDED:
            message = f"One {what} holds {share:.0%} of the rows of {name}; the model learns little of the others."
            findings.append(
                _finding("balance", max(counts.values()), message, f"Add rows of the other {_PLURAL[what]}, or take fewer of it.")
            )
    padding = file["tokens"]["padding"] if file["tokens"] else None
    if padding and padding["realShare"] is not None and padding["realShare"] < _PADDED:
        better = padding["byLength"]
        message = (
            f"{1 - padding['realShare']:.0%} of what would be computed for {name} is padding, in micro-batches of 4 random rows; "
            f"cut by length it is {1 - better['realShare']:.0%}."
        )
        next_step = (
            "Nothing to do: before step 1 the best cut by length is measured; "
            f"--set micro_batch_tokens={better['microBatchTokens']} takes one without measuring."
        )
        findings.append(_finding("padding", padding["padded"] - padding["tokens"], message, next_step))
    languages = file["languages"]
    if languages and languages["counts"].get("mixed"):
        count = languages["counts"]["mixed"]
        message = f"{count:,} of {languages['looked']:,} rows of {name} mix languages, for example line {languages['mixed'][0]}."
        findings.append(_finding("mixed-languages", count, message, "Answer in the question's language, if the model should do so."))
    return findings


def _finding(kind: str, count: int, message: str, next_step: str) -> dict:
    return {"kind": kind, "count": count, "message": message, "next": next_step}
