/** A damaged GGUF is refused by our own check of its header, with the reason, before any loader sees it; `latest` serves on. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { readGguf } from "../../electron/adapters/ollama/copy-out.ts";
import { parseGguf } from "../../electron/core/gguf.ts";
import { type Dice, rounds } from "../core/seeded.ts";
import { build, type File, type Tensor, u32, u64, WHOLE } from "../fixtures/gguf-file.ts";
import { Stage } from "./deploy-stage.ts";

/** Each deployment asks the model half a dozen questions, which takes tens of seconds where others compute too. */
vi.setConfig({ testTimeout: 300_000 });

type Mutation = (bytes: Buffer, random: Dice) => Buffer;

/** Counts, lengths, offsets and sizes that are none. */
const ABSURD = [2n ** 16n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 62n, 2n ** 63n, 2n ** 64n - 32n, 2n ** 64n - 1n];
const over = (bytes: Buffer, at: number, piece: Uint8Array) => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + piece.length)]);
const setU64 = (bytes: Buffer, at: number, value: bigint) => over(bytes, at, u64(value));
const setU32 = (bytes: Buffer, at: number, value: number) => over(bytes, at, u32(value));
const [FIRST, SECOND, THIRD] = WHOLE.tensors as [Tensor, Tensor, Tensor];
const rebuilt =
  (change: (random: Dice) => Partial<File>): Mutation =>
  (_bytes, random) =>
    Buffer.from(build({ ...WHOLE, ...change(random) }));
const first = (change: (random: Dice) => Partial<Tensor>) => rebuilt((random) => ({ tensors: [{ ...FIRST, ...change(random) }, SECOND, THIRD] }));

/** Each has to be refused, whatever the dice say. */
const KINDS: Readonly<Record<string, Mutation>> = {
  "truncated anywhere": (bytes, random) => bytes.subarray(0, random.below(endOf(bytes))),
  "truncated in the tensors' data": (bytes, random) => bytes.subarray(0, endOf(bytes) - 1 - random.below(500)),
  "wrong magic": (bytes, random) => setU32(bytes, 0, random.pick([0, 0x46554746, 0x4655_4748, 0x04034b50, 0x08088b1f, random.below(1_000_000)])),
  "bad version": (bytes, random) => setU32(bytes, 4, random.pick([0, 1, 4, 5, 0x0200_0000, 0x0300_0000, 0xffff_ffff, 4 + random.below(1000)])),
  "absurd number of tensors": (bytes, random) => setU64(bytes, 8, random.pick([0n, ...ABSURD])),
  "absurd number of metadata entries": (bytes, random) => setU64(bytes, 16, random.pick(ABSURD)),
  "absurd length of the first key": (bytes, random) => setU64(bytes, 24, random.pick(ABSURD)),
  "unknown type of a value": rebuilt((random) => ({ metadata: [...WHOLE.metadata, ["x", { type: "raw", number: 13 + random.below(1000), bytes: u64(1n) }]] })),
  "absurd length of a text": rebuilt((random) => ({ metadata: [["x", { type: "raw", number: 8, bytes: u64(random.pick(ABSURD)) }], ...WHOLE.metadata] })),
  "absurd length of a list": rebuilt((random) => ({
    metadata: [["x", { type: "raw", number: 9, bytes: Buffer.concat([u32(random.pick([0, 4, 8, 12])), u64(random.pick(ABSURD))]) }], ...WHOLE.metadata],
  })),
  "lists in lists": rebuilt((random) => ({
    metadata: [["x", { type: "raw", number: 9, bytes: Buffer.concat(Array.from({ length: 1 + random.below(50) }, () => [u32(9), u64(1n)]).flat()) }]],
  })),
  "offset beyond the file": first((random) => ({ offset: random.pick(ABSURD.filter((value) => value > 2n ** 20n)) })),
  "overlapping tensors": rebuilt((random) => ({ tensors: [FIRST, { ...SECOND, offset: BigInt(32 * random.below(9)) }, THIRD] })),
  "a hole between tensors": rebuilt((random) => ({ tensors: [FIRST, SECOND, { ...THIRD, offset: BigInt(32 * (1000 + random.below(1000))) }] })),
  "wrong type of a tensor": first((random) => ({ kind: random.pick([4, 5, 9, 15, 31, 39, 40, 0xffff_ffff, 100 + random.below(1000)]) })),
  "a type whose bytes do not fit": first((random) => ({ kind: random.pick([0, 1, 2, 30]) })),
  "absurd size of a tensor": first((random) => ({ shape: [random.pick([0n, ...ABSURD.filter((value) => value > 2n ** 16n)]), 1n] })),
  "sizes whose product overflows": first((random) => ({ shape: Array.from({ length: 4 }, () => random.pick([2n ** 31n, 2n ** 48n, 2n ** 52n])) })),
  "a number of dimensions that is none": first((random) => ({ shape: Array.from({ length: random.pick([0, 5, 6, 60]) }, () => 1n) })),
};

/** The first byte after the last tensor. */
function endOf(bytes: Buffer): number {
  const result = parseGguf(bytes, bytes.length);
  if (!("gguf" in result)) throw new Error("the whole file is refused");
  return result.gguf.dataEnd;
}

describe("row 38: the check", () => {
  test.each(Object.entries(KINDS))("row 38: %s, in 300 seeded ways", (_kind, mutate) => {
    const whole = build(WHOLE);
    rounds(300, (random) => {
      const bytes = mutate(Buffer.from(whole), random);
      const result = parseGguf(bytes, bytes.length);
      if (!("refused" in result)) throw new Error(`not refused: ${JSON.stringify(result)}`);
      expect(result.refused).toMatch(/^[\w"][^\n]{5,300}$/);
    });
  });

  test("row 38: several damages at once, pieces swapped, doubled and cut out: never a crash or a hang, and what is accepted lies within the file", () => {
    const whole = Buffer.from(build(WHOLE));
    const mutations = Object.values(KINDS);
    const heapBefore = process.memoryUsage().rss;
    rounds(20_000, (random) => {
      let bytes = random.chance(0.3) ? random.pick(mutations)(Buffer.from(whole), random) : Buffer.from(whole);
      for (let hits = random.below(6); hits > 0 && bytes.length > 64; hits -= 1) bytes = damage(bytes, random);
      const result = parseGguf(bytes, bytes.length);
      if ("moreBytes" in result) throw new Error("asked for more of a file it had in full");
      if ("gguf" in result) expect(result.gguf.dataEnd).toBeLessThanOrEqual(bytes.length);
    });
    expect(process.memoryUsage().rss - heapBefore).toBeLessThan(512 * 1024 * 1024);
  });

  test("row 38: a header that claims to be longer than any costs bounded memory, and ends", async () => {
    const folder = join(stage.night.path, "long");
    mkdirSync(folder);
    const path = join(folder, "long.gguf");
    // In a sparse file of 8 GB, which has room for all that it claims: texts, numbers, and more texts than anybody has.
    const head = Buffer.concat([Buffer.from("GGUF"), u32(3), u64(1n), u64(3n), u64(1n), Buffer.from("k")]);
    const before = process.memoryUsage().rss;
    for (const [value, reason] of [
      [[u32(8), u64(2n ** 23n)], /is empty/],
      [[u32(9), u32(8), u64(2n ** 22n)], /is empty/],
      [[u32(8), u64(2n ** 25n)], /33554432 bytes long, more than/],
      [[u32(9), u32(6), u64(2n ** 30n)], /longer than 67108864 bytes/],
      [[u32(9), u32(8), u64(2n ** 28n)], /268435456 texts, more than/],
    ] as const) {
      writeFileSync(path, Buffer.concat([head, ...value]));
      truncateSync(path, 8 * 2 ** 30);
      expect(await readGguf(path)).toMatch(reason);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(768 * 2 ** 20);
  });
});

function damage(bytes: Buffer, random: Dice): Buffer {
  const at = random.below(Math.min(bytes.length - 16, 800));
  const length = 1 + random.below(64);
  switch (random.below(6)) {
    case 0:
      bytes[at] = random.below(256);
      return bytes;
    case 1:
      return setU64(bytes, at, random.pick(ABSURD));
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 4:
      return over(bytes, random.below(Math.min(bytes.length - 64, 800)), Buffer.from(bytes.subarray(at, at + length)));
    default:
      return bytes.subarray(0, random.below(bytes.length));
  }
}

let stage: Stage;
let serving: string;
beforeAll(async () => {
  stage = await Stage.open();
  serving = (await stage.deploy({ name: "first", as: "night" })).deployed?.digest ?? "";
}, 900_000);
afterEach(() => stage.proxy.reset());
afterAll(() => stage.close());

describe("row 38: an export", () => {
  /** Ollama says that the new model's file is another one: its own, but damaged, and named after its own content. */
  function pointTo(change: (bytes: Buffer) => Buffer): void {
    const blobs = join(stage.night.path, "blobs");
    mkdirSync(blobs, { recursive: true });
    stage.proxy.rewrite = {
      show: (text) =>
        text.replace(/(FROM )(\/[^\\"]+\/blobs\/sha256-[0-9a-f]{64})/g, (_all, from: string, path: string) => {
          const bytes = change(readFileSync(path));
          const damaged = join(blobs, `sha256-${createHash("sha256").update(bytes).digest("hex")}`);
          writeFileSync(damaged, bytes);
          return `${from}${damaged}`;
        }),
    };
  }

  async function expectRefused(name: string, reason: RegExp): Promise<string> {
    const state = await stage.deploy({ name, as: "night", topK: 2 });
    expect(state.phases.export.fault).toMatchObject({ kind: "ollama.gguf", message: expect.stringMatching(reason) as string });
    expect(state.phases.deploy.status).toBe("waiting");
    expect(stage.proxy.calls.filter((place) => place === "generate" || place === "copy")).toEqual([]);
    expect(await stage.hand.tags()).toEqual({ "night:latest": serving });
    expect(readdirSync(stage.night.runPath(state.id, "export"))).toEqual([]);
    return state.id;
  }

  test.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
    ["truncated", (bytes) => bytes.subarray(0, bytes.length - 4096), /truncated|beyond the end/],
    ["with a wrong magic", (bytes) => setU32(bytes, 0, 0x04034b50), /does not begin with GGUF/],
    ["of another version", (bytes) => setU32(bytes, 4, 9), /version is 9/],
    ["with an absurd number of tensors", (bytes) => setU64(bytes, 8, 2n ** 40n), /more than fit|allowed/],
    ["of another model", () => Buffer.from(build(WHOLE)), /3 tensors instead of 24/],
    ["that is a page", () => Buffer.from("<!doctype html>"), /does not begin with GGUF/],
    ["that is empty", () => Buffer.alloc(0), /ends inside the magic/],
  ])("row 38: of a GGUF %s stops before anybody loads it, and done again completes", async (what, change, reason) => {
    stage.proxy.reset();
    pointTo(change);
    const run = await expectRefused(`gguf-${what.replace(/\W+/g, "-").slice(0, 30)}`, reason);
    stage.proxy.reset();
    await stage.night.call("run-resume", { run });
    const state = await stage.night.untilEnded(run);
    expect(await stage.hand.tags()).toMatchObject({ "night:latest": state.deployed?.digest });
    serving = state.deployed?.digest ?? "";
    await stage.hand.remove("night:prev").catch(() => {});
  });

  test("row 38: Ollama's own blob, damaged on its disk, does not match its name", async () => {
    stage.proxy.reset();
    let restore = () => {};
    stage.proxy.rewrite = {
      show: (text) => {
        const [, path = ""] = /FROM (\/[^\\"]+\/blobs\/sha256-[0-9a-f]{64})/.exec(text) ?? [];
        const bytes = readFileSync(path);
        restore = () => writeFileSync(path, bytes);
        writeFileSync(path, setU64(Buffer.from(bytes), bytes.length - 8, 12345n));
        return text;
      },
    };
    await expectRefused("rotten", /does not match its name in Ollama/);
    restore();
  });
});
