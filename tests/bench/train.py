"""`npm run bench -- train`: useful (non-padding) tokens a second, ours beside Unsloth as configured and `mlx_lm lora`."""

from __future__ import annotations

from ground import MANY_STEPS, arguments, data_name, encoded_rows, finish, make_run, middle, say, workplace
from race import Result, race

# What is compared with what; `ratio` is against the first.
RIVALS = ("unsloth", "mlx_lm 4x4", "mlx_lm 1x16", "ours 4x4")


def main() -> None:
    args = arguments(__doc__, rows=32, laps=2, budget=512)
    rows = encoded_rows(args.rows, 1024)
    # An epoch has a whole number of steps, so each lap meets every row once, whatever order a rival gives them.
    steps = len(rows) // 16
    rows = rows[: steps * 16]
    total = {"max_steps": MANY_STEPS}
    with workplace() as place:
        plain = str(make_run(place / "plain", rows, **total))
        # Compiled, as it is by default; the first step and its compiler are not counted.
        mlx = ["mlx_lm", str(make_run(place / "mlx_lm", rows, **total)), "--compile"]
        found = race(
            {
                "unsloth": ["unsloth", plain],
                "mlx_lm 4x4": mlx,
                "mlx_lm 1x16": [*mlx, "--batch", "1", "--accumulation", "16"],
                "ours 4x4": ["ours", str(make_run(place / "ours", rows, **total))],
                "ours": ["ours", str(make_run(place / "cut", rows, micro_batch_tokens=args.budget, gradient_checkpointing=False, **total))],
            },
            steps,
            args.laps,
        )
    say(args, f"{len(rows)} of {data_name()}, {sum(len(row.ids) for row in rows):,} tokens a lap, {args.laps} laps, budget {args.budget}")
    speeds = {name: middle([lap.speed for lap in result.laps]) for name, result in found.items()}
    for name, result in found.items():
        laps = ", ".join(f"{lap.speed:.0f}" for lap in result.laps)
        cpu = middle([lap.cpu_speed for lap in result.laps])
        say(args, f"{name:12} {speeds[name]:6.0f} tok/s ({laps}), {cpu:6.0f} tok/CPU s, real share {result.share:.2f}, {_peak(result)}")
    laps = {name: list(zip(found["ours"].laps, found[name].laps, strict=True)) for name in RIVALS}
    ratios = {name: round(middle([ours.speed / rival.speed for ours, rival in pairs]), 3) for name, pairs in laps.items()}
    cpu = {name: round(middle([ours.cpu_speed / rival.cpu_speed for ours, rival in pairs]), 3) for name, pairs in laps.items()}
    finish("train", speeds["ours"], speeds["unsloth"], ratios["unsloth"], ratios=ratios, byCpuTime=cpu)


def _peak(result: Result) -> str:
    return f"peak {result.peak_bytes / 1e6:,.0f} MB"


if __name__ == "__main__":
    main()
