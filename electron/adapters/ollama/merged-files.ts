/** The merged model's files: only plain files that stand in the folder itself, and how many tensors they hold. */
import { type FileHandle, lstat, open } from "node:fs/promises";
import { join } from "node:path";
import { fault } from "../../core/faults.ts";
import { isPlainFileName, isUploaded } from "../../core/ollama-request.ts";

export interface MergedFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

const HEADER_BYTES = 64 * 1024 * 1024;
const MERGE_AGAIN = "Run the export again; the model is merged anew from the last checkpoint.";

export async function listMerged(folder: string, names: readonly string[]): Promise<readonly MergedFile[]> {
  const files: MergedFile[] = [];
  for (const name of names) {
    if (!isPlainFileName(name))
      throw fault("ollama.files", `The merged model names a file that is not in its folder: ${JSON.stringify(name.slice(0, 80))}.`, MERGE_AGAIN);
    if (!isUploaded(name)) continue;
    const path = join(folder, name);
    const stat = await lstat(path).catch(() => null);
    if (!stat?.isFile()) throw fault("ollama.files", `The merged model's file ${name} is missing.`, MERGE_AGAIN);
    files.push({ name, path, bytes: stat.size });
  }
  if (!files.some((file) => file.name.endsWith(".safetensors"))) throw fault("ollama.files", "The merged model has no weights.", MERGE_AGAIN);
  return files;
}

/** Counts what the safetensors headers name. Format: 8 bytes length, little-endian, then JSON {tensor: …, "__metadata__"?: …}. */
export async function countTensors(files: readonly MergedFile[]): Promise<number> {
  const names = new Set<string>();
  for (const { name, path, bytes } of files) {
    if (!name.endsWith(".safetensors")) continue;
    const file = await open(path, "r");
    try {
      for (const tensor of await readNames(file, bytes)) names.add(tensor);
    } catch {
      throw fault("ollama.files", `The merged model's file ${name} is damaged.`, MERGE_AGAIN);
    } finally {
      await file.close();
    }
  }
  names.delete("__metadata__");
  return names.size;
}

async function readNames(file: FileHandle, fileBytes: number): Promise<readonly string[]> {
  const head = Buffer.alloc(8);
  await file.read(head, 0, 8, 0);
  const length = head.readBigUInt64LE();
  if (length < 2n || length > HEADER_BYTES || Number(length) + 8 > fileBytes) throw new Error("impossible header length");
  const header = Buffer.alloc(Number(length));
  await file.read(header, 0, header.length, 8);
  return Object.keys(JSON.parse(header.toString("utf8")) as object);
}
