/** Row 28: a short soak, every time; `npm run soak -- --minutes 20` is the long one. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { root } from "../hosts/homes.ts";

const SECONDS = 60;
let child: ChildProcess | undefined;

afterAll(() => {
  // Ended in the middle, it takes its processes with it.
  child?.kill("SIGTERM");
});

it("a minute of seeded faults on the practice night: every invariant holds", { timeout: 15 * 60_000 }, async () => {
  const seed = process.env["THORTIME_SEED"] ?? "20261123";
  const soak = spawn(process.execPath, [join(root, "tests", "soak", "main.ts"), "--minutes", String(SECONDS / 60), "--seed", seed], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child = soak;
  let said = "";
  for (const stream of [soak.stdout, soak.stderr])
    stream.on("data", (piece: Buffer) => {
      said += piece.toString();
    });
  const code = await new Promise<number | null>((resolve) => soak.once("close", resolve));
  const last = JSON.parse(said.trim().split("\n").at(-1) ?? "{}") as Record<string, number>;
  expect(code, said).toBe(0);
  expect(last).toMatchObject({ violations: 0, faults: expect.any(Number), worstStepsLost: expect.any(Number), seconds: expect.any(Number) });
  expect(last["faults"]).toBeGreaterThan(0);
  expect(last["worstStepsLost"]).toBeLessThanOrEqual(8);
});
