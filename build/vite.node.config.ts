/** Bundles what runs in plain Node: the command line, the engine and the history's worker, each one ES module in `out`. */
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const builtins = builtinModules.flatMap((name) => [name, `node:${name}`]);

// vite takes its configuration as the default export.
export default defineConfig({
  root: here(".."),
  build: {
    outDir: here("../out"),
    // The renderer's and the desktop's files lie beside these.
    emptyOutDir: false,
    ssr: true,
    target: "node22",
    minify: false,
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      input: {
        cli: here("../electron/hosts/cli-entry.ts"),
        engine: here("../electron/hosts/engine-entry.ts"),
        "history-worker": here("../electron/adapters/history-worker.ts"),
      },
      // better-sqlite3 and node-notifier find their native parts beside their own files; ws would like two optional native helpers.
      external: [...builtins, "better-sqlite3", /^node-notifier(\/|$)/, "bufferutil", "utf-8-validate"],
      output: { format: "es", entryFileNames: "[name].js", chunkFileNames: "chunks/[name].js" },
    },
  },
  ssr: { noExternal: true, external: ["better-sqlite3", "node-notifier"] },
});
