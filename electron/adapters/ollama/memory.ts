/** What Ollama holds in memory, and asking it to let go: a night's training needs that memory. */
import { FaultError } from "../../core/faults.ts";
import { parseError, parseLoaded } from "../../core/ollama-reply.ts";
import { unloadBody } from "../../core/ollama-request.ts";
import type { LoadedModel } from "../../core/ports.ts";
import { type Client, callQuick, refused, unreadable } from "./client.ts";

export async function listLoaded(client: Client): Promise<readonly LoadedModel[]> {
  try {
    const reply = await callQuick(client, { method: "GET", path: "/api/ps" });
    if (reply.status !== 200) throw refused("list the models in memory", reply);
    const loaded = parseLoaded(reply.text);
    if (loaded === null) throw unreadable();
    return loaded;
  } catch (error) {
    // Without Ollama nothing of it is in memory.
    if (error instanceof FaultError && error.fault.kind === "ollama.absent") return [];
    throw error;
  }
}

/** `/api/generate` refuses models that only embed; those are let go through `/api/embed`. */
export async function unloadModel(client: Client, name: string): Promise<void> {
  const reply = await callQuick(client, { method: "POST", path: "/api/generate", body: unloadBody(name) });
  if (reply.status === 200 || reply.status === 404) return;
  if (!/does not support generate/i.test(parseError(reply.text) ?? "")) throw refused(`free the memory of ${name}`, reply);
  const again = await callQuick(client, { method: "POST", path: "/api/embed", body: { ...unloadBody(name), input: [] } });
  if (again.status !== 200 && again.status !== 404) throw refused(`free the memory of ${name}`, again);
}
