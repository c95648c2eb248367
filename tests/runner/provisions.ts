/** What suites need beyond npm packages: provided once, passed on by environment variables, cached outside the tree. */
import { mkdtempSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { provideActionlint } from "../../build/provision/actionlint.mjs";
import { provideChromium } from "../../build/provision/chromium.mjs";
import { provideLlama } from "../../build/provision/llama.mjs";
import { provideMacUv } from "../../build/provision/mac-uv.mjs";
import { provideOllama } from "../../build/provision/ollama.mjs";
import { providePackager } from "../../build/provision/packager.mjs";
import { provideOldElectron } from "../../build/provision/xvfb-electron.mjs";
import { ensurePython } from "../../electron/adapters/python-environment.ts";

export type Need = "python" | "chromium" | "ollama" | "electron" | "llama" | "packager" | "actionlint";
export type Provided = { readonly env: Record<string, string> } | { readonly missing: string };

export function cacheFolder(): string {
  return process.env["THORTIME_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "thortime");
}

type Say = (line: string) => void;
const providers: Record<Need, (onLine: Say) => Promise<Record<string, string>>> = {
  python: async (onLine) => {
    const home = mkdtempSync(join(tmpdir(), "thortime-python-"));
    const { python } = await ensurePython({ home, project: "python", cache: cacheFolder(), dev: true, env: process.env, onLine });
    return { THORTIME_PYTHON: python };
  },
  chromium: async (onLine) => ({ THORTIME_CHROMIUM: await provideChromium({ onLine }) }),
  ollama: async (onLine) => ({ THORTIME_TEST_OLLAMA: await provideOllama({ onLine }) }),
  electron: async (onLine) => {
    const { executable, xvfbRun } = await provideOldElectron({ onLine });
    return { THORTIME_TEST_ELECTRON: executable, THORTIME_XVFB_RUN: xvfbRun };
  },
  packager: async (onLine) => ({ THORTIME_PACKAGER: await providePackager({ onLine }), THORTIME_MAC_UV: await provideMacUv({ onLine }) }),
  actionlint: async (onLine) => ({ THORTIME_ACTIONLINT: await provideActionlint({ onLine }) }),
  llama: async (onLine) => ({ THORTIME_TEST_LLAMA: await provideLlama({ onLine }) }),
};

export async function provide(need: Need, say: Say): Promise<Provided> {
  try {
    return { env: await providers[need](say) };
  } catch (error) {
    const { message, next } = describe(error);
    return { missing: `${message} ${next}`.trim() };
  }
}

function describe(error: unknown): { message: string; next: string } {
  if (!(error instanceof Error)) return { message: String(error), next: "" };
  const fault = "fault" in error ? (error.fault as { next?: string }) : (error as { next?: string });
  return { message: error.message, next: fault.next ?? "" };
}
