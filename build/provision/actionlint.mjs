import { join } from "node:path";
import { logPath, provideFromCache } from "./cache.mjs";
import { chosenByEnvironment, findOnPath } from "./executable.mjs";
import { problem } from "./problem.mjs";
import { run } from "./run.mjs";

export const ACTIONLINT_VERSION = "1.7.12";

/**
 * The linter of workflow files. THORTIME_ACTIONLINT wins; else the one in the cache; else it is built from its Go module (ten seconds).
 *
 * @param {{onLine?: (line: string) => void, signal?: AbortSignal}} [options]
 * @returns {Promise<string>} path of the executable
 * @throws {import('./problem.mjs').Problem}
 */
export async function provideActionlint({ onLine, signal } = {}) {
  const chosen = await chosenByEnvironment("THORTIME_ACTIONLINT");
  if (chosen) return chosen;
  const name = `actionlint-${ACTIONLINT_VERSION}-${process.platform}-${process.arch}`;
  return provideFromCache({ name, entry: "actionlint", onLine, signal, make: (work) => build(work, { onLine, signal }) });
}

async function build(work, { onLine, signal }) {
  if (!(await findOnPath(["go"]))) {
    throw problem(
      "missing-tool",
      "Building actionlint needs Go, and there is none here.",
      "Install Go, or set THORTIME_ACTIONLINT to an installed actionlint.",
    );
  }
  const bin = join(work, "bin");
  const logFile = await logPath(`actionlint-${ACTIONLINT_VERSION}`);
  const args = ["install", `github.com/rhysd/actionlint/cmd/actionlint@v${ACTIONLINT_VERSION}`];
  const { code } = await run("go", args, { onLine, logFile, signal, env: { GOBIN: bin, GOTMPDIR: work }, niceness: 5 });
  if (code === 0) return bin;
  throw problem("build-failed", `actionlint ${ACTIONLINT_VERSION} could not be built.`, `Read ${logFile} and try again.`);
}
