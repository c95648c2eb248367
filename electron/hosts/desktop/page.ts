/** The renderer's files over our own scheme, with the same guard and headers as the web host. */
import { readFileSync } from "node:fs";
import { protocol } from "electron";
import { findFile, SECURITY_HEADERS } from "../web-files.ts";
import { ORIGIN, SCHEME } from "./bridge.ts";

interface Page {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly data: Buffer;
}

/** Before the app is ready: a scheme gets its privileges only then. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

export function servePage(folder: string): void {
  if (typeof protocol.handle === "function") {
    protocol.handle(SCHEME, (request) => {
      const { status, headers, data } = answer(folder, request.method, request.url);
      return new Response(new Uint8Array(data), { status, headers });
    });
    return;
  }
  // Electron before 25 (the one the tests run under Xvfb) has only this.
  protocol.registerBufferProtocol(SCHEME, (request, reply) => {
    const { status, headers, data } = answer(folder, request.method, request.url);
    reply({ statusCode: status, headers, data, mimeType: headers["Content-Type"]?.split(";")[0] ?? "text/plain" });
  });
}

function answer(folder: string, method: string, address: string): Page {
  const refused = { status: 404, headers: { ...SECURITY_HEADERS }, data: Buffer.alloc(0) };
  if (method !== "GET" || !address.startsWith(`${ORIGIN}/`)) return refused;
  const path = address.slice(ORIGIN.length).split(/[?#]/)[0] ?? "/";
  const file = findFile(folder, path);
  if (!file) return refused;
  return { status: 200, headers: { ...SECURITY_HEADERS, "Content-Type": file.type }, data: readFileSync(file.path) };
}
