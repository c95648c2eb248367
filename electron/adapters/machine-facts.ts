/**
 * What machine this is, in names a person knows: chip, model, system. By systeminformation, which asks the system's own programs through a shell and
 * on macOS stops the loop for some of them; so it is for the command line's own process, never for an engine's, and nothing here is a sensor.
 */
import { systemClock } from "./clock.ts";

export interface MachineFacts {
  /** `Apple M2`. Null where the system does not say, as every other one. */
  readonly chip: string | null;
  readonly cores: number | null;
  /** `MacBook Air`, `Mac14,2`. */
  readonly model: string | null;
  /** `macOS 26.4`. */
  readonly system: string | null;
}

/** The part of systeminformation that is asked; its other answers (serial numbers, host names) are never taken. */
export interface MachineSource {
  cpu(): Promise<{ readonly manufacturer: string; readonly brand: string; readonly physicalCores: number }>;
  system(): Promise<{ readonly manufacturer: string; readonly model: string }>;
  osInfo(): Promise<{ readonly distro: string; readonly release: string }>;
}

const LIMIT_MS = 5_000;

/** Loaded when it is asked for: other commands do not pay for it. */
async function systeminformation(): Promise<MachineSource> {
  const { cpu, system, osInfo } = await import("systeminformation");
  return { cpu, system, osInfo };
}

/** Never rejects; what has not answered within the limit is not known. */
export async function machineFacts(source: () => Promise<MachineSource> = systeminformation, limitMs = LIMIT_MS): Promise<MachineFacts> {
  let cancel = () => {};
  const late = new Promise<null>((resolve) => {
    cancel = systemClock.after(limitMs, () => resolve(null));
  });
  const asked = source();
  const ask = <T>(look: (from: MachineSource) => Promise<T>): Promise<T | null> => Promise.race([asked.then(look).catch(() => null), late]);
  const [cpu, model, system] = await Promise.all([ask((from) => from.cpu()), ask((from) => from.system()), ask((from) => from.osInfo())]);
  cancel();
  return {
    chip: cpu && joined(cpu.manufacturer, cpu.brand),
    cores: cpu && cpu.physicalCores > 0 ? cpu.physicalCores : null,
    model: model && joined(model.manufacturer, model.model),
    system: system && joined(system.distro, system.release),
  };
}

/** Brands often begin with their maker already. */
function joined(maker: string, name: string): string | null {
  const [first, second] = [tidy(maker), tidy(name)];
  const text = second.toLowerCase().startsWith(first.toLowerCase()) ? second : `${first} ${second}`.trim();
  return text === "" ? null : text;
}

function tidy(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, 60);
}
