/** What machine this is: real names from the real package, bounded in time, and nothing that names its person. */
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { type MachineSource, machineFacts } from "../../electron/adapters/machine-facts.ts";

const M2: MachineSource = {
  cpu: async () => ({ manufacturer: "Apple", brand: "M2", physicalCores: 8 }),
  system: async () => ({ manufacturer: "Apple Inc.", model: "Mac14,2" }),
  osInfo: async () => ({ distro: "macOS", release: "26.4" }),
};
const never = () => new Promise<never>(() => {});

test("this machine's system and cores, and neither its name nor a number that identifies it", async () => {
  const facts = await machineFacts();
  expect(facts.system).toMatch(/\S+ \S+/);
  expect(facts.cores).toBeGreaterThan(0);
  expect(Object.keys(facts).sort()).toEqual(["chip", "cores", "model", "system"]);
  expect(Object.values(facts)).not.toContain(hostname());
});

test("a Mac as it says itself; a maker is not said twice", async () => {
  expect(await machineFacts(async () => M2)).toEqual({ chip: "Apple M2", cores: 8, model: "Apple Inc. Mac14,2", system: "macOS 26.4" });
  const cpu = async () => ({ manufacturer: "Apple", brand: "Apple M2", physicalCores: 0 });
  expect(await machineFacts(async () => ({ ...M2, cpu }))).toMatchObject({ chip: "Apple M2", cores: null });
});

test("what fails, says nothing or never answers is not known, and keeps nobody waiting", async () => {
  const source: MachineSource = { cpu: never, system: () => Promise.reject(new Error("no")), osInfo: async () => ({ distro: "", release: "\u0007\n" }) };
  expect(await machineFacts(async () => source, 20)).toEqual({ chip: null, cores: null, model: null, system: null });
  expect(await machineFacts(never, 20)).toEqual({ chip: null, cores: null, model: null, system: null });
  expect(await machineFacts(() => Promise.reject(new Error("not there")), 20)).toMatchObject({ system: null });
});
