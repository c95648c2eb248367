/**
 * `node tests/package/photograph.ts PICTURE PROGRAM ARGUMENT…`: starts an app as a person does, waits for its page, takes a picture of it,
 * and ends it. Through Chromium's own debugging port, because a packaged app takes no Node debugger (its fuses), and in the protocol
 * itself, because Playwright asks a browser found this way for things that Electron does not have.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const START_MS = 60_000;
const LOOK_MS = 100;
const [picture, program, ...args] = process.argv.slice(2);

async function main(): Promise<void> {
  if (picture === undefined || program === undefined) throw new Error("usage: photograph.ts PICTURE PROGRAM ARGUMENT…");
  const startedAt = performance.now();
  const child = spawn(program, [...args, "--remote-debugging-port=0"], { stdio: ["ignore", "inherit", "pipe"] });
  try {
    const page = await pageOf(await debuggerOf(child));
    const send = await connect(page.webSocketDebuggerUrl);
    await until("the page shows nothing", async () => isTrue(await send("Runtime.evaluate", { expression: "document.querySelector('#root > *') !== null" })));
    console.log(`page shown after ${((performance.now() - startedAt) / 1000).toFixed(1)} s: ${page.url}`);
    mkdirSync(dirname(picture), { recursive: true });
    const { data } = (await send("Page.captureScreenshot", { format: "png" })) as { data: string };
    writeFileSync(picture, Buffer.from(data, "base64"));
  } finally {
    child.kill("SIGTERM");
  }
}

/** Chromium tells its port on stderr, once. */
function debuggerOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error("the app has not opened its debugging port")), START_MS);
    child.once("exit", (code) => reject(new Error(`the app ended with ${code}`)));
    if (!child.stderr) return;
    createInterface({ input: child.stderr }).on("line", (line) => {
      const address = /^DevTools listening on ws:\/\/([^/]+)\//.exec(line)?.[1];
      if (address === undefined) return;
      clearTimeout(limit);
      resolve(address);
    });
  });
}

interface Target {
  readonly url: string;
  readonly webSocketDebuggerUrl: string;
}

async function pageOf(address: string): Promise<Target> {
  let found: Target | undefined;
  await until("the app shows no page", async () => {
    const targets = (await (await fetch(`http://${address}/json/list`)).json()) as Target[];
    found = targets.find((target) => target.url.startsWith("app://thortime/"));
    return found !== undefined;
  });
  if (!found) throw new Error("the app shows no page");
  return found;
}

type Send = (method: string, params: object) => Promise<unknown>;

/** One question at a time, each answered under its number. */
async function connect(address: string): Promise<Send> {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("the page does not answer"));
  });
  let last = 0;
  return (method, params) => {
    last += 1;
    const id = last;
    return new Promise((resolve, reject) => {
      socket.onmessage = ({ data }) => {
        const reply = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: { message: string } };
        if (reply.id !== id) return;
        if (reply.error) reject(new Error(reply.error.message));
        else resolve(reply.result);
      };
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
}

function isTrue(reply: unknown): boolean {
  return (reply as { result?: { value?: unknown } }).result?.value === true;
}

async function until(otherwise: string, look: () => Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_MS; waitedMs += LOOK_MS) {
    if (await look()) return;
    await sleep(LOOK_MS);
  }
  throw new Error(otherwise);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
