/** Fault 8: one engine per home, by a lock that the system drops with its process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquireOwner, acquireOwnerLock } from "../../electron/adapters/owner-lock.ts";
import { type Holder, holdDatabase } from "../fixtures/holder.ts";

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
  const lock = acquireOwner(join(folder, "home"));
  expect(() => acquireOwner(join(folder, "home"))).toThrow(/running already/);
  lock.release();
  mkdirSync(path);
  expect(() => acquireOwnerLock(path)).toThrow();
});
