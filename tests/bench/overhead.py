"""`npm run bench -- overhead`: tokens a second of the plain plan under Thortime ÷ those of a bare Unsloth script on the same batches."""

from __future__ import annotations

from ground import MANY_STEPS, arguments, data_name, encoded_rows, finish, make_run, middle, say, workplace
from race import race


def main() -> None:
    args = arguments(__doc__, rows=48, laps=3)
    rows = encoded_rows(args.rows, 512)
    steps = len(rows) // 16
    rows = rows[: steps * 16]
    with workplace() as place:
        runs = {name: str(make_run(place / name, rows, max_seq_length=512, max_steps=MANY_STEPS)) for name in ("ours", "unsloth")}
        found = race({name: [name, run] for name, run in runs.items()}, steps, args.laps)
    ours, bare = found["ours"], found["unsloth"]
    wall = [one.speed / other.speed for one, other in zip(ours.laps, bare.laps, strict=True)]
    cpu = [one.cpu_speed / other.cpu_speed for one, other in zip(ours.laps, bare.laps, strict=True)]
    say(args, f"{len(rows)} of {data_name()} a lap, 4 x 4, gradient checkpointing on, journal, control and memory figures on")
    say(args, f"ours ÷ bare script per lap: {', '.join(f'{ratio:.3f}' for ratio in wall)} by the clock")
    say(args, f"                            {', '.join(f'{ratio:.3f}' for ratio in cpu)} by CPU time")
    finish(
        "overhead",
        middle([lap.speed for lap in ours.laps]),
        middle([lap.speed for lap in bare.laps]),
        middle(wall),
        low=round(min(wall), 4),
        high=round(max(wall), 4),
        ratios={"by CPU time": round(middle(cpu), 4)},
    )


if __name__ == "__main__":
    main()
