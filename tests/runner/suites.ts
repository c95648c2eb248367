/** The suites of `npm test`, in the order a fault is found soonest. */
import type { Need } from "./provisions.ts";

export interface Suite {
  readonly name: string;
  readonly needs: readonly Need[];
  readonly run: { readonly vitest: readonly string[] } | { readonly pytest: readonly string[] } | { readonly npm: string };
}

export const SUITES: readonly Suite[] = [
  { name: "check", needs: ["python"], run: { npm: "check" } },
  { name: "core", needs: [], run: { vitest: ["tests/core", "tests/sim", "tests/rooms"] } },
  { name: "adapters", needs: ["python", "ollama", "llama"], run: { vitest: ["tests/adapters"] } },
  { name: "engine", needs: ["python"], run: { vitest: ["tests/engine"] } },
  { name: "hosts", needs: ["python", "ollama"], run: { vitest: ["tests/hosts", "tests/build"] } },
  { name: "faults", needs: ["python", "ollama"], run: { vitest: ["tests/faults"] } },
  { name: "python", needs: ["python"], run: { pytest: ["tests/python"] } },
  { name: "browser", needs: ["chromium"], run: { vitest: ["tests/browser"] } },
  { name: "e2e", needs: ["python", "chromium", "ollama"], run: { vitest: ["tests/e2e"] } },
  { name: "workflows", needs: ["actionlint"], run: { vitest: ["tests/workflows"] } },
  { name: "package", needs: ["packager", "python"], run: { vitest: ["tests/package"] } },
  { name: "shell", needs: ["python", "electron"], run: { vitest: ["tests/shell"] } },
];
