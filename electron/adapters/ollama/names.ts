/** Moving names: `candidate` becomes `name:latest`, what stood there `name:prev`. Each step can be done again after a kill. */
import { fault } from "../../core/faults.ts";
import { parseTags } from "../../core/ollama-reply.ts";
import type { Promoted, Promotion } from "../../core/ports.ts";
import { type Client, callQuick, refused, unreadable } from "./client.ts";

export type Tags = ReadonlyMap<string, string>;

export async function promoteCandidate(client: Client, promotion: Promotion): Promise<Promoted> {
  const { candidate, name, digest: wanted } = promotion;
  const [latest, previous] = [`${name}:latest`, `${name}:prev`];
  const before = await listTags(client);
  const found = before.get(candidate.toLowerCase());
  if (found === undefined) throw noCandidate(`The new model ${candidate} is no longer in Ollama.`);
  if (found !== wanted) throw noCandidate(`The model ${candidate} in Ollama is no longer the one that was tested.`);
  const serving = before.get(latest.toLowerCase());
  let kept: string | null = null;
  // Once the new model serves, what is kept as previous is right already: copying again would lose it.
  if (serving !== undefined && serving !== wanted) {
    kept = await keepOwn(client, promotion, before);
    await copyName(client, latest, previous);
  }
  if (serving !== wanted) await copyName(client, candidate, latest);
  const after = await listTags(client);
  if (after.get(latest.toLowerCase()) !== wanted) throw fault("ollama.failed", `Ollama did not keep ${latest} as it was told.`, "Deploy again.");
  await discardPromoted(client, candidate, name, after);
  return { previous: after.has(previous.toLowerCase()) ? previous : null, kept };
}

export function noCandidate(message: string): Error {
  return fault("ollama.no-candidate", message, "Resume the run, or deploy it again: it is exported anew.");
}

export async function digestOf(client: Client, name: string): Promise<string | null> {
  return (await listTags(client)).get(name.toLowerCase()) ?? null;
}

/** A name that is not there is fine: then it is gone already. */
export async function deleteName(client: Client, name: string): Promise<void> {
  const reply = await callQuick(client, { method: "DELETE", path: "/api/delete", body: { model: name } });
  if (reply.status !== 200 && reply.status !== 404) throw refused(`delete ${name}`, reply);
}

/** A person's own model under `:prev`, known by no other name, would be lost when the next one is put there: it gets a name that is never reused. */
async function keepOwn(client: Client, { name, ours, candidate }: Promotion, tags: Tags): Promise<string | null> {
  const previous = `${name}:prev`.toLowerCase();
  const digest = tags.get(previous);
  if (digest === undefined || ours.has(digest)) return null;
  const kept = `${name}:kept-${digest.replace(/^sha256:/, "").slice(0, 12)}`;
  const elsewhere = [...tags].some(([tag, other]) => other === digest && tag !== previous && tag !== candidate.toLowerCase());
  if (elsewhere) return tags.get(kept.toLowerCase()) === digest ? kept : null;
  await copyName(client, `${name}:prev`, kept);
  return kept;
}

/** Candidates of earlier runs that a kill left behind after they were promoted: they name the same model as `latest` or `prev`. */
async function discardPromoted(client: Client, candidate: string, name: string, tags: Tags): Promise<void> {
  const serving = new Set([tags.get(`${name}:latest`.toLowerCase()), tags.get(`${name}:prev`.toLowerCase())]);
  for (const [tag, digest] of tags) {
    const isOther = tag.startsWith(`${name}:cand-`.toLowerCase()) && tag !== candidate.toLowerCase();
    if (isOther && serving.has(digest)) await deleteName(client, tag);
  }
}

export async function listTags(client: Client): Promise<Tags> {
  const reply = await callQuick(client, { method: "GET", path: "/api/tags" });
  if (reply.status !== 200) throw refused("list its models", reply);
  const tags = parseTags(reply.text);
  if (tags === null) throw unreadable();
  return tags;
}

export async function copyName(client: Client, source: string, destination: string): Promise<void> {
  const reply = await callQuick(client, { method: "POST", path: "/api/copy", body: { source, destination } });
  if (reply.status !== 200) throw refused(`name the model ${destination}`, reply);
}
