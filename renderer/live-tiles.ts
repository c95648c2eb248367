/** What the machine does to the run, tile by tile: every figure with what it is worth, every unknown with its reason. */
import { billOf, estimateEnergy } from "../electron/core/evening/energy.ts";
import { statusOf } from "../electron/core/selectors.ts";
import type { ShownSettings } from "../electron/core/settings-shown.ts";
import type { RunState } from "../electron/core/state.ts";
import { whyText } from "../electron/core/words/why.ts";
import { whySlowed } from "./pace.ts";
import type { Words } from "./use-session.ts";

export interface Tile {
  readonly name: string;
  readonly label: string;
  /** Null is unknown; `note` is then the reason. */
  readonly value: string | null;
  readonly note: string | null;
  readonly tone?: "bad";
}

export function liveTiles(run: RunState, settings: ShownSettings | null, words: Words): readonly Tile[] {
  const status = statusOf(run);
  // Of a run that is over these say nothing any more; its chart and its energy stay.
  const over = status === "finished" || status === "stopped";
  const live = over || run.conditions === null ? [] : [temperature(run, settings, words), pace(run, words), swap(run, words)];
  return [...live, energy(run, settings, words)].filter((tile) => tile !== null);
}

function temperature({ conditions }: RunState, settings: ShownSettings | null, words: Words): Tile {
  const { say, format } = words;
  const celsius = conditions?.temperature ?? null;
  const label = say("tile.temperature");
  if (celsius === null) return { name: "temperature", label, value: null, note: reasonOf(conditions, "temperature", words) ?? say("tile.not-measured") };
  const value = say("heat.celsius", { celsius: format.integer(Math.round(celsius)) });
  if (settings && celsius > settings.redCelsius) return { name: "temperature", label, value, note: say("tile.over-red"), tone: "bad" };
  return { name: "temperature", label, value, note: settings && say("tile.target", { celsius: format.integer(settings.targetCelsius) }) };
}

function pace(run: RunState, words: Words): Tile {
  const { say, format } = words;
  const { obeyed, governed } = run;
  const resting = obeyed?.desired === "rest";
  const share = obeyed?.pace ?? governed?.pace ?? 1;
  return {
    name: "pace",
    label: say("tile.pace"),
    value: resting ? say("status.resting") : format.percent(share),
    note: whySlowed(run, words) ?? say(resting ? "tile.pace-cooling" : "tile.pace-note"),
  };
}

/** In use now, and what this run wrote to the disk by swapping: from the growth of the system's counter while it worked, so an estimate. */
function swap({ conditions, swapWrites }: RunState, words: Words): Tile {
  const { say, format } = words;
  const used = conditions?.swapUsedBytes ?? null;
  const label = say("tile.swap");
  const note = swapWrites.known ? say("tile.swap-written", { bytes: format.bytes(swapWrites.bytes) }) : say("tile.swap-unknown");
  if (used === null) return { name: "swap", label, value: null, note: reasonOf(conditions, "swapUsedBytes", words) ?? say("tile.not-measured") };
  return { name: "swap", label, value: format.bytes(used), note };
}

/** Nobody looked while it worked: by the stated model, from its own seconds, and called so. */
function energy(run: RunState, settings: ShownSettings | null, { say, format }: Words): Tile | null {
  if (!run.step) return null;
  const tariff = settings?.tariff ?? { currency: "", perKwh: 0 };
  const bill = billOf(run.energy, tariff) ?? billOf(estimateEnergy(run.trainSeconds, run.restSeconds), tariff);
  if (!bill) return null;
  const how = say(`energy.${bill.how}`);
  const note = settings ? say("tile.energy-note", { cost: format.money(bill.cost, bill.currency), how }) : how;
  return { name: "energy", label: say("tile.energy"), value: format.energy(bill.kwh), note };
}

function reasonOf(conditions: RunState["conditions"], reading: string, words: Words): string | null {
  const why = conditions?.unknown.find((one) => one.reading === reading)?.why;
  return why === undefined ? null : whyText(words, why);
}
