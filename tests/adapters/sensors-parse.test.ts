/** Row 23: each tool's own words are understood, and broken ones give a reason, never a number. Fixtures follow the tools' documented output. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseMillidegrees } from "../../electron/adapters/sensors/hwmon.ts";
import { parseIoregBattery, parseIoregLid, signed } from "../../electron/adapters/sensors/ioreg.ts";
import { parseMacmon } from "../../electron/adapters/sensors/macmon.ts";
import { parseThermalLevel } from "../../electron/adapters/sensors/notifyutil.ts";
import { parsePmsetBattery, parsePmsetSettings } from "../../electron/adapters/sensors/pmset.ts";
import { readSupplies, type Supply } from "../../electron/adapters/sensors/power-supply.ts";
import { parseMeminfo, parsePressure, parseSwapOut } from "../../electron/adapters/sensors/proc-memory.ts";
import { parseProcesses } from "../../electron/adapters/sensors/processes.ts";
import type { Found } from "../../electron/adapters/sensors/source.ts";
import { parseSysctl } from "../../electron/adapters/sensors/sysctl.ts";
import { parseVmStat } from "../../electron/adapters/sensors/vm-stat.ts";
import type { Why } from "../../electron/core/reason.ts";
import { rounds } from "../core/seeded.ts";
import { inEnglish, saying } from "../fixtures/why.ts";

const mac = (name: string) => readFileSync(fileURLToPath(new URL(`../fixtures/sensors/mac/${name}`, import.meta.url)), "utf8");
const why = (text: string) => ({ value: null, why: saying(text) });

describe("macOS", () => {
  test("the thermal pressure level is one of five words", () => {
    const key = "com.apple.system.thermalpressurelevel";
    expect([0, 1, 2, 3, 4].map((level) => parseThermalLevel(`${key} ${level}\n`))).toEqual(["nominal", "moderate", "heavy", "trapping", "sleeping"]);
    expect(parseThermalLevel(`${key} 7\n`)).toEqual(why("level 7"));
    for (const text of ["", "0\n", `${key} -1\n`, `${key} \n`, `${key} 1.5\n`, `${key}: Failed with code 9\n`, "com.other.key 3\n"]) {
      expect(parseThermalLevel(text), text).toEqual(why("no thermal pressure level"));
    }
  });

  test("sysctl gives level, swap and size; each that is broken has its own reason", () => {
    expect(parseSysctl(mac("sysctl.txt"))).toEqual({ memoryLevel: "warning", swapUsedBytes: Math.round(11625.69 * 1024 ** 2), memoryTotalBytes: 17179869184 });
    expect(parseSysctl("kern.memorystatus_vm_pressure_level: 3\n")).toEqual({
      memoryLevel: why("3, which has no meaning"),
      swapUsedBytes: why("no vm.swapusage"),
      memoryTotalBytes: why("no number"),
    });
  });

  test.each([
    ["total = 2048.00M  used = 1017.50M  free = 1030.50M  (encrypted)", 1017.5 * 1024 ** 2],
    ["total = 2048,00M  used = 1017,50M  free = 1030,50M  (encrypted)", 1017.5 * 1024 ** 2],
    ["total = 20.480,00M  used = 11.017,50M  free = 9.462,50M", 11017.5 * 1024 ** 2],
    ["total = 20,480.00M  used = 11,017.50M  free = 9,462.50M", 11017.5 * 1024 ** 2],
    ["total = 4.00G  used = 1.50G  free = 2.50G", 1.5 * 1024 ** 3],
    ["total = 0.00M  used = 0.00M  free = 0.00M", 0],
  ])("swap in use in a person's own notation: %s", (text, bytes) => {
    expect(parseSysctl(`vm.swapusage: ${text}\n`).swapUsedBytes).toBe(bytes);
  });

  test.each(["total = 1M  used = -3.00M", "total = 1M  used = nanM", "used = ,M", "total = 1.00M  used = 99999999999999.00T  free = 1", "used = 1.00X free"])(
    "no swap number from: %s",
    (text) => {
      expect(parseSysctl(`vm.swapusage: ${text}\n`).swapUsedBytes).toEqual(why(""));
    },
  );

  test("vm_stat gives memory in use as Activity Monitor counts it, and what was swapped out", () => {
    expect(parseVmStat(mac("vm_stat.txt"))).toEqual({ memoryUsedBytes: (432835 - 3127 + 147340 + 172060) * 16384, swapOutBytes: 1507328 * 16384 });
    const small = mac("vm_stat.txt").replace("16384", "4096");
    expect(parseVmStat(small).swapOutBytes).toBe(1507328 * 4096);
    const cut = mac("vm_stat.txt").slice(0, 600);
    expect(parseVmStat(cut)).toEqual({ memoryUsedBytes: why("missing"), swapOutBytes: why("missing") });
    expect(parseVmStat("")).toEqual({ memoryUsedBytes: why("missing"), swapOutBytes: why("missing") });
  });

  test("pmset tells supply and charge", () => {
    expect(parsePmsetBattery(mac("pmset-battery.txt"))).toEqual({ onBattery: true, batteryPercent: 78 });
    expect(parsePmsetBattery(mac("pmset-mains.txt"))).toEqual({ onBattery: false, batteryPercent: 100 });
    expect(parsePmsetBattery("Now drawing from 'AC Power'\n")).toEqual({ onBattery: false, batteryPercent: why("no battery") });
    expect(parsePmsetBattery("Now drawing from 'UPS Power'\n").onBattery).toBe(true);
    expect(parsePmsetBattery("Now drawing from 'Steam'\n").onBattery).toEqual(why("Steam"));
    expect(parsePmsetBattery(" -InternalBattery-0 (id=1)\t250%; charging;\n").batteryPercent).toEqual(why("250 %, which cannot be"));
    expect(parsePmsetBattery("")).toEqual({ onBattery: why("does not say"), batteryPercent: why("no battery") });
  });

  test("Low Power Mode under both its names", () => {
    expect(parsePmsetSettings(mac("pmset-settings.txt"))).toEqual({ lowPowerMode: true });
    expect(parsePmsetSettings(" lowpowermode         0\n")).toEqual({ lowPowerMode: false });
    expect([0, 1, 2].map((mode) => parsePmsetSettings(` powermode            ${mode}\n`).lowPowerMode)).toEqual([false, true, false]);
    expect(parsePmsetSettings(" powermode            9\n").lowPowerMode).toEqual(why("9"));
    expect(parsePmsetSettings("Currently in use:\n sleep 1\n").lowPowerMode).toEqual(why("no Low Power Mode"));
  });

  test("a current that is printed unsigned is negative", () => {
    expect(signed("18446744073709550342")).toBe(-1274);
    expect(signed("1274")).toBe(1274);
    for (const text of [undefined, "", "-5", "1e3", "999999999999999999999"]) expect(signed(text)).toBeNaN();
  });

  test("ioreg tells supply, charge and the machine's power, from telemetry or current × voltage", () => {
    const text = mac("ioreg-battery.txt");
    expect(parseIoregBattery(text)).toEqual({ onBattery: true, batteryPercent: 78, systemWatts: 15.48 });
    const bare = text.replace(/"PowerTelemetryData" = .*\n/, "");
    expect(parseIoregBattery(bare).systemWatts).toBeCloseTo((1274 * 12088) / 1e6, 9);
    const mains = bare.replace('"ExternalConnected" = No', '"ExternalConnected" = Yes');
    expect(parseIoregBattery(mains)).toMatchObject({ onBattery: false, systemWatts: why("does not measure") });
    expect(parseIoregBattery(text.replace('"MaxCapacity" = 100', '"MaxCapacity" = 0')).batteryPercent).toEqual(why("cannot be"));
    expect(parseIoregBattery("")).toEqual({ onBattery: why("no battery"), batteryPercent: why("no battery"), systemWatts: why("no battery") });
  });

  test("the lid", () => {
    expect(parseIoregLid(mac("ioreg-lid.txt"))).toEqual({ lidClosed: false });
    expect(parseIoregLid('"AppleClamshellState" = Yes')).toEqual({ lidClosed: true });
    for (const text of ["", '"AppleClamshellState" = Yes\n"AppleClamshellState" = No', '"AppleClamshellState" = Maybe'])
      expect(parseIoregLid(text).lidClosed).toEqual(why("say"));
  });

  test("macmon 0.7, 0.8 and what comes after", () => {
    expect(parseMacmon(mac("macmon-0.7.jsonl"))).toEqual({
      temperature: 82.86,
      watts: 14.05,
      systemWatts: 35.68,
      memoryUsedBytes: 14238449664,
      memoryTotalBytes: 17179869184,
      swapUsedBytes: 18128306176,
    });
    expect(parseMacmon(mac("macmon-0.8.jsonl"))).toMatchObject({ temperature: 84.1, watts: 15, systemWatts: 26.4, swapUsedBytes: 0 });
    expect(parseMacmon(mac("macmon-next.jsonl"))).toMatchObject({ temperature: 84.1, watts: 15.3, systemWatts: 26.4 });
  });

  test("macmon's zeros, nulls and absurd numbers are unknown, with the other processor's temperature kept", () => {
    const line = (changes: object) => JSON.stringify({ ...(JSON.parse(mac("macmon-0.7.jsonl")) as object), ...changes });
    expect(parseMacmon(line({ temp: { cpu_temp_avg: 0, gpu_temp_avg: 0 } }))?.temperature).toEqual(why("did not measure"));
    expect(parseMacmon(line({ temp: { cpu_temp_avg: 0, gpu_temp_avg: 66 } }))?.temperature).toBe(66);
    expect(parseMacmon(line({ temp: { cpu_temp_avg: 4000, gpu_temp_avg: -3 } }))?.temperature).toEqual(why("4000 °C, which cannot be"));
    expect(parseMacmon(line({ temp: null }))?.temperature).toEqual(why("no number"));
    expect(parseMacmon(line({ all_power: 11.9, cpu_power: 0 }))?.watts).toEqual(why("no CPU power"));
    expect(parseMacmon(line({ sys_power: 0 }))?.systemWatts).toEqual(why("did not measure"));
    expect(parseMacmon(line({ sys_power: "35" }))?.systemWatts).toEqual(why("no number"));
    expect(parseMacmon(line({ memory: { swap_usage: -1 } }))?.swapUsedBytes).toEqual(why("cannot be"));
    for (const text of ["", "null", "[]", "3", "{}", '{"temp":', "macmon: error", mac("macmon-0.7.jsonl").slice(0, 100), '{"all_power":NaN}'])
      expect(parseMacmon(text), text).toBeNull();
  });

  test("apps with all their helpers, the largest first", () => {
    expect(parseProcesses(mac("ps.txt"))).toEqual([
      { name: "Ollama", bytes: 3145728 * 1024 },
      { name: "Google Chrome", bytes: (812344 + 402112) * 1024 },
      { name: "Finder", bytes: 51200 * 1024 },
      { name: "launchd", bytes: 18432 * 1024 },
      { name: "-zsh", bytes: 960 * 1024 },
    ]);
    expect(parseProcesses("garbage\n")).toEqual(why("no process"));
    expect((parseProcesses(Array.from({ length: 500 }, (_, index) => `${index + 1} p${index}`).join("\n")) as readonly unknown[]).length).toBe(12);
  });
});

describe("Linux", () => {
  const supply = (changes: Partial<Supply>): Supply => ({ type: "", scope: "", online: "", status: "", capacity: "", ...changes });

  test("millidegrees, and none from zeros, minus a kelvin scale, or words", () => {
    expect(parseMillidegrees("84000\n")).toBe(84);
    for (const text of [null, "", "0\n", "-273000\n", "N/A\n", "999999999\n", "84.5\n"]) expect(parseMillidegrees(text), String(text)).toEqual(why(""));
  });

  test("meminfo", () => {
    const text =
      "MemTotal:       16000000 kB\nMemFree:          500000 kB\nMemAvailable:    1200000 kB\nSwapTotal:       2000000 kB\nSwapFree:        1500000 kB\n";
    expect(parseMeminfo(text)).toEqual({
      memoryTotalBytes: 16000000 * 1024,
      memoryUsedBytes: 14800000 * 1024,
      swapUsedBytes: 500000 * 1024,
      memoryLevel: "warning",
    });
    expect(parseMeminfo(text.replace("1200000", "700000")).memoryLevel).toBe("critical");
    expect(parseMeminfo(text.replace("1200000", "9000000")).memoryLevel).toBe("normal");
    expect(parseMeminfo(text.replace("1200000", "99000000"))).toMatchObject({ memoryUsedBytes: why("cannot be"), memoryLevel: why("do not fit") });
    expect(parseMeminfo("")).toEqual({ memoryTotalBytes: why(""), memoryUsedBytes: why(""), swapUsedBytes: why(""), memoryLevel: why("") });
  });

  test("pressure: waiting a tenth of the time warns, everybody waiting is critical", () => {
    const text = (some: string, full: string) => `some avg10=${some} avg60=0.00 avg300=0.00 total=1\nfull avg10=${full} avg60=0.00 avg300=0.00 total=1\n`;
    expect([text("0.00", "0.00"), text("9.99", "4.99"), text("10.00", "0.00"), text("30.00", "5.00")].map((one) => parsePressure(one).memoryLevel)).toEqual([
      "normal",
      "normal",
      "warning",
      "critical",
    ]);
    for (const broken of ["", "some avg10=1.00 ", text("nan", "0.00"), text("-1.00", "0.00"), text("500.00", "0.00")])
      expect(parsePressure(broken).memoryLevel).toEqual(why("read"));
  });

  test("swapped-out pages, but not those that stay in memory", () => {
    const swaps = (device: string) => `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n${device}    partition\t100\t0\t-2\n`;
    expect(parseSwapOut("pswpin 1\npswpout 250\n", swaps("/dev/sda2"), 4096)).toEqual({ swapOutBytes: 250 * 4096 });
    expect(parseSwapOut("pswpin 1\npswpout 250\n", swaps("/dev/zram0"), 4096)).toEqual({ swapOutBytes: 0 });
    expect(parseSwapOut("pswpin 1\n", "", 4096).swapOutBytes).toEqual(why("count"));
    expect(parseSwapOut("pswpout 5\n", "", Number.NaN).swapOutBytes).toEqual(why("no number"));
  });

  test.each([
    [
      "a laptop on mains",
      [
        { type: "Mains", online: "1" },
        { type: "Battery", status: "Charging", capacity: "55" },
      ],
      false,
      55,
    ],
    [
      "a laptop on battery",
      [
        { type: "Mains", online: "0" },
        { type: "Battery", status: "Discharging", capacity: "54" },
      ],
      true,
      54,
    ],
    ["a laptop that names no mains", [{ type: "Battery", status: "Discharging", capacity: "5" }], true, 5],
    ["a full one that names no mains", [{ type: "Battery", status: "Full", capacity: "100" }], false, 100],
    [
      "one by USB-C",
      [
        { type: "USB", online: "1" },
        { type: "Battery", status: "Not charging", capacity: "80" },
      ],
      false,
      80,
    ],
  ])("%s", (_name, supplies, onBattery, batteryPercent) => {
    expect(readSupplies(supplies.map(supply))).toEqual({ onBattery, batteryPercent });
  });

  test("a mouse is no battery of the machine; nonsense is none either", () => {
    const mouse = supply({ type: "Battery", scope: "Device", status: "Discharging", capacity: "3" });
    expect(readSupplies([mouse])).toEqual({ onBattery: why("no battery and no power adapter"), batteryPercent: why("no battery") });
    expect(readSupplies([mouse, supply({ type: "Mains", online: "1" })]).onBattery).toBe(false);
    expect(readSupplies([supply({ type: "Battery", status: "Unknown", capacity: "-1" })])).toEqual({
      onBattery: why("does not say"),
      batteryPercent: why("no number"),
    });
  });
});

test("whatever the bytes, a parser gives a believable value or a reason", () => {
  const parsers: Readonly<Record<string, (text: string) => Found | null>> = {
    "sysctl.txt": parseSysctl,
    "vm_stat.txt": parseVmStat,
    "pmset-battery.txt": parsePmsetBattery,
    "pmset-settings.txt": parsePmsetSettings,
    "ioreg-battery.txt": parseIoregBattery,
    "ioreg-lid.txt": parseIoregLid,
    "macmon-0.8.jsonl": parseMacmon,
    "ps.txt": (text) => ({ apps: parseProcesses(text) }),
  };
  rounds(300, ({ below, pick }) => {
    for (const [file, parse] of Object.entries(parsers)) {
      const text = mac(file);
      const at = below(text.length);
      const wrong = pick(["-", "NaN", "9999999999999999999", "\0", "null", "\n"]);
      const damaged = pick([text.slice(0, at), text.slice(at), text.slice(0, at) + wrong + text.slice(at + 3)]);
      for (const [key, value] of Object.entries(parse(damaged) ?? {})) expect(isSane(value), `${file} ${key} ${JSON.stringify(value)}`).toBe(true);
    }
  });
});

function isSane(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0;
  if (Array.isArray(value)) return value.every((app: { name: string; bytes: number }) => app.name !== "" && Number.isFinite(app.bytes) && app.bytes > 0);
  if (typeof value === "object" && value !== null) return "why" in value && inEnglish(value.why as Why) !== "";
  return typeof value === "boolean" || typeof value === "string";
}
