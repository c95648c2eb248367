/**
 * The Python environment made from inside a packaged app: its files read-only, nothing on PATH, the uv that came along, and a set-up
 * that is killed in the middle. Real uv, real packages; for Linux, because that is what runs here.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findInterpreters, isSupported } from "../../electron/adapters/python-interpreter.ts";
import { writeOwnPython } from "../../electron/adapters/python-own.ts";
import { ensureUv, installEnvironment, requiredUv } from "../../electron/adapters/python-uv.ts";
import { root } from "../hosts/homes.ts";

const LIMIT_MS = 10 * 60_000;
let folder: string;
let app: string;
let home: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tt-first-start-"));
  [app, home] = [join(folder, "Resources"), join(folder, "home")];
  mkdirSync(home);
  for (const name of ["pyproject.toml", "uv.lock", "trainer"]) {
    cpSync(join(root, "python", name), join(app, "python", name), { recursive: true, filter: (source) => !source.endsWith("__pycache__") });
  }
  const env = installEnvironment(process.env);
  const interpreters = await findInterpreters({ path: process.env["PATH"] ?? "", platform: process.platform, env });
  // The environment the tests have was made by a uv of this version, which is still beside it.
  const cache = dirname(dirname(dirname(process.env["THORTIME_PYTHON"] ?? "/missing/env/bin/python")));
  const uv = await ensureUv({ version: requiredUv(join(root, "python")), root: cache, bundled: null, interpreters, options: { env } });
  mkdirSync(join(app, "uv"));
  copyFileSync(uv === "uv" ? execFileSync("which", ["uv"], { encoding: "utf8" }).trim() : uv, join(app, "uv", "uv"));
  const own = interpreters.find((one) => isSupported(one, process.platform));
  if (!own) throw new Error("this test needs a Python from 3.10 to 3.13");
  writeOwnPython(home, own.path);
  for (const path of everything(app)) chmodSync(path, statSync(path).mode & 0o555);
}, LIMIT_MS);

afterAll(() => {
  for (const path of everything(app)) if (statSync(path).isDirectory()) chmodSync(path, 0o755);
  rmSync(folder, { recursive: true, force: true });
});

function everything(at: string): string[] {
  return [at, ...readdirSync(at, { recursive: true, encoding: "utf8" }).map((name) => join(at, name))];
}

/** Names, sizes and times: root may write what is read-only, so only the outcome tells. */
const state = () => everything(app).map((path) => [path, statSync(path).size, statSync(path).mtimeMs]);

/** As the app sets itself up: a process of its own, with nothing on PATH. */
function setUp(): { child: ChildProcess; ended: Promise<number | string | null>; said(): string } {
  const kept = Object.entries(process.env).filter(([name]) => /^(HOME|UV_\w+|PIP_\w+|SSL_CERT_\w+|\w+_PROXY)$/i.test(name));
  const script = join(folder, "set-up.ts");
  writeFileSync(
    script,
    `import { ensurePython } from ${JSON.stringify(join(root, "electron/adapters/python-environment.ts"))};
const made = await ensurePython({ home: ${JSON.stringify(home)}, project: ${JSON.stringify(join(app, "python"))}, cache: null, uv: ${JSON.stringify(join(app, "uv", "uv"))}, env: process.env, onLine: (line) => console.log(line) });
console.log("made " + made.python);`,
  );
  const child = spawn(process.execPath, [script], { env: Object.fromEntries(kept), stdio: ["ignore", "pipe", "pipe"], detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  const ended = new Promise<number | string | null>((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));
  return { child, ended, said: () => said };
}

const inPython = () => readdirSync(join(home, "python")).sort();

test("killed while packages come in: nothing half-made is taken; the next try goes on, and the app's files are as they were", {
  timeout: LIMIT_MS,
}, async () => {
  const before = state();
  const first = setUp();
  const cache = join(home, "python", "uv-cache");
  for (let look = 0; look < 3_000 && !existsSync(join(cache, "archive-v0")) && first.child.exitCode === null; look += 1) await sleep(20);
  await sleep(300);
  process.kill(-(first.child.pid ?? 0), "SIGKILL");
  expect(await first.ended, first.said()).toBe("SIGKILL");
  expect(existsSync(join(home, "python", "current"))).toBe(false);
  expect(inPython().some((name) => name.includes(".partial."))).toBe(true);
  expect(existsSync(cache)).toBe(true);

  const second = setUp();
  expect(await second.ended, second.said()).toBe(0);
  const python = /^made (.*)$/m.exec(second.said())?.[1] ?? "";
  // The trainer of the read-only copy answers on it.
  const probe = execFileSync(python, ["-m", "trainer", "probe", "--json"], {
    cwd: join(app, "python"),
    env: { PYTHONDONTWRITEBYTECODE: "1" },
    encoding: "utf8",
  });
  expect(JSON.parse(probe)).toMatchObject({ missing: [] });
  expect(inPython().filter((name) => /partial|uv-/.test(name))).toEqual([]);
  expect(state()).toEqual(before);

  const third = setUp();
  expect(await third.ended).toBe(0);
  expect(third.said()).toBe(`made ${python}\n`);
});
