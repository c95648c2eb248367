#!/usr/bin/env node
// Usage: node build/provision/main.mjs [ollama|chromium|electron|all]
// Provides what the test suites need and prints where it is.
import { provideChromium } from "./chromium.mjs";
import { provideOllama } from "./ollama.mjs";
import { provideOldElectron } from "./xvfb-electron.mjs";

const QUIET_MS = 20_000;
const providers = { ollama: provideOllama, chromium: provideChromium, electron: provideOldElectron };

/** @param {string} what a name from `providers` @returns {Promise<boolean>} whether it is there now */
async function provide(what, signal) {
  const startMs = performance.now();
  const seconds = () => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
  const say = (line) => console.log(`${what} [${seconds()}] ${line}`);
  const quiet = setInterval(() => say("still working"), QUIET_MS);
  const onLine = (line) => {
    quiet.refresh();
    say(line);
  };
  try {
    const result = await providers[what]({ onLine, signal });
    say(`ready: ${typeof result === "string" ? result : JSON.stringify(result)}`);
    return true;
  } catch (error) {
    if (!error.kind) throw error; // a defect of ours: its stack is wanted
    say(`not available (${error.kind}): ${error.message}`);
    say(`next: ${error.next}`);
    return false;
  } finally {
    clearInterval(quiet);
  }
}

/** Ctrl-C ends the programs we started and lets us clean up; a second one ends us at once. */
function abortOnSignal() {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => controller.abort());
  return controller.signal;
}

async function main(wanted) {
  const names = wanted === "all" ? Object.keys(providers) : [wanted];
  if (!names.every((name) => Object.hasOwn(providers, name))) {
    console.error("usage: node build/provision/main.mjs [ollama|chromium|electron|all]");
    return 2;
  }
  const signal = abortOnSignal();
  let ready = true;
  for (const name of names) ready = (await provide(name, signal)) && ready;
  return ready ? 0 : 1;
}

process.exitCode = await main(process.argv[2] ?? "all");
