/**
 * Checks the header of a GGUF file before any loader sees the file: pure, on bytes. It refuses what llama.cpp's
 * own reader refuses, and says why. Source: docs/gguf.md and src/gguf.cpp of ggml-org/ggml (read, not copied).
 */
import { GgufReader, MoreNeeded, Refusal } from "./gguf-reader.ts";
import {
  ARRAY_VALUE,
  BOOL_VALUE,
  FILE_TYPES,
  STRING_VALUE,
  TENSOR_DIMENSIONS,
  TENSOR_NAME_BYTES,
  TENSOR_TYPES,
  UINT32_VALUE,
  VALUE_BYTES,
} from "./gguf-types.ts";

export interface Gguf {
  readonly version: number;
  readonly architecture: string;
  /** What `general.file_type` says if the tensors bear it out, else the type that takes the most bytes. */
  readonly quantization: string;
  readonly tensors: number;
  /** Number of tensors by type. */
  readonly types: Readonly<Record<string, number>>;
  /** The kind of tokenizer, "llama" for SentencePiece; null where it names none. */
  readonly tokenizer: string | null;
  /** Whether it says if a space goes in front of a text. */
  readonly saysSpacePrefix: boolean;
  readonly alignment: number;
  /** The first byte after the metadata, and after the list of tensors. */
  readonly metadataEnd: number;
  readonly listEnd: number;
  /** Where the tensors' data begins, and the first byte after it. */
  readonly dataOffset: number;
  readonly dataEnd: number;
}

/** `moreBytes`: the header goes on beyond `head`; ask again with at least so many bytes of the file. */
export type GgufResult = { readonly gguf: Gguf } | { readonly refused: string } | { readonly moreBytes: number };

const MAGIC = 0x46554747;
const COUNT_LIMIT = 65_536;
/** A vocabulary has 256,000 texts and twice as many merges. */
const TEXTS_LIMIT = 4 * 1024 * 1024;
const KEY_BYTES = 65_535;
const STRING_BYTES = 16 * 1024 * 1024;
const ALIGNMENT_LIMIT = 1024 * 1024;
const DEFAULT_ALIGNMENT = 32;
export const SPACE_PREFIX = "tokenizer.ggml.add_space_prefix";

export function parseGguf(head: Uint8Array, fileBytes: number): GgufResult {
  try {
    return { gguf: read(new GgufReader(head, fileBytes)) };
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.message };
    if (error instanceof MoreNeeded) return { moreBytes: error.bytes };
    throw error;
  }
}

/** Null when it is what was exported, else the reason why it is not. */
export function mismatch(gguf: Gguf, expected: { readonly architecture: string; readonly tensors: number }): string | null {
  if (gguf.architecture !== expected.architecture) return `its architecture is ${gguf.architecture} instead of ${expected.architecture}`;
  if (gguf.tensors !== expected.tensors) return `it holds ${gguf.tensors} tensors instead of ${expected.tensors}`;
  return null;
}

function read(reader: GgufReader): Gguf {
  if (reader.uint32("the magic") !== MAGIC) throw new Refusal("it does not begin with GGUF");
  const version = reader.uint32("the version");
  if (version === 0x02000000 || version === 0x03000000) throw new Refusal("it was written in the other byte order");
  if (version !== 2 && version !== 3) throw new Refusal(`its version is ${version}, and only 2 and 3 are known`);
  // A tensor takes at least 32 bytes: length, name, dimensions, one size, type, offset. A pair takes 13.
  const tensors = limited("tensors", reader.count("tensors", 32));
  const pairs = limited("metadata entries", reader.count("metadata entries", 13));
  if (tensors === 0) throw new Refusal("it holds no tensors");
  const metadata = readMetadata(reader, pairs);
  const metadataEnd = reader.position;
  const alignment = alignmentOf(metadata);
  const infos = readTensors(reader, tensors, alignment);
  const listEnd = reader.position;
  const dataOffset = align(listEnd, alignment);
  const dataEnd = dataOffset + infos.bytes;
  if (dataEnd > reader.fileBytes) throw new Refusal(`it is truncated: its tensors end at byte ${dataEnd}, the file at byte ${reader.fileBytes}`);
  const architecture = metadata.get("general.architecture")?.value;
  if (typeof architecture !== "string" || architecture === "") throw new Refusal("it does not name its architecture");
  const types = Object.fromEntries([...infos.types].map(([name, { count }]) => [name, count]));
  const quantization = quantizationOf(metadata, infos.types);
  const tokenizer = metadata.get("tokenizer.ggml.model")?.value;
  const spaces = { tokenizer: typeof tokenizer === "string" ? tokenizer : null, saysSpacePrefix: metadata.has(SPACE_PREFIX) };
  return { version, architecture, quantization, tensors, types, ...spaces, alignment, metadataEnd, listEnd, dataOffset, dataEnd };
}

function limited(what: string, count: number): number {
  if (count > COUNT_LIMIT) throw new Refusal(`it claims ${count} ${what}, more than the ${COUNT_LIMIT} allowed`);
  return count;
}

const WANTED: ReadonlySet<string> = new Set(["general.architecture", "general.alignment", "general.file_type", "tokenizer.ggml.model"]);

/** Values nobody asks for are walked over and checked, never kept: a vocabulary is megabytes, and a forged file may hold as many texts as it likes. */
type Metadata = ReadonlyMap<string, { readonly type: number; readonly value: string | number | null }>;

function readMetadata(reader: GgufReader, pairs: number): Metadata {
  const metadata = new Map<string, { type: number; value: string | number | null }>();
  for (let index = 0; index < pairs; index += 1) {
    const key = reader.string(`key ${index + 1} of the metadata`, KEY_BYTES);
    if (key === "") throw new Refusal(`key ${index + 1} of the metadata is empty`);
    if (metadata.has(key)) throw new Refusal(`the metadata key ${shown(key)} stands twice`);
    const type = reader.uint32(`the type of ${shown(key)}`);
    const value = readValue(reader, type, shown(key));
    metadata.set(key, { type, value: WANTED.has(key) ? value : null });
  }
  return metadata;
}

function readValue(reader: GgufReader, type: number, key: string): string | number | null {
  if (type === STRING_VALUE) return reader.string(`the value of ${key}`, STRING_BYTES);
  if (type === UINT32_VALUE) return reader.uint32(`the value of ${key}`);
  if (type === ARRAY_VALUE) return skipArray(reader, key);
  const bytes = VALUE_BYTES[type];
  if (bytes === undefined) throw new Refusal(`the value of ${key} has the unknown type ${type}`);
  if (type === BOOL_VALUE && reader.uint8(`the value of ${key}`) > 1) throw new Refusal(`the value of ${key} is neither true nor false`);
  else if (type !== BOOL_VALUE) reader.take(bytes, `the value of ${key}`);
  return null;
}

function skipArray(reader: GgufReader, key: string): null {
  const type = reader.uint32(`the type of the list ${key}`);
  if (type === ARRAY_VALUE) throw new Refusal(`${key} is a list of lists`);
  const bytes = type === STRING_VALUE ? 8 : VALUE_BYTES[type];
  if (bytes === undefined) throw new Refusal(`the list ${key} has the unknown type ${type}`);
  const count = reader.count(`values in the list ${key}`, bytes);
  if (type === STRING_VALUE && count > TEXTS_LIMIT) throw new Refusal(`the list ${key} claims ${count} texts, more than the ${TEXTS_LIMIT} allowed`);
  if (type !== STRING_VALUE) reader.take(count * bytes, `the list ${key}`);
  else for (let index = 0; index < count; index += 1) reader.skipString(`value ${index + 1} of the list ${key}`);
  return null;
}

function alignmentOf(metadata: Metadata): number {
  const entry = metadata.get("general.alignment");
  if (entry === undefined) return DEFAULT_ALIGNMENT;
  const { type, value } = entry;
  const isPowerOfTwo = typeof value === "number" && value > 0 && value <= ALIGNMENT_LIMIT && (value & (value - 1)) === 0;
  if (type !== UINT32_VALUE || !isPowerOfTwo) throw new Refusal(`its alignment ${JSON.stringify(value)} is not a power of two up to ${ALIGNMENT_LIMIT}`);
  return value;
}

type TypeCounts = Map<string, { count: number; bytes: number }>;

/** `bytes`: length of the data section up to the last tensor's last byte. */
function readTensors(reader: GgufReader, tensors: number, alignment: number): { bytes: number; types: TypeCounts } {
  const names = new Set<string>();
  const types: TypeCounts = new Map();
  let end = 0;
  for (let index = 0; index < tensors; index += 1) {
    const name = reader.string(`the name of tensor ${index + 1}`, TENSOR_NAME_BYTES);
    if (name === "") throw new Refusal(`tensor ${index + 1} has no name`);
    if (names.has(name)) throw new Refusal(`the tensor ${shown(name)} stands twice`);
    names.add(name);
    const { type, bytes } = readShape(reader, shown(name));
    const offset = reader.uint64(`the offset of ${shown(name)}`);
    const expected = align(end, alignment);
    if (offset % alignment !== 0) throw new Refusal(`the offset ${offset} of ${shown(name)} is not a multiple of ${alignment}`);
    if (offset + bytes > reader.fileBytes) throw new Refusal(`the tensor ${shown(name)} lies beyond the end of the file`);
    if (offset !== expected) throw new Refusal(`the tensor ${shown(name)} begins at ${offset} instead of ${expected}`);
    end = offset + bytes;
    const known = types.get(type) ?? { count: 0, bytes: 0 };
    types.set(type, { count: known.count + 1, bytes: known.bytes + bytes });
  }
  return { bytes: end, types };
}

function readShape(reader: GgufReader, name: string): { type: string; bytes: number } {
  const dimensions = reader.uint32(`the number of dimensions of ${name}`);
  if (dimensions < 1 || dimensions > TENSOR_DIMENSIONS) throw new Refusal(`the tensor ${name} has ${dimensions} dimensions`);
  const shape: number[] = [];
  for (let index = 0; index < dimensions; index += 1) shape.push(reader.uint64(`a size of ${name}`));
  const number = reader.uint32(`the type of ${name}`);
  const type = TENSOR_TYPES[number];
  if (!type) throw new Refusal(`the tensor ${name} has the unknown type ${number}`);
  const row = shape[0] ?? 0;
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements < 1 || elements > Number.MAX_SAFE_INTEGER) throw new Refusal(`the tensor ${name} has the impossible shape ${shape.join(" × ")}`);
  if (row % type.blockElements !== 0) throw new Refusal(`rows of ${row} in ${name} do not divide into ${type.name} blocks of ${type.blockElements}`);
  return { type: type.name, bytes: (elements / type.blockElements) * type.blockBytes };
}

function quantizationOf(metadata: Metadata, types: TypeCounts): string {
  const named = FILE_TYPES[Number(metadata.get("general.file_type")?.value ?? -1)];
  // Q4_K_M is made of Q4_K tensors. A file whose rows could not be K-quantised still calls itself Q4_K_M.
  if (named && types.has(named.replace(/_[SML]$/, ""))) return named;
  return [...types].sort((a, b) => b[1].bytes - a[1].bytes)[0]?.[0] ?? "unknown";
}

export function align(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
