"""`npm run bench -- padding`: the share of processed tokens that are real, cut by a budget beside random micro-batches of 4."""

from __future__ import annotations

from ground import PLAN, arguments, data_name, encoded_rows, finish, say

from trainer.rows.cut import shape_bound
from trainer.rows.plan import make_batches, padded_tokens
from trainer.run.run_plan import parse_training

BUDGETS = (256, 512, 1024, 2048)


def count(lengths: list[int], budget: int | None, max_seq_length: int) -> tuple[float, int, int]:
    """(real share of an epoch, micro-batches, distinct shapes)."""
    training = parse_training({**PLAN, "max_seq_length": max_seq_length, "max_steps": -1, "micro_batch_tokens": budget})
    processed = batches = 0
    shapes: set[tuple[int, int]] = set()
    for step in make_batches(range(len(lengths)), training, lengths):
        for rows in step.micro_batches:
            padded = padded_tokens([lengths[row] for row in rows], training)
            processed, batches = processed + padded, batches + 1
            shapes.add((len(rows), padded // len(rows)))
    return sum(lengths) / processed, batches, len(shapes)


def main() -> None:
    args = arguments(__doc__, budget=512, max_seq_length=2048)
    lengths = [len(row.ids) for row in encoded_rows(10**6, args.max_seq_length)]
    say(args, f"{len(lengths):,} of {data_name()}, {sum(lengths):,} tokens, at most {args.max_seq_length:,} a row, 16 rows a step")
    rival, batches, shapes = count(lengths, None, args.max_seq_length)
    say(args, f"4 rows in random order: real share {rival:.3f}, {batches:,} micro-batches, {shapes} shapes")
    shares: dict[str, float] = {}
    for budget in sorted({*BUDGETS, args.budget}):
        share, batches, shapes = count(lengths, budget, args.max_seq_length)
        shares[str(budget)] = round(share, 4)
        bound = shape_bound(budget, args.max_seq_length, 16)
        say(args, f"budget {budget:5}: real share {share:.3f}, {batches:,} micro-batches, {shapes} shapes (never more than {bound})")
    ours = shares[str(args.budget)]
    finish("padding", ours, rival, ours / rival, budgets=shares)


if __name__ == "__main__":
    main()
