/** Rows 44 and 45: what is no message of this api is refused at the one door, counted, and shown to whoever asks the engine how it is. */
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { EngineInfo } from "../../electron/core/api.ts";
import { connectLiving } from "../../electron/hosts/attach.ts";
import { readRecord } from "../../electron/hosts/engine-record.ts";
import { steadyApi } from "../../electron/hosts/steady.ts";
import { serveWeb, type WebServer } from "../../electron/hosts/web.ts";
import { endHome, ensureBuilt, makeHome, root, thortime } from "../hosts/homes.ts";

const home = makeHome();
const api = steadyApi({
  connect: async () => {
    const client = await connectLiving(home);
    if (!client) throw new Error("no engine");
    return client;
  },
});
let web: WebServer;

beforeAll(async () => {
  await ensureBuilt();
  await thortime(home, ["history"]);
  web = await serveWeb({ api, folder: join(root, "out", "renderer"), port: 0 });
}, 180_000);
afterAll(async () => {
  await web.close();
  api.close();
  await endHome(home);
});

const refused = async (): Promise<EngineInfo["refused"]> => (await api.call("engine-info", {})).refused;

/** Does `what`, and gives how many more refusals the engine knows of a moment later. */
async function counted(what: () => Promise<void>, least: number): Promise<string | null> {
  const before = (await refused()).count;
  await what();
  await expect.poll(async () => (await refused()).count - before, { timeout: 5_000 }).toBe(least);
  return (await refused()).last;
}

async function socketMessages(...messages: readonly string[]): Promise<void> {
  const socket = new WebSocket(`ws+unix:${readRecord(home)?.socket}:/`);
  await new Promise((resolve) => socket.once("open", resolve));
  for (const message of messages) socket.send(message);
  await new Promise((resolve) => setTimeout(resolve, 300));
  socket.terminate();
}

const call = (command: string, input: unknown) => JSON.stringify({ ask: "call", id: 1, command, input });

describe("row 44: on the engine's socket", () => {
  it.each<[string, string, string]>([
    ["an unknown command", call("format-disk", {}), "not a command of this api"],
    ["a prototype's name as command", call("constructor", {}), "not a command of this api"],
    ["a wrong type", call("run-stop", { run: 7 }), "run-stop: not its arguments"],
    ["a prototype key", '{"ask":"call","id":1,"command":"run-stop","input":{"run":"x","__proto__":{"a":1}}}', "run-stop: not its arguments"],
    ["a foreign field", call("history", { limit: 1, where: "1=1" }), "history: not its arguments"],
    ["no message at all", "\u0000", "not a message of this api"],
    ["a topic that is a path", JSON.stringify({ ask: "subscribe", topic: "../x" }), "not a topic, or too many"],
  ])("%s is refused and counted once", async (_name, message, why) => {
    expect(await counted(() => socketMessages(message), 1)).toBe(why);
  });

  it("a hundred are a hundred, and what is right is still answered", async () => {
    await counted(() => socketMessages(...Array.from({ length: 30 }, () => call("format-disk", {}))), 30);
    expect((await api.call("history", { limit: 1 })).rows).toEqual([]);
  });
});

const get = (headers: Record<string, string>) =>
  new Promise<void>((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port: web.port, path: "/", headers, setHost: false }, (response) => {
      response.resume();
      expect([response.statusCode, response.headers["access-control-allow-origin"]]).toEqual([403, undefined]);
      resolve();
    });
    asked.on("error", reject);
    asked.end();
  });

describe("row 45: on the served page", () => {
  it.each([
    ["a foreign Host", () => get({ Host: "evil.com" })],
    ["a Host that only begins like ours", () => get({ Host: `127.0.0.1.evil.com:${web.port}` })],
    ["a Host that ends like ours", () => get({ Host: `localhost.evil.com:${web.port}` })],
    ["a foreign Origin", () => get({ Host: `127.0.0.1:${web.port}`, Origin: "http://evil.com" })],
  ])("%s gets 403, and the engine knows", async (_name, ask) => {
    expect(await counted(ask, 1)).toBe("a foreign Host or Origin");
  });

  it("a wrong token is closed, and the engine knows", async () => {
    const open = async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${web.port}/api`, { headers: { Origin: `http://127.0.0.1:${web.port}` } });
      await new Promise((resolve) => socket.once("open", resolve));
      const closed = new Promise<number>((resolve) => socket.once("close", resolve));
      socket.send(JSON.stringify({ hello: "A".repeat(43) }));
      expect(await closed).toBe(4401);
    };
    expect(await counted(open, 1)).toBe("a wrong token");
  });
});

it("row 44: a person sees it: thortime doctor says how many, and why the last one", async () => {
  const { stdout } = await thortime(home, ["doctor"]);
  expect(stdout).toMatch(/Engine .*\d+ messages refused \(last: a wrong token\)/);
});
