/**
 * Row 23: each reading has its source and age, unknown has a reason, a source that hangs or lies is dropped and
 * said, and nothing blocks. macOS by small programs in its tools' places, Linux by the real machine and by folders like its own.
 */
import { EventEmitter } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../electron/adapters/clock.ts";
import { listenToMonitor, PowerBus } from "../../electron/adapters/power-bus.ts";
import { MacmonPipe } from "../../electron/adapters/sensors/macmon-pipe.ts";
import { createPlace, type LookError } from "../../electron/adapters/sensors/place.ts";
import { packagePower } from "../../electron/adapters/sensors/power-supply.ts";
import type { Source } from "../../electron/adapters/sensors/source.ts";
import { createSensors, type OwnedSensors, type SensorsOptions } from "../../electron/adapters/sensors.ts";
import type { Clock } from "../../electron/core/ports.ts";
import type { Conditions } from "../../electron/core/reading.ts";
import { because } from "../../electron/core/reason.ts";
import { alive } from "../fixtures/alive.ts";
import { makeTools, type Tools } from "../fixtures/tools.ts";
import { inEnglish, saying } from "../fixtures/why.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/sensors/mac", import.meta.url));
const cat = (file: string) => `/bin/cat "${join(FIXTURES, file)}"`;
const why = (text: string) => ({ value: null, why: saying(text) });
const HANGS = "/bin/sleep 300";

let tools: Tools;
let opened: OwnedSensors[];
beforeEach(() => {
  tools = makeTools();
  opened = [];
});
afterEach(() => {
  for (const sensors of opened) sensors.close();
  tools.close();
});

function open(options: Partial<SensorsOptions> = {}): OwnedSensors {
  const sensors = createSensors({ clock: systemClock, ...options });
  opened.push(sensors);
  return sensors;
}

const mac = (options: Partial<SensorsOptions> = {}) => open({ platform: "darwin", place: { path: tools.path, limitMs: 400 }, ...options });

function putMac(): void {
  tools.put("notifyutil", "echo com.apple.system.thermalpressurelevel 1");
  tools.put("sysctl", cat("sysctl.txt"));
  tools.put("vm_stat", cat("vm_stat.txt"));
  tools.put("pmset", `if [ "$2" = batt ]; then ${cat("pmset-battery.txt")}; else ${cat("pmset-settings.txt")}; fi`);
  tools.put("ioreg", `if [ "$2" = AppleSmartBattery ]; then ${cat("ioreg-battery.txt")}; else ${cat("ioreg-lid.txt")}; fi`);
  tools.put("ps", cat("ps.txt"));
  tools.put("macmon", `while :; do ${cat("macmon-0.8.jsonl")}; /bin/sleep 0.2; done`);
}

/** A clock a test sets; what waits is called when its time has come. */
class HandClock implements Clock {
  seconds = 1_000;
  wallMs = 0;
  private waits: { at: number; callback: () => void }[] = [];
  now = () => this.wallMs + this.seconds * 1000;
  mono = () => this.seconds;
  random = () => 0.5;
  after(ms: number, callback: () => void): () => void {
    const wait = { at: this.seconds + ms / 1000, callback };
    this.waits.push(wait);
    return () => {
      this.waits = this.waits.filter((other) => other !== wait);
    };
  }
  go(seconds: number): void {
    this.seconds += seconds;
    const due = this.waits.filter(({ at }) => at <= this.seconds);
    this.waits = this.waits.filter(({ at }) => at > this.seconds);
    for (const { callback } of due) callback();
  }
}

async function until(look: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await look()) return;
    await sleep(50);
  }
  throw new Error("it did not come to be");
}

describe("a Mac", () => {
  test("is read whole, each reading with the tool that gave it and when", async () => {
    putMac();
    const sensors = mac();
    let seen = await sensors.read();
    await until(async () => {
      seen = await sensors.read();
      return seen.temperature.value !== null;
    });
    expect(seen).toMatchObject({
      temperature: { value: 84.1, source: "macmon" },
      thermalLevel: { value: "moderate", source: "notifyutil" },
      watts: { value: 15, source: "macmon" },
      systemWatts: { value: 26.4, source: "macmon" },
      memoryLevel: { value: "warning", source: "sysctl" },
      memoryUsedBytes: { source: "vm_stat" },
      memoryTotalBytes: { value: 17179869184 },
      swapUsedBytes: { source: "sysctl" },
      swapOutBytes: { value: 1507328 * 16384, source: "vm_stat" },
      onBattery: { value: true, source: "pmset" },
      batteryPercent: { value: 78, source: "pmset" },
      lowPowerMode: { value: true, source: "pmset" },
      lidClosed: { value: false, source: "ioreg" },
      apps: { source: "ps" },
    });
    for (const reading of Object.values(seen)) expect(reading).toMatchObject({ at: expect.any(Number) as number });
    const [{ at = 0 }] = [seen.thermalLevel as { at?: number }];
    expect(systemClock.mono() - at).toBeGreaterThanOrEqual(0);
    expect(new Set(tools.calls())).toEqual(
      new Set([
        "notifyutil -g com.apple.system.thermalpressurelevel",
        "macmon pipe -i 5000",
        "sysctl kern.memorystatus_vm_pressure_level vm.swapusage hw.memsize",
        "vm_stat",
        "pmset -g batt",
        "pmset -g",
        "ioreg -rn AppleSmartBattery -w0",
        "ioreg -r -k AppleClamshellState -d 4",
        "ps -axo rss=,comm=",
      ]),
    );
  });

  test("without any of its tools says of each reading why there is none", async () => {
    const seen = await mac().read();
    for (const [key, reading] of Object.entries(seen)) expect(reading, key).toEqual(why("not installed"));
    expect(seen.swapUsedBytes).toEqual(why("sysctl: it is not installed"));
  });

  test("with one tool hanging loses that tool's readings only, in bounded time, and leaves no process", async () => {
    putMac();
    // A child that holds the output open, too: the whole group has to go.
    tools.put("sysctl", `${HANGS} & echo $! > "${tools.path}/child"; echo $$ > "${tools.path}/parent"; ${HANGS}`);
    const sensors = mac();
    const seen = await sensors.read();
    expect(seen.memoryLevel).toEqual(why("sysctl: it did not answer within 0.4 s"));
    expect(seen.thermalLevel).toMatchObject({ value: "moderate" });
    const gone = (file: string) => !alive(Number(readFileSync(join(tools.path, file), "utf8")));
    await until(() => gone("child") && gone("parent"));
  });

  test("falls back on the next source that knows", async () => {
    putMac();
    tools.put("pmset", "echo garbage");
    const seen = await mac().read();
    expect(seen.onBattery).toMatchObject({ value: true, source: "ioreg" });
    expect(seen.batteryPercent).toMatchObject({ value: 78, source: "ioreg" });
    tools.remove("ioreg");
    expect((await mac().read()).batteryPercent).toEqual(why("pmset: its answer has no battery; ioreg: it is not installed"));
  });

  test("with tools that write without end, end badly or say nothing gets reasons", async () => {
    putMac();
    tools.put("vm_stat", "exec /usr/bin/yes garbage");
    tools.put("notifyutil", "exit 3");
    tools.put("sysctl", "kill -9 $$");
    tools.put("ps", "exit 0");
    const seen = await mac({ place: { path: tools.path, limitMs: 5_000 } }).read();
    expect(seen.swapOutBytes).toEqual(why("vm_stat: it writes without end"));
    expect(seen.thermalLevel).toEqual(why("notifyutil: it ended with code 3"));
    expect(seen.memoryLevel).toEqual(why("sysctl: it ended with SIGKILL"));
    expect(seen.apps).toEqual(why("ps: its answer names no process"));
  });
});

describe("a source", () => {
  function counted(answer: () => Promise<Awaited<ReturnType<Source["look"]>>>): Source & { looks: number } {
    const source = {
      name: "probe",
      gives: ["thermalLevel"] as const,
      everyS: 5,
      looks: 0,
      look: () => {
        source.looks += 1;
        return answer();
      },
    };
    return source;
  }

  async function readFor(sensors: OwnedSensors, clock: HandClock, seconds: number): Promise<Conditions> {
    for (let passed = 0; passed < seconds; passed += 1) {
      clock.go(1);
      await sensors.read();
    }
    return await sensors.read();
  }

  test("is asked at its own pace, not at each read, and once for readers at the same time", async () => {
    const [clock, source] = [new HandClock(), counted(() => Promise.resolve({ thermalLevel: "nominal" }))];
    const sensors = open({ clock, sources: [source] });
    await Promise.all([sensors.read(), sensors.read(), sensors.read()]);
    expect(source.looks).toBe(1);
    await readFor(sensors, clock, 50);
    expect(source.looks).toBe(11);
  });

  test("that fails is asked less and less often, keeps its last value until it is old, and comes back", async () => {
    let works = true;
    const clock = new HandClock();
    const source = counted(() => (works ? Promise.resolve({ thermalLevel: "heavy" }) : Promise.reject(new Error("EIO at /secret/path"))));
    const sensors = open({ clock, sources: [source] });
    await sensors.read();
    works = false;
    expect((await readFor(sensors, clock, 20)).thermalLevel).toEqual({ value: "heavy", source: "probe", at: 1_000 });
    expect((await readFor(sensors, clock, 20)).thermalLevel).toEqual(why("probe: nothing for 40 s; it could not be read"));
    await readFor(sensors, clock, 3_600);
    const looks = source.looks;
    expect(looks).toBeLessThan(20);
    works = true;
    expect((await readFor(sensors, clock, 600)).thermalLevel).toMatchObject({ value: "heavy" });
    await readFor(sensors, clock, 50);
    expect(source.looks).toBeGreaterThan(looks + 5);
  });

  test("that lies is believed no longer at once", async () => {
    const clock = new HandClock();
    const answers = [{ thermalLevel: "heavy" as const }, { thermalLevel: { value: null, why: "it gave level 7" } as const }];
    const sensors = open({ clock, sources: [counted(() => Promise.resolve(answers.shift() ?? {}))] });
    expect((await sensors.read()).thermalLevel.value).toBe("heavy");
    clock.go(6);
    expect((await sensors.read()).thermalLevel).toEqual(why("probe: it gave level 7"));
  });

  test("that never comes back holds a read for its limit once, and is not asked again beside itself", async () => {
    const [clock, source] = [new HandClock(), counted(() => new Promise(() => {}))];
    const other: Source = { name: "other", gives: ["onBattery"], everyS: 1, look: () => Promise.resolve({ onBattery: false }) };
    const sensors = open({ clock, sources: [source, other] });
    const first = sensors.read();
    await sleep(10);
    clock.go(3);
    expect(await first).toMatchObject({ thermalLevel: why("did not answer within 3 s"), onBattery: { value: false } });
    await readFor(sensors, clock, 100);
    expect(source.looks).toBe(1);
  });

  test("is asked afresh after the machine slept, by the clocks or by what a desktop shell hears", async () => {
    for (const tell of ["clocks", "resume"] as const) {
      let level: "nominal" | "trapping" = "trapping";
      const [clock, power] = [new HandClock(), new PowerBus()];
      const source = counted(() => Promise.resolve({ thermalLevel: level }));
      const sensors = open({ clock, power, sources: [source] });
      await sensors.read();
      level = "nominal";
      expect((await sensors.read()).thermalLevel.value).toBe("trapping");
      if (tell === "clocks") clock.wallMs += 8 * 3_600_000;
      else power.tell("resume");
      expect((await sensors.read()).thermalLevel.value).toBe("nominal");
      sensors.close();
      power.tell("resume");
      expect(source.looks).toBe(2);
    }
  });

  test("of power is asked at once when the plug is pulled", async () => {
    let pulled = false;
    const [clock, power] = [new HandClock(), new PowerBus()];
    const source: Source = { name: "plug", gives: ["onBattery"], everyS: 600, look: () => Promise.resolve({ onBattery: pulled }) };
    const sensors = open({ clock, power, sources: [source] });
    expect((await sensors.read()).onBattery.value).toBe(false);
    pulled = true;
    expect((await sensors.read()).onBattery.value).toBe(false);
    power.tell("on-battery");
    expect((await sensors.read()).onBattery.value).toBe(true);
  });
});

test("Electron's powerMonitor is heard until the shell goes", () => {
  const [monitor, power, heard] = [new EventEmitter(), new PowerBus(), [] as string[]];
  const unsubscribe = power.subscribe((event) => heard.push(event));
  const stop = listenToMonitor(monitor, (event) => power.tell(event));
  for (const event of ["suspend", "resume", "on-battery", "on-ac", "lock-screen"]) monitor.emit(event);
  expect(heard).toEqual(["suspend", "resume", "on-battery", "on-ac"]);
  stop();
  monitor.emit("resume");
  unsubscribe();
  power.tell("resume");
  expect(heard).toHaveLength(4);
  expect(monitor.eventNames()).toEqual([]);
});

describe("macmon's pipe", () => {
  const line = readFileSync(join(FIXTURES, "macmon-0.7.jsonl"), "utf8");
  const pipe = (clock: Clock = systemClock) => new MacmonPipe(clock, { silentS: 1, unwatchedS: 600, restartS: [0.2, 1] });
  const look = (source: MacmonPipe) => source.look(createPlace({ path: tools.path, root: "/", limitMs: 400 }));

  async function lookUntil(source: MacmonPipe, wanted: (seen: { temperature?: unknown } | string) => boolean): Promise<void> {
    try {
      await until(async () => wanted(await look(source).catch((error: LookError) => inEnglish([error.reason]))));
    } finally {
      if (wanted(line)) source.close();
    }
  }

  test("is one process for all looks, and gives each report once", async () => {
    tools.put("macmon", `echo '${line.trim()}'; ${HANGS}`);
    const source = pipe();
    await lookUntil(source, (seen) => typeof seen === "object" && seen.temperature === 82.86);
    await expect(look(source)).rejects.toMatchObject({ reason: because("nothing-new") });
    expect(tools.calls()).toEqual(["macmon pipe -i 5000"]);
    source.close();
  });

  test("that ends, hangs, or writes something else is started again, each time with its reason", async () => {
    const source = pipe();
    tools.put("macmon", "exit 2");
    await lookUntil(source, (seen) => seen === "it ended with code 2");
    tools.put("macmon", HANGS);
    await lookUntil(source, (seen) => seen === "nothing for 1 s");
    tools.put("macmon", `while :; do echo '{"hello":1}'; /bin/sleep 0.05; done`);
    await lookUntil(source, (seen) => seen === "it writes something else than its reports");
    tools.put("macmon", "exec /usr/bin/tr '\\0' x < /dev/zero");
    await lookUntil(source, (seen) => seen === "it writes a line without end");
    tools.put("macmon", `echo '${line.trim()}'; ${HANGS}`);
    await lookUntil(source, (seen) => typeof seen === "object" && seen.temperature === 82.86);
    source.close();
  });

  test("ends when it is closed, and when nobody looks any more", async () => {
    for (const end of ["closed", "unwatched"] as const) {
      const clock = new HandClock();
      const source = pipe(clock);
      tools.put("macmon", `echo $$ > "${tools.path}/pid"; ${HANGS}`);
      rmSync(join(tools.path, "pid"), { force: true });
      await look(source).catch(() => {});
      const pid = () => Number(readOr(join(tools.path, "pid")));
      await until(() => pid() > 0);
      expect(alive(pid())).toBe(true);
      if (end === "closed") source.close();
      else clock.go(601);
      await until(() => !alive(pid()));
    }
  });
});

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

describe("Linux", () => {
  test("this machine is read from its own files, and the loop runs on meanwhile", async () => {
    const sensors = open({ platform: "linux" });
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const startedAt = performance.now();
    const seen = await sensors.read();
    const readMs = performance.now() - startedAt;
    await sleep(50);
    delay.disable();
    process.stdout.write(`  one look: ${readMs.toFixed(0)} ms, longest pause of the loop ${(delay.max / 1e6).toFixed(0)} ms\n`);
    const meminfo = readFileSync("/proc/meminfo", "utf8");
    expect(seen.memoryTotalBytes).toMatchObject({ value: Number(/MemTotal:\s+(\d+)/.exec(meminfo)?.[1]) * 1024, source: "/proc/meminfo" });
    expect(seen.memoryUsedBytes.value).toBeGreaterThan(0);
    expect(seen.memoryLevel.value).toMatch(/normal|warning|critical/);
    expect(seen.swapOutBytes?.value).toBeGreaterThanOrEqual(0);
    expect(seen.apps?.value?.length).toBeGreaterThan(0);
    expect(seen.thermalLevel).toEqual(why("only macOS names a thermal pressure level"));
    for (const reading of Object.values(seen)) expect(reading.value === null ? inEnglish(reading.why) : reading.source).not.toBe("");
  });

  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "thortime-sys-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const linux = () => open({ platform: "linux", place: { path: "/usr/bin:/bin", root, limitMs: 1_000 } });

  test("a laptop's folders: the hottest of CPU and GPU, never the disk; battery, lid and profile", async () => {
    const hwmon = "sys/class/hwmon";
    for (const [chip, name, heats] of [
      ["hwmon0", "nvme", ["91850"]],
      ["hwmon1", "coretemp", ["71000", "84000"]],
      ["hwmon2", "amdgpu", ["79000"]],
      ["hwmon3", "acpitz", ["99000"]],
    ] as const) {
      put(`${hwmon}/${chip}/name`, `${name}\n`);
      for (const [index, heat] of heats.entries()) put(`${hwmon}/${chip}/temp${index + 1}_input`, `${heat}\n`);
    }
    put("sys/class/power_supply/AC/type", "Mains\n");
    put("sys/class/power_supply/AC/online", "0\n");
    put("sys/class/power_supply/BAT0/type", "Battery\n");
    put("sys/class/power_supply/BAT0/status", "Discharging\n");
    put("sys/class/power_supply/BAT0/capacity", "41\n");
    put("proc/acpi/button/lid/LID0/state", "state:      closed\n");
    put("sys/firmware/acpi/platform_profile", "low-power\n");
    put("proc/pressure/memory", "some avg10=12.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=1.00 avg60=0.00 avg300=0.00 total=0\n");
    put("proc/vmstat", "pswpin 0\npswpout 100\n");
    expect(await linux().read()).toMatchObject({
      temperature: { value: 84, source: "hwmon" },
      onBattery: { value: true, source: "power_supply" },
      batteryPercent: { value: 41 },
      lidClosed: { value: true },
      lowPowerMode: { value: true },
      memoryLevel: { value: "warning", source: "PSI" },
      memoryUsedBytes: why("/proc/meminfo: the kernel does not have it"),
      watts: why("RAPL: this machine does not measure it"),
      swapOutBytes: { source: "/proc/vmstat" },
    });
  });

  test("a board with thermal zones only; one whose sensors give nothing believable", async () => {
    put("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
    put("sys/class/thermal/thermal_zone0/temp", "66500\n");
    put("sys/class/thermal/thermal_zone1/type", "battery\n");
    put("sys/class/thermal/thermal_zone1/temp", "99000\n");
    expect((await linux().read()).temperature).toMatchObject({ value: 66.5, source: "thermal zones" });
    put("sys/class/thermal/thermal_zone0/temp", "-274000\n");
    expect((await linux().read()).temperature).toEqual(why("thermal zones: it gave -274 °C, which cannot be"));
  });

  test("watts are the energy counter's growth, through its turn", async () => {
    const clock = new HandClock();
    const source = packagePower(clock);
    const place = createPlace({ path: "/bin", root, limitMs: 1_000 });
    const counter = (microjoules: number) => put("sys/class/powercap/intel-rapl:0/energy_uj", `${microjoules}\n`);
    put("sys/class/powercap/intel-rapl:0/max_energy_range_uj", "1000000000\n");
    counter(900_000_000);
    expect((await source.look(place)).watts).toEqual(why("read once"));
    clock.go(5);
    counter(975_000_000);
    expect((await source.look(place)).watts).toBeCloseTo(15, 9);
    clock.go(5);
    counter(50_000_000);
    expect((await source.look(place)).watts).toBeCloseTo(15, 9);
    clock.go(8 * 3_600);
    counter(60_000_000);
    expect((await source.look(place)).watts).toEqual(why("read once"));
  });
});
