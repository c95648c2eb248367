/** Row 45 (and 39, 43, 44 where they meet the web): nothing on this machine's loopback reaches the api or a file without Host, Origin and token. */
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { serveWeb, type WebServer } from "../../electron/hosts/web.ts";
import { FakeApi } from "./fake-api.ts";

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const api = new FakeApi();
let server: WebServer;
let folder: string;

beforeAll(async () => {
  const base = mkdtempSync(join(tmpdir(), "thortime-web-"));
  folder = join(base, "renderer");
  mkdirSync(join(folder, "assets"), { recursive: true });
  writeFileSync(join(base, "secret.txt"), "secret");
  writeFileSync(join(folder, "index.html"), "<!doctype html>hello");
  writeFileSync(join(folder, "assets", "index.js"), "1");
  writeFileSync(join(folder, "assets", "notes.unknown"), "1");
  symlinkSync(join(base, "secret.txt"), join(folder, "assets", "link.txt"));
  server = await serveWeb({ api, folder, port: 0 });
});

afterAll(async () => {
  await server.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** Raw: fetch would correct paths and refuse to forge Host. */
function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all = { Host: `127.0.0.1:${server.port}`, ...headers };
    const asked = request({ host: "127.0.0.1", port: server.port, path, method, headers: all, setHost: false }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += String(chunk);
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

describe("row 40: static files", () => {
  test("the page and its parts, with the strict policy", async () => {
    const page = await ask("/");
    expect(page).toMatchObject({ status: 200, body: "<!doctype html>hello" });
    expect(page.headers["content-security-policy"]).toBe(CSP);
    expect(page.headers["x-content-type-options"]).toBe("nosniff");
    expect(page.headers["access-control-allow-origin"]).toBeUndefined();
    expect((await ask("/assets/index.js")).headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect(await ask("/", {}, "HEAD")).toMatchObject({ status: 200, body: "" });
  });

  test.each([
    "/../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/assets/../../secret.txt",
    "/assets/..%5c..%5csecret.txt",
    "//secret.txt",
    "/assets/link.txt",
    "/assets/",
    "/assets",
    "/assets/notes.unknown",
    "/.stamp.txt",
    "/assets/index.js%00.txt",
    "/etc/passwd",
    "/nothing.html",
    "/%zz",
  ])("%s is not a file of ours", async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain("secret");
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])("%s is refused and allows nobody anything", async (method) => {
    const answer = await ask("/", {}, method);
    expect(answer.status).toBe(405);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

describe("row 45: Host and Origin", () => {
  const foreignHosts = [
    "evil.com",
    "localhost.evil.com",
    "127.0.0.1.evil.com",
    "127.0.0.1",
    "localhost",
    "127.0.0.1:1",
    "evil.com#127.0.0.1:PORT",
    "127.0.0.1:PORT.evil.com",
    "[::1]:PORT",
    "0.0.0.0:PORT",
    "",
  ];
  test.each(foreignHosts)("Host %j gets 403 before any file", async (host) => {
    const answer = await ask("/", { Host: host.replace("PORT", String(server.port)) });
    expect([400, 403]).toContain(answer.status);
    expect(answer.body).not.toContain("hello");
  });

  test.each([
    "http://evil.com",
    "http://localhost.evil.com:PORT",
    "http://127.0.0.1:PORT.evil.com",
    "https://127.0.0.1:PORT",
    "null",
    "http://localhost:PORT",
    "http://127.0.0.1:1",
  ])("Origin %s gets 403, a preflight too", async (origin) => {
    const headers = { Origin: origin.replace("PORT", String(server.port)), "Access-Control-Request-Method": "POST" };
    expect((await ask("/", headers)).status).toBe(403);
    expect((await ask("/", headers, "OPTIONS")).status).toBe(403);
  });

  test("its own Host and Origin are let in, by either name", async () => {
    const { port } = server;
    expect((await ask("/", { Origin: `http://127.0.0.1:${port}` })).status).toBe(200);
    expect((await ask("/", { Host: `localhost:${port}`, Origin: `http://localhost:${port}` })).status).toBe(200);
  });

  test("other addresses of this machine are not bound", async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((one) => one && !one.internal && one.family === "IPv4")?.address;
    // 127.0.0.2 is loopback too, and is not the address we bind.
    const reached = await canConnect(outside ?? "127.0.0.2", server.port);
    expect(reached).toBe(false);
  });
});

interface Upgrade {
  readonly path?: string;
  readonly host?: string;
  readonly origin?: string | null;
  readonly messages: readonly (string | Buffer)[];
  readonly waitMs?: number;
}

/** What a client gets: the HTTP status that refused it, or the replies and the close code. */
function open(upgrade: Upgrade): Promise<{ status?: number; replies: string[]; code?: number }> {
  const { path = "/api", host = `127.0.0.1:${server.port}`, origin = `http://${host}`, messages, waitMs = 400 } = upgrade;
  return new Promise((resolve) => {
    const replies: string[] = [];
    const headers = { Host: host, ...(origin === null ? {} : { Origin: origin }) };
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
    socket.on("unexpected-response", (_request, response) => resolve({ status: response.statusCode ?? 0, replies }));
    socket.on("error", () => {});
    socket.on("message", (data) => replies.push(String(data)));
    socket.on("close", (code) => resolve({ replies, code }));
    socket.on("open", () => {
      for (const message of messages) socket.send(message);
      setTimeout(() => {
        resolve({ replies });
        socket.terminate();
      }, waitMs);
    });
  });
}

const call = (command: string, input: unknown, id = 1) => JSON.stringify({ ask: "call", id, command, input });
const hello = (token: string) => JSON.stringify({ hello: token });

describe("row 45: the api's WebSocket", () => {
  test("with the token as first message it answers", async () => {
    const { replies } = await open({ messages: [hello(server.token), call("engine-info", {})] });
    expect(JSON.parse(replies[0] ?? "null")).toMatchObject({ id: 1, value: { version: "0.1.0-test" } });
  });

  test("the address carries the token in its fragment only", () => {
    const address = new URL(server.address);
    expect(address.hash).toBe(`#token=${server.token}`);
    expect(address.search + address.pathname).toBe("/");
    expect(Buffer.from(server.token, "base64url")).toHaveLength(32);
  });

  const wrong: readonly [string, readonly (string | Buffer)[]][] = [
    ["no token at all", [call("run-stop", { run: "x" })]],
    ["a wrong token", [hello("A".repeat(43)), call("run-stop", { run: "x" })]],
    ["an empty token", [hello(""), call("run-stop", { run: "x" })]],
    ["a token of another type", [JSON.stringify({ hello: { toString: "x" } }), call("run-stop", { run: "x" })]],
    ["a foreign key beside it", [JSON.stringify({ hello: "x", __proto__: null, ask: "call" }), call("run-stop", { run: "x" })]],
    ["no JSON", ["hello", call("run-stop", { run: "x" })]],
    ["a binary message", [Buffer.from([1, 2, 3]), call("run-stop", { run: "x" })]],
  ];
  test.each(wrong)("%s: closed with 4401, nothing done, nothing told", async (_name, messages) => {
    const before = api.calls.length;
    const { replies, code } = await open({ messages });
    expect(code).toBe(4401);
    expect(replies).toEqual([]);
    expect(api.calls.length).toBe(before);
  });

  test("silence is closed after 5 s", { timeout: 10_000 }, async () => {
    const start = performance.now();
    const { code } = await open({ messages: [], waitMs: 8_000 });
    expect(code).toBe(4401);
    expect(performance.now() - start).toBeGreaterThan(4_000);
  });

  test("the right token in the request line does not help", async () => {
    const { status } = await open({ path: `/api?token=${server.token}`, messages: [] });
    expect(status).toBe(403);
  });

  test.each([
    ["a foreign Origin", { origin: "http://evil.com" }],
    ["no Origin", { origin: null }],
    ["Origin null", { origin: "null" }],
    ["the other local name as Origin", { origin: "http://localhost:PORT" }],
    ["a foreign Host", { host: "localhost.evil.com:PORT" }],
    ["another path", { path: "/" }],
  ])("%s gets 403 before the handshake", async (_name, upgrade) => {
    const filled = JSON.parse(JSON.stringify(upgrade).replaceAll("PORT", String(server.port))) as typeof upgrade;
    expect((await open({ ...filled, messages: [] })).status).toBe(403);
  });

  const bad: readonly [string, string][] = [
    ["an unknown command", call("format-disk", {})],
    ["a prototype's name", call("constructor", {})],
    ["__proto__", '{"ask":"call","id":1,"command":"__proto__","input":{}}'],
    ["a wrong type", call("run-stop", { run: 7 })],
    ["a foreign key", call("run-stop", { run: "x", force: true })],
    ["a prototype key in the input", '{"ask":"call","id":1,"command":"run-stop","input":{"run":"x","__proto__":{"a":1}}}'],
  ];
  test.each(bad)("row 44: %s is refused at the door", async (_name, message) => {
    const before = api.calls.length;
    const { replies } = await open({ messages: [hello(server.token), message] });
    expect(JSON.parse(replies[0] ?? "null")).toMatchObject({ id: 1, fault: { kind: expect.stringMatching(/^usage\./) } });
    expect(api.calls.length).toBe(before);
  });

  test.each(["[]", "{}", '{"ask":"eval"}', '{"ask":"subscribe","topic":"../x"}', '{"ask":"call","id":"1","command":"history","input":{}}', "\u0000"])(
    "row 44: a message that is none (%j) ends the connection",
    async (message) => {
      expect((await open({ messages: [hello(server.token), message] })).code).toBe(1008);
    },
  );

  test("row 44: a message over 1 MiB ends the connection", async () => {
    const huge = call("run-stop", { run: "x".repeat(2 * 1024 * 1024) });
    expect((await open({ messages: [hello(server.token), huge], waitMs: 2_000 })).code).toBe(1009);
  });
});

describe("the port", () => {
  test("an asked-for port in use is a fault with a next step; unasked, a free one is taken", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port)));
    await expect(serveWeb({ api, folder, port })).rejects.toMatchObject({ fault: { kind: "port.in-use", message: expect.stringContaining(String(port)) } });
    other.close();
    const [first, second] = [await serveWeb({ api, folder, port: null }), await serveWeb({ api, folder, port: null })];
    expect(first.port).not.toBe(second.port);
    expect(first.token).not.toBe(second.token);
    await Promise.all([first.close(), second.close()]);
  });
});

async function canConnect(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const asked = request({ host, port, path: "/", timeout: 1_000, headers: { Host: `127.0.0.1:${port}` } }, () => resolve(true));
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
    asked.end();
  });
}
