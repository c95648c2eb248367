/** Static files of the built renderer: GET and HEAD, plain files inside the folder, nothing else. */
import { createReadStream, realpathSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";

export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

export interface FoundFile {
  readonly path: string;
  readonly type: string;
  readonly bytes: number;
}

/** `urlPath` as it came, undecoded: a path of ours needs no escapes, so one that has any is not ours. */
export function findFile(folder: string, urlPath: string): FoundFile | null {
  const name = urlPath === "/" ? "/index.html" : urlPath;
  if (!/^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/.test(name)) return null;
  const type = TYPES[extname(name)];
  if (type === undefined) return null;
  try {
    const path = realpathSync(join(folder, name));
    const stat = statSync(path);
    return stat.isFile() && path.startsWith(realpathSync(folder) + sep) ? { path, type, bytes: stat.size } : null;
  } catch {
    return null;
  }
}

export function serveFile(folder: string, request: IncomingMessage, response: ServerResponse): void {
  // What we refuse we do not read either.
  request.resume();
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { ...SECURITY_HEADERS, Allow: "GET, HEAD" }).end();
    return;
  }
  const file = findFile(folder, (request.url ?? "/").split("?")[0] ?? "/");
  if (!file) {
    response.writeHead(404, SECURITY_HEADERS).end();
    return;
  }
  response.writeHead(200, { ...SECURITY_HEADERS, "Content-Type": file.type, "Content-Length": file.bytes });
  if (request.method === "HEAD") response.end();
  else
    createReadStream(file.path)
      .on("error", () => response.destroy())
      .pipe(response);
}
