/** The engine's life: one per home (row 8), started and found by whoever needs it, ended cleanly, started again after a kill (row 2). */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, expect, test } from "vitest";
import { acquireOwnerLock } from "../../electron/adapters/owner-lock.ts";
import { type AttachOptions, attach, connectLiving } from "../../electron/hosts/attach.ts";
import { readRecord, writeRecord } from "../../electron/hosts/engine-record.ts";
import { engineCommand, findPlace } from "../../electron/hosts/place.ts";
import { steadyApi } from "../../electron/hosts/steady.ts";
import { endHome, ensureBuilt, homeEnvironment, isAlive, makeHome, root } from "./homes.ts";

const homes: string[] = [];

beforeAll(async () => {
  await ensureBuilt();
}, 120_000);

afterEach(async () => {
  for (const home of homes.splice(0)) await endHome(home);
});

function options(home = makeHome()): AttachOptions {
  homes.push(home);
  const place = findPlace(root);
  return { home, version: place.version, engineCommand: engineCommand(place, home), env: homeEnvironment(home) };
}

async function gone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
}

test("the first one starts the engine, the next ones find it; engine.json says who it is", async () => {
  const one = options();
  const first = await attach(one);
  const second = await attach(one);
  const record = readRecord(one.home);
  expect((await first.call("engine-info", {})).pid).toBe(record?.pid);
  expect((await second.call("engine-info", {})).pid).toBe(record?.pid);
  expect(record).toMatchObject({ command: [...one.engineCommand], version: one.version, boot: expect.stringMatching(/./), start: expect.stringMatching(/./) });
  expect(statSync(join(one.home, "engine.json")).mode & 0o777).toBe(0o600);
  first.close();
  second.close();
});

test("row 8: five at the same moment: one engine, five answers of it", async () => {
  const one = options();
  const clients = await Promise.all(Array.from({ length: 5 }, () => attach(one)));
  const pids = await Promise.all(clients.map(async (client) => (await client.call("engine-info", {})).pid));
  expect(new Set(pids).size).toBe(1);
  expect(pids[0]).toBe(readRecord(one.home)?.pid);
  for (const client of clients) client.close();
});

test("SIGTERM ends it cleanly: record and socket gone, home free", async () => {
  const one = options();
  const client = await attach(one);
  const record = readRecord(one.home);
  if (!record) throw new Error("no record");
  process.kill(record.pid, "SIGTERM");
  await client.ended;
  await gone(record.pid);
  expect(existsSync(join(one.home, "engine.json"))).toBe(false);
  expect(existsSync(record.socket)).toBe(false);
  const lock = acquireOwnerLock(join(one.home, "owner.sqlite"));
  expect(lock).not.toBeNull();
  lock?.release();
  expect(readFileSync(join(one.home, "engine.log"), "utf8")).toContain("engine ended");
});

test("after kill -9 what it left is no obstacle, and a steady client gets a new engine and a new snapshot", async () => {
  const one = options();
  const api = steadyApi({ connect: () => attach(one) });
  let snapshots = 0;
  api.subscribe("home", (update) => {
    if ("snapshot" in update) snapshots += 1;
  });
  await expect.poll(() => snapshots, { timeout: 15_000 }).toBe(1);
  const { pid } = await api.call("engine-info", {});
  process.kill(pid, "SIGKILL");
  await expect.poll(() => snapshots, { timeout: 20_000 }).toBe(2);
  expect((await api.call("engine-info", {})).pid).not.toBe(pid);
  api.close();
});

test("a steady client whose first start fails goes on trying, and says so", async () => {
  const one = options();
  const faults: (string | null)[] = [];
  let tries = 0;
  const connect = () => {
    tries += 1;
    return tries < 3 ? Promise.reject(new Error("not yet")) : attach(one);
  };
  const api = steadyApi({ connect, onChange: (fault) => faults.push(fault?.message ?? null) });
  const first = new Promise((resolve) => api.subscribe("home", resolve));
  expect(await first).toMatchObject({ topic: "home", snapshot: { runs: [] } });
  expect(tries).toBe(3);
  expect(faults.at(-1)).toBeNull();
  api.close();
});

test("with nobody there and nothing to do it ends by itself; a client keeps it", async () => {
  const one = options();
  const impatient = { ...one, engineCommand: [...one.engineCommand, "--idle-s", "1"] };
  const client = await attach(impatient);
  const { pid } = await client.call("engine-info", {});
  await sleep(2_500);
  expect(isAlive(pid)).toBe(true);
  client.close();
  await gone(pid);
  expect(readRecord(one.home)).toBeNull();
});

test("an idle engine of another version makes way; engine-quit is how", async () => {
  const one = options();
  const old = await attach(one);
  const { pid } = await old.call("engine-info", {});
  const record = readRecord(one.home);
  if (!record) throw new Error("no record");
  // The engine's own version is what counts: ours is the one that differs here.
  const other = { ...one, version: "9.9.9" };
  const client = await attach(other);
  expect((await client.call("engine-info", {})).pid).not.toBe(pid);
  await gone(pid);
  client.close();
});

test("a home that is owned, by a process without a socket: said after the time limit, nothing is killed", async () => {
  const one = options();
  const script = `import { acquireOwner } from ${JSON.stringify(join(root, "electron/adapters/owner.ts"))}; await acquireOwner(process.argv[1]); console.log("held"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module-typescript", "-e", script, one.home], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  await expect(attach({ ...one, limitMs: 1_500 })).rejects.toMatchObject({ fault: { kind: "engine.owned" } });
  expect(holder.exitCode).toBeNull();
  holder.kill("SIGKILL");
});

test.each([
  ["a program that is not there", ["/nothing/node"], /could not be started/],
  ["a program that ends at once", [process.execPath, "-e", "process.exit(3)"], /exit code 3/],
  ["a program that is killed", [process.execPath, "-e", "process.kill(process.pid, 'SIGKILL')"], /SIGKILL/],
  ["one that says nothing", [process.execPath, "-e", "setTimeout(() => {}, 1500)"], /no answer/],
])("%s: said plainly", async (_name, command, words) => {
  const one = options();
  await expect(attach({ ...one, engineCommand: command, limitMs: 1_000 })).rejects.toMatchObject({
    fault: { kind: "engine.start", message: expect.stringMatching(words) },
  });
});

test("a reason from an earlier start is not told again", async () => {
  const one = options();
  writeFileSync(join(one.home, "engine.log"), 'thortime-engine-fault {"kind":"old","message":"old","next":"old"}\n');
  await expect(attach({ ...one, engineCommand: [process.execPath, "-e", "process.exit(3)"] })).rejects.toMatchObject({ fault: { kind: "engine.start" } });
});

test("a home that cannot be made is said with what to do", async () => {
  const home = makeHome();
  homes.push(home);
  writeFileSync(join(home, "file"), "");
  await expect(attach(options(join(home, "file")))).rejects.toMatchObject({ fault: { kind: "engine.home", next: expect.stringContaining("THORTIME_HOME") } });
  homes.pop();
});

test("a home with a path too long for a socket works all the same", async () => {
  const base = makeHome();
  homes.push(base);
  const home = join(base, "x".repeat(60), "y".repeat(60));
  mkdirSync(home, { recursive: true });
  const one = options(home);
  const client = await attach(one);
  expect(await client.call("engine-info", {})).toMatchObject({ home });
  expect(Buffer.byteLength(readRecord(home)?.socket ?? "")).toBeLessThanOrEqual(103);
  client.close();
});

test("a record that leads nowhere, or is garbage, is nobody", async () => {
  const home = makeHome();
  homes.push(home);
  expect(await connectLiving(home)).toBeNull();
  writeFileSync(join(home, "engine.json"), "{");
  expect(await connectLiving(home)).toBeNull();
  writeRecord(home, { pid: 999_999, start: "", boot: "", socket: join(home, "nothing.sock"), command: [], startedAt: 0, version: "" });
  expect(await connectLiving(home)).toBeNull();
});
