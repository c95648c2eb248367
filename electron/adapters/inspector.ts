/** Asks Python to look at data and model before a run exists. */
import { execFile } from "node:child_process";
import { z } from "zod";
import { FaultError, fault } from "../core/faults.ts";
import type { Inspector } from "../core/ports.ts";
import { childEnvironment } from "./child-environment.ts";

const LIMIT_MS = 10 * 60_000;
const OUTPUT_LIMIT_BYTES = 8 * 1024 * 1024;
const faultSchema = z.object({ fault: z.object({ kind: z.string(), message: z.string(), next: z.string() }) });
const checkSchema = z.object({ localModel: z.boolean() });
const inspectSchema = z.object({ findings: z.array(z.unknown()) });

export interface PythonOptions {
  readonly python: () => string;
  readonly packageFolder: string;
}

/** Runs one verb that prints one JSON object. Throws the fault it names, or one of our own when it says nothing usable. */
export async function askPython(options: PythonOptions, args: readonly string[], limitMs = LIMIT_MS): Promise<unknown> {
  const stdout = await new Promise<string>((resolve) => {
    const env = childEnvironment(process.env);
    execFile(
      options.python(),
      ["-m", "trainer", ...args],
      { cwd: options.packageFolder, env, timeout: limitMs, maxBuffer: OUTPUT_LIMIT_BYTES },
      (_error, out) => resolve(out),
    );
  });
  return readAnswer(stdout);
}

/** One JSON object, or the fault it names. */
export function readAnswer(stdout: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(stdout);
  } catch {
    throw unusable();
  }
  const refusal = faultSchema.safeParse(value);
  if (refusal.success) throw new FaultError(refusal.data.fault);
  return value;
}

export function unusable(): FaultError {
  return fault("environment.python", "The Python part gave no usable answer.", "Check the installation with: thortime doctor.");
}

export function pythonInspector(options: PythonOptions): Inspector {
  return {
    async check({ data, heldOut, model, skipBadRows }) {
      const args = ["check", "--data", data, "--model", model, "--json"];
      if (heldOut !== null) args.push("--held-out", heldOut);
      if (skipBadRows) args.push("--skip-bad-rows");
      const checked = checkSchema.safeParse(await askPython(options, args));
      if (!checked.success) throw unusable();
      return checked.data;
    },
    async findings({ data, heldOut }) {
      const args = ["inspect", data, "--json"];
      if (heldOut !== null) args.push("--held-out", heldOut);
      const inspected = inspectSchema.safeParse(await askPython(options, args));
      if (!inspected.success) throw unusable();
      return inspected.data.findings.length;
    },
  };
}
