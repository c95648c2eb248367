"""Tokens of a file's rows with a model's own tokenizer, and what the sequence limit would cut."""

from __future__ import annotations

from array import array
from pathlib import Path

from trainer.model.families import FORMATS
from trainer.model.model import encode_row, load_tokenizer
from trainer.model.model_folder import check_model_folder
from trainer.rows.padding import padding_cost
from trainer.rows.rows import Row, read_rows
from trainer.rows.tally import EXAMPLES, lengths

_NO_LIMIT = 2**31


def count_tokens(path: Path, model: Path, max_seq_length: int) -> dict:
    """`cutTokens` stand behind the limit; a `lostAnswers` row has its whole answer there and is no row of the plan.

    `supervised`: answer tokens within the limit, the ones a loss is taken of; `padding`: `padding_cost` of the rows that stay.
    Raises what reading rows and models raises.
    """
    folder = check_model_folder(model)
    tokenizer, form = load_tokenizer(Path(folder.path)), FORMATS[folder.family]
    counts, kept, supervised = array("Q"), array("I"), 0
    over, cut, lost, examples = 0, 0, 0, []
    for row in read_rows(path):
        if not isinstance(row, Row):
            continue
        encoded = encode_row(tokenizer, form, row.question, row.answer, _NO_LIMIT, system=row.system, turns=row.turns)
        size = len(encoded.ids)
        counts.append(size)
        if encoded.answer_from < min(size, max_seq_length):
            kept.append(min(size, max_seq_length))
            supervised += kept[-1] - encoded.answer_from
        if size > max_seq_length:
            over, cut = over + 1, cut + size - max_seq_length
            lost += encoded.answer_from >= max_seq_length
            if len(examples) < EXAMPLES:
                examples.append({"line": row.line, "tokens": size})
    return {
        "maxSeqLength": max_seq_length, "total": sum(counts), **lengths(counts),
        "overLength": over, "cutTokens": cut, "lostAnswers": lost, "examples": examples,
        "supervised": supervised, "padding": padding_cost(kept, max_seq_length),
    }  # fmt: skip
