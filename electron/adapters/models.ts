/** Base models in `home/models` (Hugging Face's cache layout), and what they take of the disk. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { HeldModel } from "../core/jobs.ts";

const FOLDER = /^models--([^/]+?)--([^/]+)$/;
/** Folders within a repository of the cache: blobs, refs, snapshots and their revisions. */
const MOST_ENTRIES = 10_000;

export function heldModels(folder: string): readonly HeldModel[] {
  return readdirSync(folder).flatMap((name) => {
    const [, organisation, model] = FOLDER.exec(name) ?? [];
    if (!organisation || !model) return [];
    const repository = join(folder, name);
    return [{ source: `${organisation}/${model}`, whole: isWhole(repository), bytes: blobBytes(join(repository, "blobs")) }];
  });
}

export function modelFolder(models: string, source: string): string {
  return join(models, `models--${source.replace("/", "--")}`);
}

/** As trainer/model/snapshot.py sees it: nothing but a finished download writes `refs/main`, and every link leads somewhere. */
function isWhole(repository: string): boolean {
  try {
    const revision = readFileSync(join(repository, "refs", "main"), "utf8").trim();
    const snapshot = join(repository, "snapshots", revision);
    return /^[0-9a-z]+$/i.test(revision) && readdirSync(snapshot).every((file) => existsSync(join(snapshot, file)));
  } catch {
    return false;
  }
}

function blobBytes(blobs: string): number {
  try {
    return readdirSync(blobs)
      .slice(0, MOST_ENTRIES)
      .reduce((sum, name) => sum + statSync(join(blobs, name)).size, 0);
  } catch {
    return 0;
  }
}
