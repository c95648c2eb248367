/** The candidate's GGUF, copied out of Ollama's blobs and verified: its hash is its blob's name, its header is what was exported, mended where it lacks a word. */
import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { EventBody } from "../../core/events.ts";
import { fault } from "../../core/faults.ts";
import { type Gguf, mismatch, parseGguf } from "../../core/gguf.ts";
import { lacksSpacePrefix, withoutSpacePrefix } from "../../core/gguf-mend.ts";
import { parseBlob } from "../../core/ollama-reply.ts";
import { syncFolder } from "../files.ts";
import { type Client, call, refused } from "./client.ts";
import type { Pacer } from "./progress.ts";

const PIECE_BYTES = 1024 * 1024;
/** A vocabulary of 256,000 pieces with its merges is about 20 MB; what is read is walked over in one go, and the engine waits for it. */
const HEADER_BYTES = 64 * 1024 * 1024;

export interface CopyInput {
  readonly candidate: string;
  readonly ggufPath: string;
  readonly expected: { readonly architecture: string; readonly tensors: number };
}

export interface CopiedOut {
  readonly written: Extract<EventBody, { type: "gguf-written" }>;
  /** It is no longer the file that Ollama has. */
  readonly isMended: boolean;
}

export async function* copyOut(client: Client, input: CopyInput, pacer: Pacer, signal: AbortSignal): AsyncGenerator<EventBody, CopiedOut> {
  const reply = await call(client, { method: "POST", path: "/api/show", body: { model: input.candidate } }, "quick", signal);
  if (reply.status !== 200) throw refused("show the new model", reply);
  const blob = parseBlob(reply.text);
  if (blob === null)
    throw fault("ollama.blobs", "Ollama does not say where the new model's file is.", "The model works in Ollama; update Ollama to get the file too.");
  const partial = `${input.ggufPath}.partial`;
  await mkdir(dirname(input.ggufPath), { recursive: true });
  try {
    const { bytes, sha256, isMended } = yield* copy(blob, partial, pacer, signal);
    const gguf = await readGguf(partial);
    const reason = typeof gguf === "string" ? gguf : mismatch(gguf, input.expected);
    if (typeof gguf === "string" || reason !== null) throw damaged(reason ?? "");
    await rename(partial, input.ggufPath);
    syncFolder(input.ggufPath);
    const { tensors, architecture, quantization } = gguf;
    return { written: { type: "gguf-written", path: input.ggufPath, bytes, sha256, tensors, architecture, quantization }, isMended };
  } finally {
    await rm(partial, { force: true });
  }
}

/** Why the file at `path` is no GGUF to hand on, or its header. */
export async function readGguf(path: string): Promise<Gguf | string> {
  const file = await open(path, "r");
  try {
    const found = await readHeader(file);
    return typeof found === "string" ? found : found.gguf;
  } finally {
    await file.close();
  }
}

async function readHeader(file: FileHandle): Promise<{ gguf: Gguf; head: Uint8Array } | string> {
  const { size } = await file.stat();
  for (let wanted = PIECE_BYTES; wanted <= HEADER_BYTES; ) {
    const head = Buffer.alloc(Math.min(wanted, size));
    await file.read(head, 0, head.length, 0);
    const result = parseGguf(head, size);
    if ("gguf" in result) return { gguf: result.gguf, head };
    if ("refused" in result) return result.refused;
    wanted = Math.max(result.moreBytes, wanted * 2);
  }
  return `its header is longer than ${HEADER_BYTES} bytes`;
}

interface Copied {
  readonly bytes: number;
  readonly sha256: string;
  readonly isMended: boolean;
}

/** The header that takes the place of the first `replaces` bytes; null: the file is taken as it is, and judged once it is here. */
async function mendedHead(source: FileHandle): Promise<{ bytes: Uint8Array; replaces: number } | null> {
  const found = await readHeader(source);
  if (typeof found === "string" || !lacksSpacePrefix(found.gguf)) return null;
  return { bytes: withoutSpacePrefix(found.head, found.gguf), replaces: found.gguf.dataOffset };
}

async function* copy(blob: { path: string; sha256: string }, to: string, pacer: Pacer, signal: AbortSignal): AsyncGenerator<EventBody, Copied> {
  const source = await openBlob(blob.path);
  try {
    const totalBytes = (await source.stat()).size;
    const head = await mendedHead(source);
    const target = await open(to, "w", 0o644);
    try {
      const [theirs, ours] = [createHash("sha256"), createHash("sha256")];
      let [doneBytes, bytes] = [0, 0];
      const write = async (piece: Uint8Array) => {
        await writeAll(target, piece);
        ours.update(piece);
        bytes += piece.length;
      };
      if (head) await write(head.bytes);
      for await (const piece of source.createReadStream({ start: 0, highWaterMark: PIECE_BYTES, autoClose: false }) as AsyncIterable<Buffer>) {
        signal.throwIfAborted();
        theirs.update(piece);
        await write(piece.subarray(Math.min(piece.length, Math.max(0, (head?.replaces ?? 0) - doneBytes))));
        doneBytes += piece.length;
        yield* pacer.report("copy", doneBytes, totalBytes);
      }
      if (theirs.digest("hex") !== blob.sha256) throw damaged("its content does not match its name in Ollama");
      await target.sync();
      yield pacer.finish("copy", totalBytes);
      return { bytes, sha256: ours.digest("hex"), isMended: head !== null };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function openBlob(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, "r");
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch {
    // Told below: why it cannot be read matters less than what to do.
  }
  throw fault(
    "ollama.blobs",
    "The new model is in Ollama, but its file belongs to another user and cannot be copied.",
    `Run Ollama as yourself, or have someone who may copy ${path}.`,
  );
}

async function writeAll(target: FileHandle, piece: Uint8Array): Promise<void> {
  try {
    await target.writeFile(piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC")
      throw fault("disk.full", "The disk is full, so the GGUF could not be written.", "Free some gigabytes, then export again.");
    throw error;
  }
}

function damaged(reason: string): Error {
  return fault("ollama.gguf", `The GGUF that Ollama made cannot be used: ${reason}.`, "Export again; if it comes back, restart Ollama first.");
}
