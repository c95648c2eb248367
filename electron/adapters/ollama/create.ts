/** Ollama converts the blobs to GGUF, quantises them and makes the candidate: one call with a stream of status lines. */
import type { EventBody } from "../../core/events.ts";
import { parseCreateStatus } from "../../core/ollama-reply.ts";
import { type CreateInput, createBody } from "../../core/ollama-request.ts";
import { type Client, failed, refused, unreadable } from "./client.ts";
import { Exchange } from "./http.ts";
import { digestOf } from "./names.ts";
import type { Pacer } from "./progress.ts";

export async function* createCandidate(
  client: Client,
  input: CreateInput,
  digests: Readonly<Record<string, string>>,
  pacer: Pacer,
  signal: AbortSignal,
): AsyncGenerator<EventBody> {
  // Said before it is asked for: after a kill, the journal knows of every candidate there may be.
  yield pacer.finish("create", 0);
  const exchange = new Exchange(client.endpoint, { method: "POST", path: "/api/create", body: createBody(input, digests) }, client.limits.create, signal);
  try {
    const status = await exchange.status();
    if (status !== 200) throw refused("make the model", { status, text: await exchange.text() });
    let succeeded = false;
    for await (const line of exchange.lines()) {
      const said = parseCreateStatus(line);
      if ("unreadable" in said) throw unreadable();
      if ("error" in said) throw failed("make the model", said.error);
      if (said.total > 0) yield* pacer.report("create", said.done, said.total);
      succeeded = said.status === "success";
    }
    if (!succeeded) throw failed("make the model", "it stopped before the end");
  } finally {
    exchange.close();
  }
}

/** The digest it has under its name. */
export async function listedDigest(client: Client, candidate: string): Promise<string> {
  const digest = await digestOf(client, candidate);
  if (digest === null) throw failed("make the model", "it says it did, but does not list it");
  return digest;
}
