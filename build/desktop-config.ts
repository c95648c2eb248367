/** What the desktop bundles share. */
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const builtins = builtinModules.flatMap((name) => [name, `node:${name}`]);

/** A preload in a sandbox may load nothing but `electron`, so each bundle stands alone. */
export function desktopConfig(name: "main" | "preload" | "history-worker"): UserConfig {
  return defineConfig({
    root: here(".."),
    build: {
      outDir: here("../out/desktop"),
      emptyOutDir: false,
      ssr: true,
      target: name === "preload" ? "chrome108" : "node16",
      minify: false,
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: {
        input: { [name]: here(name === "history-worker" ? "../electron/adapters/history-worker.ts" : `../electron/hosts/desktop/${name}.ts`) },
        // better-sqlite3 finds its native part beside its own files; ws would like two optional native helpers.
        external: ["electron", ...builtins, "better-sqlite3", "bufferutil", "utf-8-validate"],
        output: { format: "cjs", entryFileNames: "[name].cjs", codeSplitting: false },
      },
    },
    ssr: { noExternal: true, external: ["electron", "better-sqlite3"] },
  });
}
