/** All a machine's sensors as one look: each reading from the first source that knows it, with its age, or with every source's reason. */
import type { Clock, PowerEvents, Sensors } from "../core/ports.ts";
import { type Conditions, type Reading, unknown } from "../core/reading.ts";
import { because, type Reason } from "../core/reason.ts";
import { hwmon, thermalZones } from "./sensors/hwmon.ts";
import { ioregBattery, ioregLid } from "./sensors/ioreg.ts";
import { MacmonPipe } from "./sensors/macmon-pipe.ts";
import { notifyutil } from "./sensors/notifyutil.ts";
import { createPlace, type PlaceOptions } from "./sensors/place.ts";
import { pmsetBattery, pmsetSettings } from "./sensors/pmset.ts";
import { Poll } from "./sensors/poll.ts";
import { acpiLid, packagePower, platformProfile, powerSupply } from "./sensors/power-supply.ts";
import { meminfo, pressure, swapOut } from "./sensors/proc-memory.ts";
import { processes } from "./sensors/processes.ts";
import type { Key, Source, Value } from "./sensors/source.ts";
import { sysctl } from "./sensors/sysctl.ts";
import { vmStat } from "./sensors/vm-stat.ts";

export interface SensorsOptions {
  readonly clock: Clock;
  readonly platform?: NodeJS.Platform;
  readonly place?: Partial<PlaceOptions>;
  /** Wake-ups and power changes, where a desktop shell hears them. */
  readonly power?: PowerEvents;
  /** In place of the platform's own. */
  readonly sources?: readonly Source[];
}

export interface OwnedSensors extends Sensors {
  /** Ends what the sources keep running. */
  close(): void;
}

const PROGRAM_LIMIT_MS = 2_000;
/** A wall clock that ran so far ahead of the monotonic one: the machine slept. */
const SLEPT_S = 10;
/** An app started from the Finder knows nothing of Homebrew's and MacPorts' folders. */
const SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin:/opt/homebrew/bin:/usr/local/bin:/opt/local/bin";

/** In order of preference. */
function sourcesOf(platform: NodeJS.Platform, clock: Clock): readonly Source[] {
  if (platform === "darwin") return [notifyutil, sysctl, vmStat, new MacmonPipe(clock), pmsetBattery, pmsetSettings, ioregBattery, ioregLid, processes];
  if (platform === "linux") return [hwmon, thermalZones, packagePower(clock), pressure, meminfo, swapOut, powerSupply, acpiLid, platformProfile, processes];
  return [];
}

export function createSensors(options: SensorsOptions): OwnedSensors {
  const { clock, platform = process.platform } = options;
  const place = createPlace({ path: SYSTEM_PATH, root: "/", limitMs: PROGRAM_LIMIT_MS, ...options.place });
  const polls = (options.sources ?? sourcesOf(platform, clock)).map((source) => new Poll(source, clock));
  const forget = () => {
    for (const poll of polls) poll.forget();
  };
  const slept = sleepWatch(clock);
  const unsubscribe = options.power?.subscribe((event) => {
    if (event === "resume") forget();
    else if (event !== "suspend") for (const poll of polls) if (poll.source.gives.includes("onBattery")) poll.askSoon();
  });
  let running: Promise<Conditions> | null = null;
  const look = async () => {
    if (slept()) forget();
    await Promise.all(polls.map((poll) => poll.ask(place)));
    return compose(polls, platform);
  };
  return {
    read() {
      running ??= look().finally(() => {
        running = null;
      });
      return running;
    },
    close() {
      unsubscribe?.();
      for (const poll of polls) poll.source.close?.();
    },
  };
}

function sleepWatch(clock: Clock): () => boolean {
  const ahead = () => clock.now() / 1000 - clock.mono();
  let before = ahead();
  return () => {
    const now = ahead();
    const slept = now - before > SLEPT_S;
    before = now;
    return slept;
  };
}

function compose(polls: readonly Poll[], platform: NodeJS.Platform): Conditions {
  const read = <K extends Key>(key: K): Reading<Value<K>> => {
    const readings = polls.filter((poll) => poll.source.gives.includes(key)).map((poll) => poll.read(key));
    const known = readings.find((reading) => reading.value !== null);
    return known ?? unknown(readings.length > 0 ? readings.flatMap(reasonsOf) : [missing(key, platform)]);
  };
  return {
    temperature: read("temperature"),
    thermalLevel: read("thermalLevel"),
    watts: read("watts"),
    systemWatts: read("systemWatts"),
    memoryLevel: read("memoryLevel"),
    memoryUsedBytes: read("memoryUsedBytes"),
    memoryTotalBytes: read("memoryTotalBytes"),
    swapUsedBytes: read("swapUsedBytes"),
    swapOutBytes: read("swapOutBytes"),
    onBattery: read("onBattery"),
    batteryPercent: read("batteryPercent"),
    lowPowerMode: read("lowPowerMode"),
    lidClosed: read("lidClosed"),
    apps: read("apps"),
  };
}

function reasonsOf(reading: Reading<unknown>): readonly Reason[] {
  if (!("why" in reading)) return [];
  return typeof reading.why === "string" ? [because("said", { text: reading.why })] : reading.why;
}

function missing(key: Key, platform: NodeJS.Platform): Reason {
  if (key === "thermalLevel" && platform === "linux") return because("macos-only");
  return because("no-source", { platform });
}
