/** The home's socket is this user's alone, and row 27: the engine never waits for a client; a slow one gets a snapshot, a dead one is closed. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Update } from "../../electron/core/api.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { connectClient } from "../../electron/hosts/client.ts";
import { SERVE_LIMITS, serveConnection } from "../../electron/hosts/serve-connection.ts";
import { type SocketServer, serveOnSocket } from "../../electron/hosts/socket.ts";
import { prepareFolder, socketPlace } from "../../electron/hosts/socket-path.ts";
import type { Channel } from "../../electron/hosts/streams.ts";
import { event, FakeApi, step } from "./fake-api.ts";

const homes: string[] = [];
const servers: SocketServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), "tt-"));
  homes.push(home);
  return home;
}

async function serve(api = new FakeApi()): Promise<{ api: FakeApi; path: string }> {
  const server = await serveOnSocket(api, socketPlace(makeHome()));
  servers.push(server);
  return { api, path: server.path };
}

const topicOf = (api: FakeApi) => `run:${api.runId}` as const;

describe("row 45: where the socket lies", () => {
  test("in the home, 0600 in a folder 0700", async () => {
    const { path } = await serve();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
  });

  test("a home whose path is too long gets a private folder elsewhere, the same one each time", () => {
    const long = `/home/${"x".repeat(120)}`;
    const place = socketPlace(long, "/tmp", 501);
    expect(place.folder).toBe("/tmp/thortime-501");
    expect(Buffer.byteLength(place.path)).toBeLessThanOrEqual(103);
    expect(socketPlace(long, "/tmp", 501)).toEqual(place);
    expect(socketPlace(`${long}y`, "/tmp", 501).path).not.toBe(place.path);
    expect(socketPlace(long, `/var/${"y".repeat(100)}`, 501).folder).toBe("/tmp/thortime-501");
  });

  test("the limit counts bytes: 103 stay, 104 go", () => {
    const fill = (bytes: number) => `/h/${"ü".repeat((bytes - 3 - "/socket/engine.sock".length) / 2)}`;
    expect(Buffer.byteLength(socketPlace(fill(102)).path)).toBe(102);
    expect(socketPlace(fill(104), "/tmp", 1).folder).toBe("/tmp/thortime-1");
  });

  test("a folder that is a link, or somebody else's, is refused; a loose one is made tight", () => {
    const home = makeHome();
    const [real, link] = [join(home, "real"), join(home, "link")];
    mkdirSync(real);
    chmodSync(real, 0o755);
    symlinkSync(real, link);
    expect(() => prepareFolder(link)).toThrow(expect.objectContaining({ fault: expect.objectContaining({ kind: "engine.socket" }) }));
    prepareFolder(real);
    expect(statSync(real).mode & 0o777).toBe(0o700);
    if (process.getuid?.() !== 0) expect(() => prepareFolder("/")).toThrow();
  });

  test("a socket file that a dead engine left is no obstacle; serving ends with the file gone", async () => {
    const place = socketPlace(makeHome());
    mkdirSync(place.folder, { mode: 0o700 });
    writeFileSync(place.path, "");
    const server = await serveOnSocket(new FakeApi(), place);
    await (await connectClient(place.path)).call("engine-info", {});
    await server.close();
    expect(() => statSync(place.path)).toThrow();
  });
});

describe("calls and subscriptions", () => {
  test("a call's answer and its fault arrive as they are", async () => {
    const { path } = await serve();
    const client = await connectClient(path);
    expect(await client.call("engine-info", {})).toMatchObject({ version: "0.1.0-test" });
    await expect(client.call("run-resume", { run: "x" })).rejects.toMatchObject({
      fault: { kind: "run.unknown", next: "See the runs with: thortime history." },
    });
    await expect(client.call("run-stop", { run: 7 } as never)).rejects.toMatchObject({ fault: { kind: "usage.arguments" } });
    client.close();
  });

  test("snapshot first, then every entry once; the fold on both sides is equal; a second listener too", async () => {
    const { api, path } = await serve();
    const client = await connectClient(path);
    api.publish(step(1, 3));
    const states: RunState[] = [EMPTY_RUN, EMPTY_RUN];
    const listen = (which: number) => (update: Update<`run:${string}`>) => {
      states[which] = "snapshot" in update ? update.snapshot : update.entries.reduce(reduce, states[which] ?? EMPTY_RUN);
    };
    const cancel = client.subscribe(topicOf(api), listen(0));
    api.publish(step(2, 2));
    await expect.poll(() => states[0]?.step?.step).toBe(2);
    client.subscribe(topicOf(api), listen(1));
    for (let number = 3; number <= 50; number += 1) api.publish(step(number, 1 / number));
    await expect.poll(() => states[1]?.step?.step).toBe(50);
    expect(states[0]).toEqual(api.run);
    expect(states[1]).toEqual(api.run);
    cancel();
    api.publish(step(51, 1));
    await expect.poll(() => states[1]?.step?.step).toBe(51);
    expect(states[0]?.step?.step).toBe(50);
    client.close();
    await expect.poll(() => api.listening(topicOf(api))).toBe(0);
  });

  test("a run that does not exist says nothing and costs nobody the connection", async () => {
    const { path } = await serve();
    const client = await connectClient(path);
    client.subscribe("run:nothing-20260101-000000-0000", () => {});
    expect(await client.call("engine-info", {})).toMatchObject({ pid: process.pid });
    client.close();
  });

  test("when the server goes, calls under way are refused with the reason", async () => {
    const { path } = await serve();
    const client = await connectClient(path);
    const asked = client.call("engine-info", {});
    await servers.pop()?.close();
    await asked.catch(() => {});
    await client.ended;
    await expect(client.call("engine-info", {})).rejects.toMatchObject({ fault: { kind: "engine.gone" } });
    await expect(connectClient(path)).rejects.toMatchObject({ fault: { kind: "engine.unreachable" } });
  });

  test("row 44: garbage on the socket hurts nobody else", async () => {
    const { path } = await serve();
    const client = await connectClient(path);
    for (const bytes of ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\u0000\u0001\u0002", "x".repeat(100_000)]) {
      const raw = connect(path);
      raw.on("error", () => {});
      raw.write(bytes);
      await sleep(20);
      raw.destroy();
    }
    expect(await client.call("engine-info", {})).toMatchObject({ pid: process.pid });
    client.close();
  });
});

/** A client whose reading is in the test's hands. */
class Valve implements Channel {
  readonly sent: Update[] = [];
  backlog = 0;
  open = true;
  closed: string | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Update);
    if (!this.open) this.backlog += text.length;
  }
  backlogBytes(): number {
    return this.backlog;
  }
  close(why: string): void {
    this.closed = why;
  }
}

describe("row 27: a slow client", () => {
  const limits = { ...SERVE_LIMITS, highBytes: 10_000, lowBytes: 100, lookMs: 10, patienceMs: 300 };
  const subscribeText = (api: FakeApi) => JSON.stringify({ ask: "subscribe", topic: topicOf(api) });

  test("loses its stream at the bound, keeps nothing queued, and gets one snapshot when it has caught up", async () => {
    const api = new FakeApi();
    const valve = new Valve();
    const connection = serveConnection(api, valve, limits);
    connection.receive(subscribeText(api));
    valve.open = false;
    for (let number = 1; number <= 2_000; number += 1) api.publish(step(number, 1));
    expect(valve.backlog).toBeLessThan(limits.highBytes + 2_000);
    expect(api.listening(topicOf(api))).toBe(0);
    const before = valve.sent.length;
    valve.open = true;
    valve.backlog = 0;
    await expect.poll(() => valve.sent.length).toBe(before + 1);
    expect(valve.sent.at(-1)).toMatchObject({ snapshot: { step: { step: 2_000 } } });
    api.publish(step(2_001, 1));
    expect(valve.sent.at(-1)).toMatchObject({ entries: [expect.anything()] });
    connection.end();
    expect(api.listening(topicOf(api))).toBe(0);
  });

  test("is closed when it never reads, and is forgotten", async () => {
    const api = new FakeApi();
    const valve = new Valve();
    serveConnection(api, valve, limits).receive(subscribeText(api));
    valve.open = false;
    for (let number = 1; number <= 200; number += 1) api.publish(step(number, 1));
    await expect.poll(() => valve.closed).toBe("too slow");
    expect(api.listening(topicOf(api))).toBe(0);
  });

  test("may not pile up answers either: questions without reading end the connection", async () => {
    const api = new FakeApi();
    const valve = new Valve();
    valve.open = false;
    const connection = serveConnection(api, valve, limits);
    for (let id = 1; id <= 1_000 && valve.closed === null; id += 1) {
      connection.receive(JSON.stringify({ ask: "call", id, command: "engine-info", input: {} }));
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(valve.closed).toBe("too slow");
    expect(valve.backlog).toBeLessThan(3 * limits.highBytes);
  });

  test("20 frozen clients cost a publisher nothing: over a real socket, 50,000 entries go out while one living client keeps up", {
    timeout: 60_000,
  }, async () => {
    const { api, path } = await serve();
    api.publish(event({ type: "run-created", run: api.runId, name: "fake", campaign: "c", kind: "full", model: "m", data: "d", deployAs: null }));
    const frozen = await Promise.all(Array.from({ length: 20 }, () => openRaw(path)));
    for (const socket of frozen) {
      socket.send(subscribeText(api));
      socket.pause();
    }
    const client = await connectClient(path);
    let seen = EMPTY_RUN;
    client.subscribe(topicOf(api), (update) => {
      seen = "snapshot" in update ? update.snapshot : update.entries.reduce(reduce, seen);
    });
    await expect.poll(() => api.listening(topicOf(api))).toBe(21);
    const heapBefore = process.memoryUsage().rss;
    let slowestMs = 0;
    for (let number = 1; number <= 50_000; number += 100) {
      const batch = Array.from({ length: 100 }, (_item, index) => step(number + index, 1));
      const start = performance.now();
      api.publish(...batch);
      slowestMs = Math.max(slowestMs, performance.now() - start);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => seen.step?.step, { timeout: 20_000 }).toBe(50_000);
    expect(seen).toEqual(api.run);
    // Each frozen client may hold its bound of 4 MiB; without a bound these would be 20 × 15 MB.
    expect(process.memoryUsage().rss - heapBefore).toBeLessThan(20 * SERVE_LIMITS.highBytes + 150e6);
    expect(slowestMs).toBeLessThan(1_000);
    for (const socket of frozen) socket.terminate();
    client.close();
  });
});

async function openRaw(path: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws+unix:${path}:/`);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return socket;
}
