/** A model from a GGUF that was exported before: its blob goes up again where Ollama has let it go. */
import { stat } from "node:fs/promises";
import { fault } from "../../core/faults.ts";
import { parseCreateStatus } from "../../core/ollama-reply.ts";
import { ggufBody } from "../../core/ollama-request.ts";
import type { GgufModel } from "../../core/ports.ts";
import { type Client, failed, refused, unreadable } from "./client.ts";
import { Exchange } from "./http.ts";
import { Pacer } from "./progress.ts";
import { uploadFiles } from "./upload.ts";

export async function makeFromGguf(client: Client, model: GgufModel, signal: AbortSignal): Promise<void> {
  const found = await stat(model.path).catch(() => null);
  if (!found?.isFile()) throw fault("run.gguf-gone", "The exported model is no longer where it was written.", "Export it anew with: thortime export.");
  const file = { name: "model.gguf", path: model.path, bytes: found.size };
  // Ollama holds what is sent against this hash itself: a file changed since is refused there.
  const digest = `sha256:${model.sha256}`;
  for await (const _progress of uploadFiles(client, [file], { [file.name]: digest }, new Pacer(), signal)) signal.throwIfAborted();
  const exchange = new Exchange(client.endpoint, { method: "POST", path: "/api/create", body: ggufBody(model, digest) }, client.limits.create, signal);
  try {
    const status = await exchange.status();
    if (status !== 200) throw refused("make the model", { status, text: await exchange.text() });
    let succeeded = false;
    for await (const line of exchange.lines()) {
      const said = parseCreateStatus(line);
      if ("unreadable" in said) throw unreadable();
      if ("error" in said) throw failed("make the model", said.error);
      succeeded = said.status === "success";
    }
    if (!succeeded) throw failed("make the model", "it stopped before the end");
  } finally {
    exchange.close();
  }
}
