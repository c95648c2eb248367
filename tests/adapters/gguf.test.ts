/** Fault 38: a damaged GGUF is refused by our own header check, with the reason, before any loader sees it. */
import { describe, expect, test } from "vitest";
import { mismatch, parseGguf } from "../../electron/core/gguf.ts";
import { rounds } from "../core/seeded.ts";
import { build, type File, type Tensor, text, u32, u64, type Value, WHOLE } from "../fixtures/gguf-file.ts";

const [FIRST, SECOND, THIRD] = WHOLE.tensors as [Tensor, Tensor, Tensor];
const withPair = (key: string | Uint8Array, value: Value): File => ({ ...WHOLE, metadata: [...WHOLE.metadata, [key, value]] });
const withValue = (key: string, value: Value): File => ({ ...WHOLE, metadata: WHOLE.metadata.map((pair) => (pair[0] === key ? [key, value] : pair)) });
const without = (key: string): File => ({ ...WHOLE, metadata: WHOLE.metadata.filter((pair) => pair[0] !== key) });
const withFirst = (changes: Partial<Tensor>): File => ({ ...WHOLE, tensors: [{ ...FIRST, ...changes }, SECOND, THIRD] });

const MALFORMED: readonly (readonly [string, File, RegExp])[] = [
  ["wrong magic", { ...WHOLE, magic: "GGML" }, /does not begin with GGUF/],
  ["version 1", { ...WHOLE, version: 1 }, /version is 1/],
  ["version 4", { ...WHOLE, version: 4 }, /version is 4/],
  ["other byte order", { ...WHOLE, version: 0x03000000 }, /other byte order/],
  ["no tensors", { ...WHOLE, tensors: [] }, /no tensors/],
  ["tensor count of 2^63", { ...WHOLE, claimsTensors: 2n ** 63n }, /no file can hold/],
  ["tensor count beyond the file", { ...WHOLE, claimsTensors: 1_000_000n }, /1000000 tensors, more than fit/],
  ["metadata count of 2^64−1", { ...WHOLE, claimsPairs: 2n ** 64n - 1n }, /no file can hold/],
  ["metadata count beyond the file", { ...WHOLE, claimsPairs: 1_000_000n }, /metadata entries, more than fit/],
  ["one tensor more than there is", { ...WHOLE, claimsTensors: 4n }, /tensor 4|ends inside|name/],
  ["duplicate key", withPair("general.architecture", { type: "string", value: "llama" }), /"general.architecture" stands twice/],
  ["empty key", withPair("", { type: "uint32", value: 1 }), /is empty/],
  ["key that is not UTF-8", withPair(Buffer.from([0xff, 0xfe, 0x41]), { type: "uint32", value: 1 }), /not UTF-8/],
  ["string that is not UTF-8", withPair("general.name", { type: "string", value: Buffer.from([0xc3, 0x28]) }), /not UTF-8/],
  ["key of 70,000 bytes", withPair("k".repeat(70_000), { type: "uint32", value: 1 }), /70000 bytes long/],
  ["string longer than the file", withPair("general.name", { type: "raw", number: 8, bytes: u64(10n ** 9n) }), /more than fit/],
  ["string of 2^64−1 bytes", withPair("general.name", { type: "raw", number: 8, bytes: u64(2n ** 64n - 1n) }), /no file can hold/],
  ["unknown value type", withPair("x", { type: "raw", number: 13, bytes: Buffer.alloc(8) }), /unknown type 13/],
  ["bool of 2", withPair("x", { type: "bool", value: 2 }), /neither true nor false/],
  ["list of lists", withPair("x", { type: "raw", number: 9, bytes: Buffer.concat([u32(9), u64(1n)]) }), /list of lists/],
  ["list of unknown type", withPair("x", { type: "raw", number: 9, bytes: Buffer.concat([u32(77), u64(1n)]) }), /unknown type 77/],
  ["list of numbers beyond the file", withPair("x", { type: "floats", value: [1], claims: 10n ** 9n }), /more than fit/],
  ["list of strings beyond the file", withPair("x", { type: "strings", value: ["a"], claims: 10n ** 9n }), /more than fit/],
  ["list of 2^62 numbers", withPair("x", { type: "floats", value: [1], claims: 2n ** 62n }), /no file can hold/],
  ["no architecture", without("general.architecture"), /does not name its architecture/],
  ["empty architecture", withValue("general.architecture", { type: "string", value: "" }), /does not name its architecture/],
  ["architecture that is a number", withValue("general.architecture", { type: "uint32", value: 7 }), /does not name its architecture/],
  ["alignment of 0", withPair("general.alignment", { type: "uint32", value: 0 }), /alignment 0 /],
  ["alignment of 33", withPair("general.alignment", { type: "uint32", value: 33 }), /alignment 33 /],
  ["alignment of 2 GB", withPair("general.alignment", { type: "uint32", value: 2 ** 31 }), /alignment 2147483648 /],
  ["alignment as text", withPair("general.alignment", { type: "string", value: "32" }), /alignment "32"/],
  ["duplicate tensor", { ...WHOLE, tensors: [FIRST, { ...FIRST }, THIRD] }, /"token_embd.weight" stands twice/],
  ["tensor without a name", withFirst({ name: "" }), /tensor 1 has no name/],
  ["tensor name of 64 bytes", withFirst({ name: "n".repeat(64) }), /64 bytes long/],
  ["no dimensions", withFirst({ shape: [] }), /0 dimensions/],
  ["five dimensions", withFirst({ shape: [64n, 1n, 1n, 1n, 4n] }), /5 dimensions/],
  ["a size of 0", withFirst({ shape: [64n, 0n] }), /impossible shape/],
  ["sizes whose product overflows", withFirst({ shape: [2n ** 32n, 2n ** 32n] }), /impossible shape/],
  ["a size of 2^63", withFirst({ shape: [2n ** 63n, 1n] }), /no file can hold/],
  ["unknown tensor type", withFirst({ kind: 99 }), /unknown type 99/],
  ["removed tensor type", withFirst({ kind: 4 }), /unknown type 4/],
  ["rows that do not divide into blocks", withFirst({ shape: [48n, 4n] }), /do not divide/],
  ["offset beyond the file", withFirst({ offset: 2n ** 40n }), /beyond the end/],
  ["offset of 2^64−32", withFirst({ offset: 2n ** 64n - 32n }), /no file can hold/],
  ["offset that is not aligned", withFirst({ offset: 7n }), /not a multiple of 32/],
  ["tensors that overlap", { ...WHOLE, tensors: [FIRST, { ...SECOND, offset: 0n }, THIRD] }, /begins at 0 instead of/],
  ["a hole between tensors", { ...WHOLE, tensors: [FIRST, { ...SECOND, offset: 320n }, THIRD] }, /begins at 320 instead of 288/],
];

function parse(bytes: Uint8Array) {
  return parseGguf(bytes, bytes.length);
}

describe("a whole file", () => {
  test("is read", () => {
    expect(parse(build(WHOLE))).toEqual({
      gguf: {
        version: 3,
        architecture: "gemma2",
        quantization: "Q8_0",
        tensors: 3,
        types: { Q8_0: 2, F32: 1 },
        tokenizer: null,
        saysSpacePrefix: false,
        alignment: 32,
        metadataEnd: expect.any(Number) as number,
        listEnd: expect.any(Number) as number,
        dataOffset: expect.any(Number) as number,
        dataEnd: build(WHOLE).length,
      },
    });
  });

  test("of version 2, with another alignment, is read", () => {
    const file: File = { ...withPair("general.alignment", { type: "uint32", value: 64 }), version: 2, alignment: 64 };
    expect(parse(build(file))).toMatchObject({ gguf: { version: 2, alignment: 64 } });
  });

  test("that calls itself Q4_K_M without a K-quantised tensor is named after what it holds", () => {
    expect(parse(build(withValue("general.file_type", { type: "uint32", value: 15 })))).toMatchObject({ gguf: { quantization: "Q8_0" } });
    const file: File = { ...withValue("general.file_type", { type: "uint32", value: 15 }), tensors: [{ name: "t", shape: [256n], kind: 12, bytes: 144 }] };
    expect(parse(build(file))).toMatchObject({ gguf: { quantization: "Q4_K_M" } });
  });

  test("is read from a head that ends anywhere, or asks for more of it", () => {
    const bytes = build(WHOLE);
    const whole = parse(bytes);
    for (let length = 0; length < bytes.length; length += 1) {
      const result = parseGguf(bytes.subarray(0, length), bytes.length);
      if ("moreBytes" in result) expect(result.moreBytes).toBeGreaterThan(length);
      else expect(result).toEqual(whole);
    }
  });

  test("is what was exported, or not", () => {
    const result = parse(build(WHOLE));
    if (!("gguf" in result)) throw new Error("refused");
    expect(mismatch(result.gguf, { architecture: "gemma2", tensors: 3 })).toBeNull();
    expect(mismatch(result.gguf, { architecture: "gemma2", tensors: 4 })).toBe("it holds 3 tensors instead of 4");
    expect(mismatch(result.gguf, { architecture: "llama", tensors: 3 })).toBe("its architecture is gemma2 instead of llama");
  });
});

describe("row 38: refused with a reason", () => {
  test.each(MALFORMED)("%s", (_what, file, reason) => {
    const result = parse(build(file));
    if (!("refused" in result)) throw new Error(`not refused: ${JSON.stringify(result)}`);
    expect(result.refused).toMatch(reason);
  });

  test("a file cut at any byte before its last tensor's end", () => {
    const bytes = build(WHOLE);
    const result = parse(bytes);
    if (!("gguf" in result)) throw new Error("refused");
    for (let length = 0; length < result.gguf.dataEnd; length += 1) expect(parse(bytes.subarray(0, length)), `cut at ${length}`).toHaveProperty("refused");
  });

  test("any text, and an empty file", () => {
    expect(parse(new Uint8Array(0))).toHaveProperty("refused");
    expect(parse(Buffer.from("<!doctype html><title>404</title>"))).toHaveProperty("refused");
    expect(parse(text("GGUF"))).toHaveProperty("refused");
  });
});

test("row 38: random damage never throws, never hangs, and what is accepted stays inside the file", () => {
  const whole = build(WHOLE);
  let refused = 0;
  rounds(3000, (random) => {
    const bytes = Uint8Array.from(whole);
    for (let hits = 1 + random.below(4); hits > 0; hits -= 1) bytes[random.below(700)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
    const length = random.chance(0.2) ? random.below(bytes.length) : bytes.length;
    const result = parse(bytes.subarray(0, length));
    if ("refused" in result) {
      refused += 1;
      expect(result.refused).toMatch(/\w/);
    } else if ("gguf" in result) {
      expect(result.gguf.dataEnd).toBeLessThanOrEqual(length);
    } else {
      throw new Error("asked for more of a file it had in full");
    }
  });
  expect(refused).toBeGreaterThan(1000);
});
