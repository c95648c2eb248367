/** What Ollama leaves out of a Gemma's GGUF is put into its header, and nothing else changes. */
import { expect, test } from "vitest";
import { type Gguf, parseGguf } from "../../electron/core/gguf.ts";
import { lacksSpacePrefix, withoutSpacePrefix } from "../../electron/core/gguf-mend.ts";
import { build, type File, WHOLE } from "../fixtures/gguf-file.ts";

const SENTENCE_PIECE: File = { ...WHOLE, metadata: [...WHOLE.metadata, ["tokenizer.ggml.model", { type: "string", value: "llama" }]] };
const said = (value: number): File => ({
  ...SENTENCE_PIECE,
  metadata: [...SENTENCE_PIECE.metadata, ["tokenizer.ggml.add_space_prefix", { type: "bool", value }]],
});

function parsed(bytes: Uint8Array): Gguf {
  const result = parseGguf(bytes, bytes.length);
  if (!("gguf" in result)) throw new Error(JSON.stringify(result));
  return result.gguf;
}

test.each([0, 1, 2, 3, 5, 30])("the mended file is the one that says it, byte for byte (a name %d bytes longer)", (more) => {
  const longer = (file: File): File => ({ ...file, metadata: [["general.name", { type: "string", value: "x".repeat(more) }], ...file.metadata] });
  const bytes = build(longer(SENTENCE_PIECE));
  const gguf = parsed(bytes);
  const mended = Buffer.concat([withoutSpacePrefix(bytes, gguf), bytes.subarray(gguf.dataOffset)]);
  expect(mended.equals(build(longer(said(0))))).toBe(true);
  const { metadataEnd: _a, listEnd: _b, dataOffset, dataEnd, ...same } = parsed(mended);
  expect(same).toEqual({ ...gguf, saysSpacePrefix: true, metadataEnd: undefined, listEnd: undefined, dataOffset: undefined, dataEnd: undefined });
  expect(dataEnd - dataOffset).toBe(gguf.dataEnd - gguf.dataOffset);
});

test("only a Gemma with SentencePiece that does not say it lacks it", () => {
  const other = (name: string, value: string): File => ({
    ...SENTENCE_PIECE,
    metadata: SENTENCE_PIECE.metadata.map((entry) => (entry[0] === name ? [name, { type: "string", value }] : entry)),
  });
  expect(lacksSpacePrefix(parsed(build(SENTENCE_PIECE)))).toBe(true);
  for (const file of [said(0), said(1), WHOLE, other("general.architecture", "llama"), other("tokenizer.ggml.model", "gpt2")])
    expect(lacksSpacePrefix(parsed(build(file)))).toBe(false);
});
