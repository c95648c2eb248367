/** Models under names already given: changing their places, listing them, taking one away. Each step can be done again after a kill. */
import { stat } from "node:fs/promises";
import { fault } from "../../core/faults.ts";
import { parseBlob, parseModels } from "../../core/ollama-reply.ts";
import type { Exchange, NamedModel } from "../../core/ports.ts";
import { type Client, callQuick, refused, unreadable } from "./client.ts";
import { copyName, deleteName, listTags } from "./names.ts";

/**
 * Ollama can only copy a name over another, so `keep` gets a third name first: from there on both models have a name of their own at every
 * moment, and `latest` is always one of the two. False: one of them is gone, or a third one was deployed meanwhile, and nothing was changed.
 */
export async function swapNames(client: Client, { name, serve, keep }: Exchange): Promise<boolean> {
  const [latest, previous, aside] = [`${name}:latest`, `${name}:prev`, `${name}:thortime-undo`];
  const tags = await listTags(client);
  const at = (tag: string) => tags.get(tag.toLowerCase());
  const place = (digest: string) => [latest, previous, aside].find((tag) => at(tag) === digest);
  const [serveAt, keepAt] = [place(serve), place(keep)];
  if (serveAt === undefined || keepAt === undefined || (serveAt !== latest && keepAt !== latest)) return false;
  if (keepAt === latest) await copyName(client, latest, aside);
  if (serveAt !== latest) await copyName(client, serveAt, latest);
  if (at(previous) !== keep) await copyName(client, aside, previous);
  const after = await listTags(client);
  if (after.get(latest.toLowerCase()) !== serve || after.get(previous.toLowerCase()) !== keep)
    throw fault("ollama.failed", `Ollama did not keep ${latest} as it was told.`, `Do it again with: thortime undo ${name}.`);
  await deleteName(client, aside);
  return true;
}

export async function listModels(client: Client): Promise<readonly NamedModel[]> {
  const reply = await callQuick(client, { method: "GET", path: "/api/tags" });
  if (reply.status !== 200) throw refused("list its models", reply);
  const models = parseModels(reply.text);
  if (models === null) throw unreadable();
  return models;
}

export async function removeModel(client: Client, tag: string, digest: string): Promise<number | null> {
  if ((await listTags(client)).get(tag.toLowerCase()) !== digest)
    throw fault("ollama.no-version", `${tag} in Ollama is no longer the model it was.`, "See what there is with: thortime versions.");
  const shown = await callQuick(client, { method: "POST", path: "/api/show", body: { model: tag } });
  const blob = shown.status === 200 ? parseBlob(shown.text) : null;
  const before = blob && (await sizeOf(blob.path));
  await deleteName(client, tag);
  // Another name may hold the same file: then it stays, and nothing came free.
  if (blob === null || before === null) return null;
  return before - ((await sizeOf(blob.path)) ?? 0);
}

/** Null: it is not there, or not ours to look at. */
async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch {
    return null;
  }
}
