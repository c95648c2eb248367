/**
 * One line of `macmon pipe`: degrees, watts and memory of an Apple-silicon Mac. 0.7 and 0.8 write `temp.cpu_temp_avg` and `all_power`,
 * development versions `temp.cpu_avg` and `power.package`; all are read. macmon writes 0 for what it could not measure.
 */
import type { Unknown } from "../../core/reading.ts";
import { BYTES, CELSIUS, type Found, notKnown, WATTS, within } from "./source.ts";

type Json = Readonly<Record<string, unknown>>;

/** Null: not a line of macmon. */
export function parseMacmon(line: string): Found | null {
  const report = object(parseJson(line));
  const [temp, power, memory] = [object(report["temp"]), object(report["power"]), object(report["memory"])];
  if (!("temp" in report) && !("memory" in report)) return null;
  return {
    temperature: hottest([temp["cpu_temp_avg"] ?? temp["cpu_avg"], temp["gpu_temp_avg"] ?? temp["gpu_avg"]]),
    watts: packageWatts(report["cpu_power"] ?? power["cpu"], report["all_power"] ?? power["package"]),
    systemWatts: measured(report["sys_power"] ?? power["board"], WATTS),
    memoryUsedBytes: measured(memory["ram_usage"], BYTES),
    memoryTotalBytes: measured(memory["ram_total"], BYTES),
    // No swap in use is a measurement, other than everything else that is 0.
    swapUsedBytes: within(memory["swap_usage"], BYTES),
  };
}

/** The hotter of the two that were measured. */
function hottest(values: readonly unknown[]): number | Unknown {
  const read = values.map((value) => measured(value, CELSIUS));
  const known = read.filter((value) => typeof value === "number");
  return known.length > 0 ? Math.max(...known) : (read[0] ?? notKnown("no-number"));
}

/** Where macOS keeps the CPU's share from it, the sum would be the GPU's alone: too little is not the package's power. */
function packageWatts(cpu: unknown, all: unknown): number | Unknown {
  if (cpu === 0) return notKnown("no-cpu-power");
  return measured(all, WATTS);
}

function measured(value: unknown, range: typeof WATTS): number | Unknown {
  return value === 0 ? notKnown("not-measured") : within(value, range);
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
