/** Fault 8: one engine per home, by a lock that the system drops with its process. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acquireOwner } from "../../electron/adapters/owner.ts";
import { holdOwnerLock } from "../../electron/adapters/owner-holder.ts";
import { acquireOwnerLock } from "../../electron/adapters/owner-lock.ts";
import { type Holder, holdDatabase } from "../fixtures/holder.ts";

const root = join(import.meta.dirname, "..", "..");
let folder: string;
let path: string;
let holders: Holder[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "thortime-owner-"));
  path = join(folder, "owner.sqlite");
  holders = [];
});
afterEach(async () => {
  for (const holder of holders) await holder.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function other(): Promise<Holder> {
  const holder = await holdDatabase(path, "owner");
  holders.push(holder);
  return holder;
}

test("row 8: the second is told, in this process and in another, until the first lets go", async () => {
  const lock = acquireOwnerLock(path);
  expect(lock?.isHeld()).toBe(true);
  expect(acquireOwnerLock(path)).toBeNull();
  // A refused attempt must not have dropped the lock of its own process, as closing a file does on POSIX.
  expect((await other()).said).toMatch(/refused SQLITE_BUSY/);
  lock?.release();
  expect((await other()).said).toBe("held");
});

test("killed with -9 its lock is gone at once, and the living one's is not", async () => {
  const holder = await other();
  expect(holder.said).toBe("held");
  expect(acquireOwnerLock(path)).toBeNull();
  await holder.kill("SIGKILL");
  const lock = acquireOwnerLock(path);
  expect(lock?.isHeld()).toBe(true);
  lock?.release();
});

test("a file overwritten with text is taken over, and held for real", async () => {
  writeFileSync(path, "this is no database, it is a note that somebody wrote over it\n".repeat(20));
  const lock = acquireOwnerLock(path);
  expect(lock).not.toBeNull();
  expect((await other()).said).toMatch(/refused SQLITE_BUSY/);
  lock?.release();
});

test("row 8: of many who come at once exactly one owns it", async () => {
  writeFileSync(path, "text");
  const lock = acquireOwnerLock(path);
  lock?.release();
  const all = await Promise.all(Array.from({ length: 5 }, other));
  expect(all.filter((holder) => holder.said === "held")).toHaveLength(1);
});

test("a lock whose file was deleted says so", () => {
  const lock = acquireOwnerLock(path);
  rmSync(path);
  expect(lock?.isHeld()).toBe(false);
  lock?.release();
});

test("a home that cannot be owned is a fault with a next step, or an error that names it", async () => {
  const lock = await acquireOwner(join(folder, "home"));
  await expect(acquireOwner(join(folder, "home"))).rejects.toThrow(/running already/);
  lock.release();
  mkdirSync(path);
  expect(() => acquireOwnerLock(path)).toThrow();
});

describe("where SQLite cannot be loaded, a Python holds the same lock", () => {
  test("it and SQLite exclude each other, both ways, until the first lets go", async () => {
    const held = await holdOwnerLock(path, process.env);
    expect(held?.isHeld()).toBe(true);
    expect(await holdOwnerLock(path, process.env)).toBeNull();
    expect((await other()).said).toMatch(/refused SQLITE_BUSY/);
    held?.release();
    await expect.poll(async () => (await other()).said).toBe("held");
    expect(await holdOwnerLock(path, process.env)).toBeNull();
  });

  test("it goes with the process it holds for, killed with -9", async () => {
    const script = `import { holdOwnerLock } from ${JSON.stringify(join(root, "electron/adapters/owner-holder.ts"))}; await holdOwnerLock(process.argv[1], process.env); console.log("held"); setInterval(() => {}, 1000);`;
    const process_ = spawn(process.execPath, ["--input-type=module-typescript", "-e", script, path], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => process_.stdout.once("data", resolve));
    expect(acquireOwnerLock(path)).toBeNull();
    process_.kill("SIGKILL");
    await expect
      .poll(() => {
        const lock = acquireOwnerLock(path);
        lock?.release();
        return lock !== null;
      })
      .toBe(true);
  });

  test("text over the file is emptied; a folder in its place, and a machine without Python, are faults with a next step", async () => {
    writeFileSync(path, "this is no database, it is a note that somebody wrote over it\n".repeat(20));
    const held = await holdOwnerLock(path, process.env);
    expect(held?.isHeld()).toBe(true);
    rmSync(path);
    expect(held?.isHeld()).toBe(false);
    held?.release();
    mkdirSync(join(folder, "sub"));
    await expect(holdOwnerLock(join(folder, "sub"), process.env)).rejects.toMatchObject({ fault: { kind: "engine.lock", next: expect.any(String) } });
    if (process.platform === "linux") await expect(holdOwnerLock(path, { PATH: folder })).rejects.toMatchObject({ fault: { kind: "engine.lock" } });
  });
});
