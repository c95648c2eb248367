/** Looking into a model: the text it gets for a question, what it goes on with behind a text, and its answer as it comes. */
import { parseChatPiece, parseContinuation, parseRendered, parseTemplate } from "../../core/ollama-reply.ts";
import { chatBody, continueBody, renderBodies } from "../../core/ollama-request.ts";
import type { Continuation, Continue } from "../../core/ports.ts";
import { type Client, call, callQuick, failed, refused, unreadable } from "./client.ts";
import { Exchange } from "./http.ts";

export async function continueText(client: Client, name: string, what: Continue, signal: AbortSignal): Promise<Continuation> {
  const reply = await call(client, { method: "POST", path: "/api/generate", body: continueBody(name, what) }, "ask", signal);
  if (reply.status !== 200) throw refused(`go on with a text as ${name}`, reply);
  const parsed = parseContinuation(reply.text);
  if (parsed === null) throw unreadable();
  return parsed;
}

export async function renderQuestion(client: Client, name: string, question: string, signal: AbortSignal): Promise<readonly string[] | null> {
  const texts: string[] = [];
  for (const [path, body] of renderBodies(name, question)) {
    const reply = await call(client, { method: "POST", path, body }, "ask", signal);
    if (reply.status !== 200) throw refused(`show what ${name} is asked`, reply);
    const rendered = parseRendered(reply.text);
    if (rendered === null) return null;
    texts.push(rendered);
  }
  return texts;
}

export async function readTemplate(client: Client, name: string): Promise<{ template: string; system: string }> {
  const reply = await callQuick(client, { method: "POST", path: "/api/show", body: { model: name } });
  if (reply.status !== 200) throw refused(`show ${name}`, reply);
  const parsed = parseTemplate(reply.text);
  if (parsed === null) throw unreadable();
  return parsed;
}

/** Pieces of the answer as they come. */
export async function* chatPieces(client: Client, name: string, question: string, signal: AbortSignal): AsyncGenerator<string> {
  const exchange = new Exchange(client.endpoint, { method: "POST", path: "/api/chat", body: chatBody(name, question) }, client.limits.ask, signal);
  try {
    const status = await exchange.status();
    if (status !== 200) throw refused(`answer as ${name}`, { status, text: await exchange.text() });
    for await (const line of exchange.lines()) {
      const piece = parseChatPiece(line);
      if (piece === null) throw unreadable();
      if ("error" in piece) throw failed(`answer as ${name}`, piece.error);
      if (piece.text !== "") yield piece.text;
      if (piece.done) return;
    }
    throw failed(`answer as ${name}`, "it stopped before the end");
  } finally {
    exchange.close();
  }
}
