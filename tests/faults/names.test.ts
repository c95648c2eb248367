/** Row 39: a name is taken as it is or refused, by the api and by the command line alike; no folder is made, and no path leaves the home. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectLiving } from "../../electron/hosts/attach.ts";
import type { Client } from "../../electron/hosts/client.ts";
import { endHome, ensureBuilt, makeHome, root, thortime } from "../hosts/homes.ts";

const home = makeHome();
const rows = join(root, "resources", "practice", "train.jsonl");
const model = join(root, "resources", "practice", "model");
let api: Client;

beforeAll(async () => {
  await ensureBuilt();
  // The command line starts the engine; the api is asked beside it.
  await thortime(home, ["history"]);
  const living = await connectLiving(home);
  if (!living) throw new Error("no engine");
  api = living;
}, 180_000);
afterAll(async () => {
  api.close();
  await endHome(home);
});

const LONG = "a".repeat(300);
const NAMES = ["../x", "..", "/etc/x", "a/b:c", "a\nb", "a\0b", LONG, "jessy🙂", "CON", "nul", "latest", "a..b", " a", "$(id)", "\u202Eexe", "__proto__"];
const runFolders = () => readdirSync(join(home, "runs"));

describe("row 39: through the api", () => {
  it.each(NAMES)("a run called %j is refused in words, and nothing is made", async (name) => {
    const refused = await api.call("run-start", { name, data: rows, model, kind: "practice" }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ fault: { kind: "name.invalid", next: expect.stringContaining("jessy-test-v1") } });
    expect(runFolders()).toEqual([]);
  });

  it.each(NAMES)("a model called %j is refused too", async (deployAs) => {
    const refused = await api.call("run-start", { name: "fine", deployAs, data: rows, model, kind: "practice" }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ fault: { kind: "name.invalid" } });
    expect(runFolders()).toEqual([]);
  });

  it.each(["../../etc", "a-20261123-220000-0001/../x", "/etc/passwd", "..\\x", "a\0b"])("a run %j leads to no folder", async (run) => {
    for (const command of ["run-pause", "run-resume", "run-stop", "run-checkpoint", "run-export", "run-deploy"] as const) {
      const refused = await api.call(command, { run } as never).catch((error: unknown) => error);
      expect(refused, command).toMatchObject({ fault: { kind: "run.unknown" } });
    }
  });
});

describe("row 39: through the command line", () => {
  // A NUL cannot stand in an argument; the rest is handed over as it is.
  it.each(["../x", "/etc/x", "a/b:c", "a\nb", LONG, "jessy🙂", "CON", "latest"])("%j: exit code 5, one sentence, one next step", async (name) => {
    const { code, stdout, stderr } = await thortime(home, ["run", "--data", rows, "--model", model, "--name", name]);
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
    expect(runFolders()).toEqual([]);
    expect(existsSync(join(home, "x"))).toBe(false);
  });
});
