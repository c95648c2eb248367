import { newestCheckpoint, tokensPerSecond } from "../../electron/core/selectors.ts";
import type { RunState } from "../../electron/core/state.ts";
import { liveTiles, type Tile } from "../live-tiles.ts";
import { useNow, useView, useWords } from "../use-session.ts";
import { Shown } from "./shown.tsx";

export function Tiles({ run }: { readonly run: RunState }) {
  const { say } = useWords();
  const tiles = useTiles(run);
  return (
    <dl className="tiles card" aria-label={say("tile.title")}>
      {tiles.map((tile) => (
        <div key={tile.name} data-tile={tile.name}>
          <dt className="soft">{tile.label}</dt>
          <dd>
            {tile.value === null ? (
              <span className="soft none">{tile.note && <Shown text={tile.note} />}</span>
            ) : (
              <>
                <b className={tile.tone === "bad" ? "over" : ""}>{tile.value}</b>
                {tile.note && <span className="soft">{tile.note}</span>}
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function useTiles(run: RunState): readonly Tile[] {
  const words = useWords();
  const { say, format } = words;
  const settings = useView((view) => view.settings?.settings ?? null);
  const nowMs = useNow(5_000);
  const { step, memory, totalSteps, firstLoss } = run;
  const speed = tokensPerSecond(run);
  const heldOut = run.heldOut.at(-1);
  const checkpoint = newestCheckpoint(run);
  const stepSeconds = run.recent.reduce((sum, one) => sum + one.seconds + one.restSeconds, 0) / Math.max(1, run.recent.length);
  const unmeasured = say("tile.not-measured");
  return [
    {
      name: "step",
      label: say("tile.step"),
      value: step && format.integer(step.step),
      note: step ? say("tile.of", { total: format.integer(totalSteps) }) : unmeasured,
    },
    {
      name: "loss",
      label: say("tile.loss"),
      value: step && format.loss(step.loss),
      note: step && firstLoss !== null ? say("tile.loss-first", { loss: format.loss(firstLoss) }) : unmeasured,
    },
    {
      name: "held-out",
      label: say("tile.held-out"),
      value: heldOut ? format.loss(heldOut.loss) : null,
      note: heldOut ? say("tile.held-out-step", { step: format.integer(heldOut.step) }) : unmeasured,
    },
    {
      name: "speed",
      label: say("tile.speed"),
      value: speed === null ? null : say("tile.speed-value", { rate: format.rate(speed) }),
      note: speed === null ? unmeasured : say("tile.speed-step", { seconds: format.seconds(stepSeconds) }),
    },
    {
      name: "memory",
      label: say("tile.memory"),
      value: memory && format.bytes(Math.max(memory.activeBytes, memory.residentBytes)),
      note: memory ? say("tile.memory-peak", { bytes: format.bytes(run.peakBytes) }) : unmeasured,
    },
    {
      name: "checkpoint",
      label: say("tile.checkpoint"),
      value: checkpoint && format.ago(nowMs - checkpoint.at),
      note: checkpoint ? say("tile.checkpoint-step", { step: format.integer(checkpoint.step), bytes: format.bytes(checkpoint.bytes) }) : say("tile.none"),
    },
    ...liveTiles(run, settings, words),
  ];
}
