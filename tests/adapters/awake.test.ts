/** Issue 5, point 5: the machine stays awake as long as the trainer lives and no longer, and nothing ever holds the display awake. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAwake } from "../../electron/adapters/awake.ts";
import { childEnvironment } from "../../electron/adapters/child-environment.ts";
import { alive, untilGone } from "../fixtures/alive.ts";
import { makeTools, type Tools } from "../fixtures/tools.ts";
import { inEnglish, saying } from "../fixtures/why.ts";

const HOLD_AND_DIE = fileURLToPath(new URL("../fixtures/hold-and-die.ts", import.meta.url));

let tools: Tools;
let trainer: ChildProcess;
beforeEach(() => {
  tools = makeTools();
  trainer = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
});
afterEach(() => {
  trainer.kill("SIGKILL");
  tools.close();
});

/** As caffeinate does: lives until the process after -w has ended. Its own pid is written down. */
const CAFFEINATE = () => `echo $$ > "${tools.path}/holder"; while kill -0 "$4" 2>/dev/null; do /bin/sleep 0.05; done`;
const pid = () => trainer.pid ?? 0;
const holder = () => Number(readFileSync(join(tools.path, "holder"), "utf8"));

async function endTrainer(): Promise<void> {
  const ended = once(trainer, "exit");
  trainer.kill("SIGKILL");
  await ended;
}

describe("on a Mac", () => {
  const awake = () => createAwake({ platform: "darwin", path: tools.path });

  test("caffeinate holds without the display, once for a trainer, and ends with it", async () => {
    tools.put("caffeinate", CAFFEINATE());
    const keeper = awake();
    expect(await Promise.all([keeper.hold(pid()), keeper.hold(pid())])).toEqual([{ by: "caffeinate" }, { by: "caffeinate" }]);
    expect(tools.calls()).toEqual([`caffeinate -i -s -w ${pid()}`]);
    const held = holder();
    await sleep(300);
    expect(alive(held)).toBe(true);
    await endTrainer();
    await untilGone(held);
  });

  test("outlives the engine that started it", async () => {
    tools.put("caffeinate", CAFFEINATE());
    const engine = spawn(process.execPath, [HOLD_AND_DIE, tools.path, String(pid())], { stdio: ["ignore", "pipe", "inherit"], detached: true });
    await once(engine.stdout, "data");
    const gone = once(engine, "exit");
    // The whole group, as a terminal that is closed does it.
    process.kill(-(engine.pid ?? 0), "SIGKILL");
    await gone;
    await sleep(200);
    const held = holder();
    expect(alive(held)).toBe(true);
    await endTrainer();
    await untilGone(held);
  });

  test("is held again when somebody ended the holder", async () => {
    tools.put("caffeinate", CAFFEINATE());
    const keeper = awake();
    await keeper.hold(pid());
    const first = holder();
    process.kill(first, "SIGKILL");
    await untilGone(first);
    await sleep(50);
    expect(await keeper.hold(pid())).toEqual({ by: "caffeinate" });
    expect(tools.calls()).toHaveLength(2);
    expect(holder()).not.toBe(first);
  });

  test("is let go when its work is over, also while it is only just starting, and can be held again", async () => {
    tools.put("caffeinate", CAFFEINATE());
    const keeper = awake();
    await keeper.letGo(pid());
    await keeper.hold(pid());
    const first = holder();
    await keeper.letGo(pid());
    await untilGone(first);
    const holding = keeper.hold(pid());
    await keeper.letGo(pid());
    expect(await holding).toEqual({ by: "caffeinate" });
    await untilGone(holder());
    await keeper.hold(pid());
    expect(alive(holder())).toBe(true);
    expect(tools.calls()).toHaveLength(3);
  });

  test("without caffeinate, or with one that refuses, nobody is said to hold", async () => {
    expect(await awake().hold(pid())).toEqual({ by: null, why: saying("caffeinate: it is not installed", true) });
    tools.put("caffeinate", "echo 'caffeinate: no power management here' >&2; exit 1");
    expect(await awake().hold(pid())).toEqual({
      by: null,
      why: saying("caffeinate: it ended at once with code 1; caffeinate: no power management here", true),
    });
  });

  test("the display is put to sleep when asked, and only then", async () => {
    tools.put("caffeinate", CAFFEINATE());
    tools.put("pmset", "exit 0");
    await awake().hold(pid());
    expect(tools.calls().filter((call) => call.startsWith("pmset"))).toEqual([]);
    expect(await awake().sleepDisplay()).toBeNull();
    expect(tools.calls().at(-1)).toBe("pmset displaysleepnow");
    tools.put("pmset", "exit 64");
    expect(await awake().sleepDisplay()).toEqual(saying("pmset: it ended with code 64", true));
    tools.remove("pmset");
    expect(await awake().sleepDisplay()).toEqual(saying("pmset: it is not installed", true));
  });

  test("the trainer's environment relaxes the display watchdog, on a Mac only", () => {
    expect(childEnvironment({}, "darwin")["AGX_RELAX_CDM_CTXSTORE_TIMEOUT"]).toBe("1");
    expect(childEnvironment({}, "linux")).not.toHaveProperty("AGX_RELAX_CDM_CTXSTORE_TIMEOUT");
  });
});

describe("on Linux", () => {
  test("systemd-inhibit holds while a real `tail` waits for the trainer, without the lid or the display", async () => {
    // As systemd-inhibit does: runs what stands after its options.
    tools.put("systemd-inhibit", `echo $$ > "${tools.path}/holder"; PATH=/usr/bin:/bin; while [ "\${1#--}" != "$1" ]; do shift; done; exec "$@"`);
    expect(await createAwake({ platform: "linux", path: tools.path }).hold(pid())).toEqual({ by: "systemd-inhibit" });
    expect(tools.calls()).toEqual([
      `systemd-inhibit --what=sleep:idle --who=Thortime --why=A model is being trained --mode=block tail --pid=${pid()} --follow /dev/null`,
    ]);
    const held = holder();
    expect(alive(held)).toBe(true);
    await endTrainer();
    await untilGone(held);
  });

  test("this machine answers for itself: held, or the reason it is not", async () => {
    const held = await createAwake().hold(pid());
    if (held.by === null) expect(inEnglish(held.why)).toMatch(/^systemd-inhibit: it (is not installed|ended at once with .+)/);
    else expect(held.by).toBe("systemd-inhibit");
    expect(await createAwake().sleepDisplay()).toEqual(saying("only a Mac's display has to sleep", true));
  });
});

test("elsewhere nobody claims to hold", async () => {
  expect(await createAwake({ platform: "freebsd" }).hold(pid())).toEqual({ by: null, why: saying("Thortime knows no way to keep freebsd awake", true) });
});
