/** The merged files become Ollama's blobs: hashed, then sent if they are not there already. Never more than a piece in memory. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { fault } from "../../core/faults.ts";
import { type Client, call, failed, refused } from "./client.ts";
import { Exchange } from "./http.ts";
import type { MergedFile } from "./merged-files.ts";
import type { Pacer, Progress } from "./progress.ts";

const PIECE_BYTES = 1024 * 1024;

/** Returns file name → `sha256:…`. */
export async function* hashFiles(files: readonly MergedFile[], pacer: Pacer, signal: AbortSignal): AsyncGenerator<Progress, Record<string, string>> {
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const digests: Record<string, string> = {};
  let doneBytes = 0;
  for (const file of files) {
    const hash = createHash("sha256");
    for await (const piece of createReadStream(file.path, { highWaterMark: PIECE_BYTES })) {
      signal.throwIfAborted();
      hash.update(piece as Buffer);
      doneBytes += (piece as Buffer).length;
      yield* pacer.report("hash", doneBytes, totalBytes);
    }
    digests[file.name] = `sha256:${hash.digest("hex")}`;
  }
  yield pacer.finish("hash", totalBytes);
  return digests;
}

export async function* uploadFiles(
  client: Client,
  files: readonly MergedFile[],
  digests: Readonly<Record<string, string>>,
  pacer: Pacer,
  signal: AbortSignal,
): AsyncGenerator<Progress> {
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  let before = 0;
  for (const file of files) {
    const digest = digests[file.name] ?? "";
    // A blob that is there must not be sent again: Ollama answers without reading, and the connection breaks.
    if (!(await hasBlob(client, digest, signal))) {
      for await (const sent of uploadFile(client, file, digest, signal)) yield* pacer.report("upload", before + sent, totalBytes);
    }
    before += file.bytes;
  }
  yield pacer.finish("upload", totalBytes);
}

async function hasBlob(client: Client, digest: string, signal: AbortSignal): Promise<boolean> {
  const reply = await call(client, { method: "HEAD", path: `/api/blobs/${digest}` }, "quick", signal);
  if (reply.status === 200) return true;
  if (reply.status === 404) return false;
  throw refused("say which parts of the model it has", reply);
}

/** Yields the bytes sent so far. */
async function* uploadFile(client: Client, file: MergedFile, digest: string, signal: AbortSignal): AsyncGenerator<number> {
  const exchange = new Exchange(client.endpoint, { method: "POST", path: `/api/blobs/${digest}`, streamBytes: file.bytes }, client.limits.upload, signal);
  try {
    let sent = 0;
    // `end` keeps a file that grows meanwhile from sending more than was promised.
    for await (const piece of createReadStream(file.path, { highWaterMark: PIECE_BYTES, ...(file.bytes > 0 ? { end: file.bytes - 1 } : {}) })) {
      sent += (piece as Buffer).length;
      if (!(await exchange.write(piece as Buffer))) break;
      yield sent;
    }
    if (sent < file.bytes && !exchange.hasReply)
      throw fault("ollama.files", `The merged model's file ${file.name} became shorter while it was sent.`, "Run the export again.");
    exchange.endBody();
    const reply = { status: await exchange.status(), text: await exchange.text() };
    if (reply.status === 200 || reply.status === 201) return;
    if (reply.text.includes("digest mismatch")) throw failed("take the model", `${file.name} changed while it was sent`);
    throw refused("take the model", reply);
  } finally {
    exchange.close();
  }
}
