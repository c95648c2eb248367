/**
 * `Thortime --engine` and `Thortime --cli`: a packaged app has no Node, so the Electron binary runs the same entry points without a window.
 * The Electron here is too old for better-sqlite3, so this is also the engine of a machine where SQLite cannot be opened.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startOf } from "../../electron/adapters/identity.ts";
import { acquireOwnerLock } from "../../electron/adapters/owner-lock.ts";
import { connectLiving } from "../../electron/hosts/attach.ts";
import { readMode } from "../../electron/hosts/desktop/mode.ts";
import { readRecord } from "../../electron/hosts/engine-record.ts";
import { endHome, ensureBuilt, type Finished, homeEnvironment, makeHome, root, thortime } from "../hosts/homes.ts";
import { openScreen, type Screen } from "./screen.ts";

const home = makeHome();
const electron = process.env["THORTIME_TEST_ELECTRON"] ?? "";
const START = [root, "--no-sandbox", "--disable-gpu"];
const SLOW_MS = 240_000;
let screen: Screen;

beforeAll(async () => {
  await ensureBuilt();
  screen = await openScreen();
}, 120_000);

afterAll(async () => {
  await endHome(home);
  screen.close();
});

function start(program: string, args: readonly string[]): ChildProcess {
  const { THORTIME_NODE: _node, ...env } = { ...homeEnvironment(home), ...screen.env };
  return spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
}

function finish(child: ChildProcess): Promise<Finished> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr?.on("data", (chunk) => {
    stderr += String(chunk);
  });
  // Not 'close': an engine that was started on the way keeps Chromium's pipes.
  return new Promise((resolve) => child.once("exit", (code) => setTimeout(() => resolve({ code, stdout, stderr }), 200)));
}

const cli = (...args: string[]) => finish(start(electron, [...START, "--cli", ...args]));

/** Command lines of every process that uses this home. */
function processes(): string[] {
  const read = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      return "";
    }
  };
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(read)
    .filter((command) => command.includes(home));
}

describe("which start is which", () => {
  test.each([
    [["app"], "app", [], []],
    [["app", "--engine", "--home", "/x"], "engine", ["--home", "/x"], []],
    [["electron", ".", "--no-sandbox", "--cli", "run", "--engine"], "cli", ["run", "--engine"], [".", "--no-sandbox"]],
    [["app", "--constructor", "engine", "-cli"], "app", [], ["--constructor", "engine", "-cli"]],
  ])("%j", (argv, kind, args, before) => {
    expect(readMode(argv)).toEqual({ kind, args, start: before });
  });
});

describe("the command line", () => {
  test("prints its document and nothing else on stdout, and ends with its exit code", { timeout: SLOW_MS }, async () => {
    const inspected = await cli("inspect", join(root, "resources/practice/train.jsonl"), "--json");
    expect(inspected.code, inspected.stderr).toBe(0);
    expect(JSON.parse(inspected.stdout)).toBeTypeOf("object");
    expect(await cli("nonsense")).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("thortime --help") });
    expect((await cli("--version")).stdout).toMatch(/^0\.1\.0\+/);
  });
});

describe("the engine", () => {
  test("is this Electron, recorded as it can be started again, and without history, which it says", { timeout: SLOW_MS }, async () => {
    expect(await cli("history", "--json")).toMatchObject({ code: 9, stdout: "", stderr: expect.stringMatching(/no history.*too old[\s\S]*Runs go on/) });
    const record = readRecord(home);
    expect(record?.command).toEqual([electron, ...START, "--engine", "--home", home]);
    const client = await connectLiving(home);
    expect(await client?.call("engine-info", {})).toMatchObject({ pid: record?.pid, home, historyOff: expect.stringMatching(/too old/) });
    client?.close();
  });

  test("shows nothing: no page is open anywhere", () => {
    const ours = processes();
    expect(ours.some((command) => command.includes("--engine"))).toBe(true);
    expect(ours.filter((command) => command.includes("--type=renderer"))).toEqual([]);
  });

  test("owns the home as an engine in Node would; the command line in Node is its client", { timeout: SLOW_MS }, async () => {
    const pid = readRecord(home)?.pid;
    expect(acquireOwnerLock(join(home, "owner.sqlite"))).toBeNull();
    expect(await thortime(home, ["history", "--json"])).toMatchObject({ code: 9, stderr: expect.stringContaining("no history") });
    expect(readRecord(home)?.pid).toBe(pid);
  });

  test("runs a real campaign, with a keeper that knows how to start it again", { timeout: SLOW_MS }, async () => {
    const { code, stdout, stderr } = await cli("practice", "--steps", "3", "--no-deploy", "--detach", "--json");
    expect(code, stderr).toBe(0);
    const { run } = JSON.parse(stdout) as { run: string };
    const keeper = () => (JSON.parse(readFileSync(join(home, "runs", run, "process.json"), "utf8")) as { keeperPid: number }).keeperPid;
    const command = JSON.stringify(readRecord(home)?.command);
    await expect.poll(() => readFileSync(`/proc/${keeper()}/cmdline`, "utf8").split("\0"), { timeout: 30_000 }).toContain(command);
    const followed = await cli("status", "--follow", "--json", run);
    expect(followed.code, followed.stderr).toBe(0);
    expect(readFileSync(join(home, "runs", run, "events.jsonl"), "utf8")).toMatch(/"type": ?"train-finished", ?"steps": ?3,/);
  });

  test("killed with -9 it comes back by the command it recorded; ended with SIGTERM it leaves no record", { timeout: SLOW_MS }, async () => {
    const record = readRecord(home);
    process.kill(record?.pid ?? 0, "SIGKILL");
    // By its start time: nobody may have taken the dead one's last word yet, and then its pid is still there.
    await expect.poll(() => startOf(record?.pid ?? 0).catch(() => "gone"), { timeout: 10_000 }).toBe("gone");
    const [program = "", ...args] = record?.command ?? [];
    const again = start(program, args);
    again.stdout?.resume();
    again.stderr?.resume();
    await expect.poll(() => readRecord(home)?.pid, { timeout: 30_000 }).toBe(again.pid);
    const gone = new Promise((resolve) => again.once("exit", (code) => resolve(code)));
    again.kill("SIGTERM");
    expect(await gone).toBe(0);
    expect(existsSync(join(home, "engine.json"))).toBe(false);
  });
});

describe("the picture that CI keeps of the packaged app", () => {
  test("shows the page of the app as a person starts it", { timeout: SLOW_MS }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "tt-picture-"));
    const picture = join(folder, "deep", "app.png");
    const taken = await finish(start(process.execPath, [join(root, "tests/package/photograph.ts"), picture, electron, ...START]));
    expect(taken.code, taken.stderr).toBe(0);
    expect(taken.stdout).toContain("app://thortime/index.html");
    expect(statSync(picture).size).toBeGreaterThan(5_000);
  });
});
