/** What lies around a run: files written whole or not at all, names that stay in the home, who a process is, what a child may know. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { childEnvironment } from "../../electron/adapters/child-environment.ts";
import { writeWhole } from "../../electron/adapters/files.ts";
import { FolderHome, homePath } from "../../electron/adapters/home.ts";
import { isSame, startOf } from "../../electron/adapters/identity.ts";
import { pythonInspector } from "../../electron/adapters/inspector.ts";
import { parseCall } from "../../electron/core/api.ts";
import { INITIAL_CONTROL } from "../../electron/core/control.ts";
import { makePlan } from "../../electron/core/make-plan.ts";
import { PYTHON } from "./night.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "thortime-home-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const planAt = (at: number, name = "a") =>
  makePlan(parseCall("run-start", { name, data: "d", model: "m" }), {
    clock: { now: () => at, random: () => 0.5 },
    machine: { metal: false },
    localModel: true,
    prompts: [],
  });

describe("whole files", () => {
  it("the new text is there, for its owner only, and nothing beside it", () => {
    const path = join(folder, "control.json");
    writeWhole(path, "one");
    writeWhole(path, "ğ".repeat(3_000_000));
    expect(readFileSync(path, "utf8")).toBe("ğ".repeat(3_000_000));
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(readdirSync(folder)).toEqual(["control.json"]);
  });

  it("row 10: broken half way, the old one stays and the half is gone", () => {
    const path = join(folder, "target");
    mkdirSync(join(path, "in-the-way"), { recursive: true });
    expect(() => writeWhole(path, "new")).toThrow();
    expect(existsSync(join(path, "in-the-way"))).toBe(true);
    expect(readdirSync(folder)).toEqual(["target"]);
    expect(() => writeWhole(join(folder, "missing", "x"), "new")).toThrow();
  });
});

describe("the home", () => {
  it("lies where the system keeps such things, or where it was told", () => {
    expect(homePath({ THORTIME_HOME: "/x" }, "darwin")).toBe("/x");
    expect(homePath({ XDG_DATA_HOME: "/data" }, "linux")).toBe("/data/thortime");
    expect(homePath({}, "darwin")).toMatch(/Library\/Application Support\/Thortime$/);
  });

  it("makes a run whole, gives back its plan and control, and lists runs oldest first", () => {
    const home = new FolderHome(folder);
    const plans = [planAt(3_000, "a"), planAt(1_000, "c"), planAt(2_000, "b")];
    for (const plan of plans) home.createRun(plan, INITIAL_CONTROL);
    const [plan] = plans;
    if (!plan) throw new Error("no plan");
    expect(home.readPlan(plan.id)).toEqual(plan);
    expect(home.readControl(plan.id)).toEqual(INITIAL_CONTROL);
    expect(home.listRuns().map((id) => id[0])).toEqual(["c", "b", "a"]);
    expect(() => home.createRun(plan, INITIAL_CONTROL)).toThrow();
    expect(home.listRuns()).toHaveLength(3);
  });

  it("a damaged control is null, a damaged plan is a sentence", () => {
    const home = new FolderHome(folder);
    const plan = planAt(1_000);
    home.createRun(plan, INITIAL_CONTROL);
    writeFileSync(join(home.runPath(plan.id), "control.json"), "{");
    expect(home.readControl(plan.id)).toBeNull();
    writeFileSync(join(home.runPath(plan.id), "run.json"), JSON.stringify({ ...plan, v: 2 }));
    expect(() => home.readPlan(plan.id)).toThrow(`The plan of the run ${plan.id} (run.json) cannot be read.`);
  });

  it.each(["../../etc", "a/../../b", "/etc", "", ".", "a", "a-20261123-220000-0001/../x"])("row 39: %j leads nowhere", (name) => {
    const home = new FolderHome(folder);
    expect(home.hasRun(name)).toBe(false);
    expect(() => home.runPath(name)).toThrow("There is no run of that name.");
    expect(() => home.writeControl(name, INITIAL_CONTROL)).toThrow();
  });
});

describe("row 9: who a process is", () => {
  it("pid, start time and token have to agree; a process that ended is nobody", async () => {
    const child = spawn("sleep", ["600"], { argv0: "sleep token-1", stdio: "ignore" });
    try {
      const pid = child.pid ?? 0;
      const start = await startOf(pid);
      expect(await isSame({ pid, start, token: "token-1" })).toBe(true);
      expect(await isSame({ pid, start: `${start}0`, token: "token-1" })).toBe(false);
      expect(await isSame({ pid, start, token: "token-2" })).toBe(false);
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
      expect(await isSame({ pid, start, token: "token-1" })).toBe(false);
    } finally {
      child.kill("SIGKILL");
    }
  });
});

describe("row 46: what a child may know", () => {
  const env = { PATH: "/bin", HF_TOKEN: "t", AWS_SECRET_ACCESS_KEY: "s", PYTHONPATH: "/evil", LD_PRELOAD: "/evil.so", NODE_OPTIONS: "--inspect", TZ: "" };

  it("a short list, and of the rest nothing", () => {
    const child = childEnvironment(env, "linux");
    expect(Object.keys(child).sort()).toEqual(
      ["HF_TOKEN", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONUTF8", "TOKENIZERS_PARALLELISM", "TZ", "UNSLOTH_ZOO_DISABLE_GPU_INIT"].sort(),
    );
    expect(JSON.stringify(child)).not.toMatch(/evil|secret|inspect/i);
  });

  it("on a Mac the display watchdog's time is relaxed", () => {
    expect(childEnvironment(env, "darwin")).toMatchObject({ AGX_RELAX_CDM_CTXSTORE_TIMEOUT: "1" });
    expect(childEnvironment(env, "darwin")).not.toHaveProperty("UNSLOTH_ZOO_DISABLE_GPU_INIT");
  });
});

describe("asking Python about data and model", () => {
  const input = { data: "d.jsonl", heldOut: null, model: "m", skipBadRows: false };
  const inspector = (code: string) => {
    mkdirSync(join(folder, "trainer"));
    writeFileSync(join(folder, "trainer", "__init__.py"), "");
    writeFileSync(join(folder, "trainer", "__main__.py"), code);
    return pythonInspector({ python: () => PYTHON, packageFolder: folder });
  };

  it("passes on what it is asked, as arguments", async () => {
    const seen = join(folder, "seen");
    const asked = inspector(`import json, sys; open(${JSON.stringify(seen)}, "w").write(json.dumps(sys.argv[1:])); print(json.dumps({"localModel": True}))`);
    const odd = { data: "$(id) ; '\"\n.jsonl", heldOut: "--evil", model: "a b", skipBadRows: true };
    expect(await asked.check(odd)).toEqual({ localModel: true });
    const args = JSON.parse(readFileSync(seen, "utf8"));
    expect(args).toContain(odd.data);
    expect(args).toContain("--skip-bad-rows");
  });

  it("a refusal is the fault it names", async () => {
    const fault = { kind: "data.empty", message: "Empty.", next: "Another." };
    await expect(inspector(`print('${JSON.stringify({ fault })}'); raise SystemExit(1)`).check(input)).rejects.toMatchObject({ fault });
  });

  it.each([
    ["nothing", "pass"],
    ["a crash", "raise RuntimeError('x')"],
    ["half of an object", `print('{"localModel":')`],
    ["more than one may say", `print("x" * 20_000_000)`],
  ])("%s is one sentence", async (_name, code) => {
    await expect(inspector(code).check(input)).rejects.toMatchObject({ fault: { kind: "environment.python" } });
  });

  it("an answer of another kind is not taken for one", async () => {
    await expect(inspector(`print('{"localModel": "yes"}')`).check(input)).rejects.toMatchObject({ fault: { kind: "environment.python" } });
  });
});
