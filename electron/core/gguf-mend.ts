/**
 * Ollama 0.24 converts a SentencePiece tokenizer without its word on the space in front of a text. llama.cpp then takes one for granted, also
 * behind every control token: `<start_of_turn>user` becomes other tokens than in training. The entry that is missing is put into the header.
 */
import { align, type Gguf, SPACE_PREFIX } from "./gguf.ts";
import { BOOL_VALUE } from "./gguf-types.ts";

/** Gemma's tokenizer puts no space in front of anything (`add_dummy_prefix` is off). */
export function lacksSpacePrefix({ architecture, tokenizer, saysSpacePrefix }: Gguf): boolean {
  return architecture.startsWith("gemma") && tokenizer === "llama" && !saysSpacePrefix;
}

const COUNT_AT = 16;

/** `head`: at least all bytes before the tensors' data. Returns all bytes before it in the mended file. */
export function withoutSpacePrefix(head: Uint8Array, { metadataEnd, listEnd, alignment }: Gguf): Uint8Array {
  const entry = boolEntry(SPACE_PREFIX, false);
  const length = listEnd + entry.length;
  const mended = new Uint8Array(align(length, alignment));
  mended.set(head.subarray(0, metadataEnd), 0);
  mended.set(entry, metadataEnd);
  mended.set(head.subarray(metadataEnd, listEnd), metadataEnd + entry.length);
  const count = new DataView(mended.buffer, COUNT_AT, 8);
  count.setBigUint64(0, count.getBigUint64(0, true) + 1n, true);
  return mended;
}

/** Length and bytes of the key, the value's type, the value. */
function boolEntry(key: string, value: boolean): Uint8Array {
  const bytes = new Uint8Array(8 + key.length + 4 + 1);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(key.length), true);
  for (let index = 0; index < key.length; index += 1) bytes[8 + index] = key.charCodeAt(index);
  view.setUint32(8 + key.length, BOOL_VALUE, true);
  bytes[12 + key.length] = value ? 1 : 0;
  return bytes;
}
