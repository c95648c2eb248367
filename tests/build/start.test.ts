/** `npm start` and the bin: install and build only what is missing, never under a living engine, and the second start is quick. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { findNode, isNewEnough } from "../../build/node.mjs";
import { homePath as homePathOfScripts } from "../../build/prepare.mjs";
import { isBuilt, sourceStamp } from "../../build/stamp.mjs";
import { homePath } from "../../electron/adapters/home.ts";
import { endHome, ensureBuilt, homeEnvironment, makeHome, root } from "../hosts/homes.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const LOCK = JSON.stringify({ packages: { "": {}, "node_modules/a": { version: "1.0.0" }, "node_modules/b": { version: "2.0.0", optional: true } } });
const MADE = ["cli.js", "engine.js", "history-worker.js", "renderer/index.html", "desktop/main.cjs", "desktop/preload.cjs", "desktop/history-worker.cjs"];

/** A small clone: the real scripts, and stand-ins for npm, the build and the program, each of which does its part and notes that it ran. */
function clone(): { folder: string; ran(): string[]; start(env?: Record<string, string>): Promise<{ code: number | null; stderr: string; stdout: string }> } {
  const folder = mkdtempSync(join(tmpdir(), "tt-clone-"));
  folders.push(folder);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const name of ["prepare.mjs", "node.mjs", "stamp.mjs", "thortime.mjs", "provision/lock.mjs", "provision/problem.mjs"])
    write(`build/${name}`, readFileSync(join(root, "build", name), "utf8"));
  write("package.json", "{}");
  write("package-lock.json", LOCK);
  write("electron/a.ts", "1");
  const note = (what: string) => `require("node:fs").appendFileSync(${JSON.stringify(join(folder, "ran"))}, ${JSON.stringify(`${what}\n`)});`;
  write(
    "npm-cli.js",
    `${note("npm")} const fs = require("node:fs"); if (fs.existsSync("broken")) process.exit(1); fs.mkdirSync("node_modules", { recursive: true }); fs.copyFileSync("package-lock.json", "node_modules/.package-lock.json");`,
  );
  const made = MADE.map((path) => [
    join(folder, "out", path),
    path === "cli.js" ? `${note("cli")} console.log(process.argv.slice(2).join(" ")); process.exitCode = 5;` : "",
  ]);
  write(
    "build/build.mjs",
    `import { createRequire } from "node:module"; import { mkdirSync, writeFileSync } from "node:fs"; import { dirname } from "node:path"; import { sourceStamp } from "./stamp.mjs";
const require = createRequire(import.meta.url); ${note("build")}
for (const [path, text] of ${JSON.stringify(made)}) { mkdirSync(dirname(path), { recursive: true }); writeFileSync(path, text); }
writeFileSync(${JSON.stringify(join(folder, "out", "stamp"))}, sourceStamp(${JSON.stringify(folder)}));`,
  );
  return {
    folder,
    ran: () => (existsSync(join(folder, "ran")) ? readFileSync(join(folder, "ran"), "utf8").trim().split("\n") : []),
    start(env = {}) {
      const all = { ...process.env, THORTIME_HOME: join(folder, "home"), npm_execpath: join(folder, "npm-cli.js"), ...env };
      const child = spawn(process.execPath, [join(folder, "build", "thortime.mjs"), "status", "--json"], { env: all });
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (chunk) => {
        stdout += String(chunk);
      });
      child.stderr.on("data", (chunk) => {
        stderr += String(chunk);
      });
      return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
    },
  };
}

describe("the launcher", () => {
  test("first installs, builds and runs; then only runs; arguments, output and exit code are the program's", async () => {
    const one = clone();
    expect(await one.start()).toMatchObject({ code: 5, stdout: "status --json\n", stderr: expect.stringMatching(/Installing[\s\S]*Building/) });
    expect(one.ran()).toEqual(["npm", "build", "cli"]);
    expect(await one.start()).toEqual({ code: 5, stdout: "status --json\n", stderr: "" });
    expect(one.ran()).toEqual(["npm", "build", "cli", "cli"]);
  });

  test("a changed source builds again, a changed lock file installs again, an optional package does not", async () => {
    const one = clone();
    await one.start();
    writeFileSync(join(one.folder, "electron", "a.ts"), "2");
    await one.start();
    writeFileSync(join(one.folder, "package-lock.json"), LOCK.replace("1.0.0", "1.0.1"));
    await one.start();
    writeFileSync(join(one.folder, "package-lock.json"), LOCK.replace("1.0.0", "1.0.1").replace("2.0.0", "2.0.1"));
    await one.start();
    expect(one.ran()).toEqual(["npm", "build", "cli", "build", "cli", "npm", "build", "cli", "build", "cli"]);
  });

  test("five at once install and build once", async () => {
    const one = clone();
    const all = await Promise.all(Array.from({ length: 5 }, () => one.start()));
    expect(all.map(({ code }) => code)).toEqual([5, 5, 5, 5, 5]);
    expect(one.ran().sort()).toEqual(["build", "cli", "cli", "cli", "cli", "cli", "npm"]);
  });

  test("an installation that fails is a sentence and a next step, and is tried again", async () => {
    const one = clone();
    writeFileSync(join(one.folder, "broken"), "");
    const { code, stderr } = await one.start();
    expect({ code, stderr }).toMatchObject({ code: 6, stderr: expect.stringMatching(/could not be installed\.\nCheck/) });
    expect(stderr).not.toMatch(/\n\s+at /);
    rmSync(join(one.folder, "broken"));
    expect((await one.start()).code).toBe(5);
  });

  test("under a living engine of this folder nothing is installed; under another's, or a dead one's record, it is", async () => {
    const one = clone();
    await one.start();
    writeFileSync(join(one.folder, "package-lock.json"), LOCK.replace("1.0.0", "1.0.1"));
    const socket = join(one.folder, "s");
    const engine = createServer((client) => client.destroy());
    await new Promise<void>((resolve) => engine.listen(socket, resolve));
    mkdirSync(join(one.folder, "home"));
    const record = (program: string) => writeFileSync(join(one.folder, "home", "engine.json"), JSON.stringify({ command: ["node", program], socket }));
    record(join(one.folder, "out", "engine.js"));
    expect(await one.start()).toMatchObject({ code: 5, stderr: expect.stringContaining("once it has ended") });
    expect(one.ran()).toEqual(["npm", "build", "cli", "cli"]);
    await new Promise((resolve) => engine.close(resolve));
    await one.start();
    expect(one.ran().slice(4)).toEqual(["npm", "build", "cli"]);
  });
});

describe("what the scripts know", () => {
  test.each([
    ["20.20.2", false],
    ["22.11.9", false],
    ["22.12.0", true],
    ["v24.21.0", true],
    ["x", false],
  ])("Node %s is new enough: %s", (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });

  test("the Node found runs and is new enough, and is never npm's folder on PATH by accident", () => {
    expect(findNode(root)).toBe(process.execPath);
  });

  test("the home is the same as the engine's", () => {
    for (const env of [{ THORTIME_HOME: "/a" }, { XDG_DATA_HOME: "/b" }, {}]) {
      for (const platform of ["darwin", "linux"] as const) expect(homePathOfScripts(env, platform)).toBe(homePath(env, platform));
    }
  });

  test("the stamp follows names and contents, and a build cut short is none", () => {
    const one = clone();
    const first = sourceStamp(one.folder);
    expect(sourceStamp(one.folder)).toBe(first);
    writeFileSync(join(one.folder, "electron", "b.ts"), "1");
    expect(sourceStamp(one.folder)).not.toBe(first);
    mkdirSync(join(one.folder, "out"));
    writeFileSync(join(one.folder, "out", "stamp"), sourceStamp(one.folder));
    expect(isBuilt(one.folder)).toBe(false);
  });
});

describe("the real one", () => {
  beforeAll(async () => {
    await ensureBuilt();
  }, 120_000);

  test("a start of what is there installs nothing and serves the page in about 3 s", { timeout: 60_000 }, async () => {
    const home = makeHome();
    const base = { v: 1, mono: 1, boot: "b", by: "engine", attempt: 0, at: 1_700_000_000_000 };
    const id = "thortime-practice-20260101-000000-0001";
    const lines = [
      { ...base, n: 1, type: "run-added", run: id, name: "thortime-practice", campaign: "c", kind: "practice" },
      { ...base, n: 2, type: "run-closed", run: id, outcome: "finished" },
    ];
    writeFileSync(join(home, "events.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    // The Python environment of the test run counts as installed; finding it is part of the time.
    const startMs = performance.now();
    const child = spawn(process.execPath, [join(root, "build", "start.mjs")], { env: homeEnvironment(home), stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stderr.on("data", (chunk) => {
      stderr += String(chunk);
    });
    const address = await new Promise<string>((resolve, reject) => {
      child.stdout.on("data", (chunk) => {
        stdout += String(chunk);
        const found = /http:\S+/.exec(stdout);
        if (found) resolve(found[0]);
      });
      child.once("close", (code) => reject(new Error(`ended with ${code}: ${stderr}`)));
    });
    expect((await fetch(new URL("/", address))).status).toBe(200);
    const tookMs = performance.now() - startMs;
    console.log(`second start to a served page: ${(tookMs / 1000).toFixed(2)} s`);
    expect(stderr).not.toMatch(/Installing|Building/);
    // 3 s on a quiet machine; a busy one gets some more.
    expect(tookMs).toBeLessThan(8_000);
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    await endHome(home);
  });
});
