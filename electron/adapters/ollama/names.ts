/** Moving names: `candidate` becomes `name:latest`, what stood there `name:prev`. Each step can be done again after a kill. */
import { fault } from "../../core/faults.ts";
import { parseTags } from "../../core/ollama-reply.ts";
import { type Client, callQuick, refused, unreadable } from "./client.ts";

export async function promoteCandidate(client: Client, candidate: string, name: string): Promise<{ previous: string | null; digest: string }> {
  const [latest, previous] = [`${name}:latest`, `${name}:prev`];
  const before = await listTags(client);
  const wanted = before.get(candidate.toLowerCase());
  if (wanted === undefined) throw fault("ollama.no-candidate", `The new model ${candidate} is no longer in Ollama.`, "Export the run again, then deploy it.");
  const serving = before.get(latest.toLowerCase());
  // Once the new model serves, what is kept as previous is right already: copying again would lose it.
  if (serving !== undefined && serving !== wanted) await copyName(client, latest, previous);
  if (serving !== wanted) await copyName(client, candidate, latest);
  const after = await listTags(client);
  if (after.get(latest.toLowerCase()) !== wanted) throw fault("ollama.failed", `Ollama did not keep ${latest} as it was told.`, "Deploy again.");
  await discardPromoted(client, candidate, name, after);
  return { previous: after.has(previous.toLowerCase()) ? previous : null, digest: wanted };
}

/** A name that is not there is fine: then it is gone already. */
export async function deleteName(client: Client, name: string): Promise<void> {
  const reply = await callQuick(client, { method: "DELETE", path: "/api/delete", body: { model: name } });
  if (reply.status !== 200 && reply.status !== 404) throw refused(`delete ${name}`, reply);
}

/** Candidates of earlier runs that a kill left behind after they were promoted: they name the same model as `latest` or `prev`. */
async function discardPromoted(client: Client, candidate: string, name: string, tags: ReadonlyMap<string, string>): Promise<void> {
  const serving = new Set([tags.get(`${name}:latest`.toLowerCase()), tags.get(`${name}:prev`.toLowerCase())]);
  for (const [tag, digest] of tags) {
    const isOther = tag.startsWith(`${name}:cand-`.toLowerCase()) && tag !== candidate.toLowerCase();
    if (isOther && serving.has(digest)) await deleteName(client, tag);
  }
}

async function listTags(client: Client): Promise<ReadonlyMap<string, string>> {
  const reply = await callQuick(client, { method: "GET", path: "/api/tags" });
  if (reply.status !== 200) throw refused("list its models", reply);
  const tags = parseTags(reply.text);
  if (tags === null) throw unreadable();
  return tags;
}

async function copyName(client: Client, source: string, destination: string): Promise<void> {
  const reply = await callQuick(client, { method: "POST", path: "/api/copy", body: { source, destination } });
  if (reply.status !== 200) throw refused(`name the model ${destination}`, reply);
}
