/** What the two desktop bundles share. */
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const builtins = builtinModules.flatMap((name) => [name, `node:${name}`]);

/** A preload in a sandbox may load nothing but `electron`, so each bundle stands alone. */
export function desktopConfig(name: "main" | "preload"): UserConfig {
  return defineConfig({
    root: here(".."),
    build: {
      outDir: here("../out/desktop"),
      emptyOutDir: false,
      ssr: true,
      target: name === "main" ? "node16" : "chrome108",
      minify: false,
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: {
        input: { [name]: here(`../electron/hosts/desktop/${name}.ts`) },
        external: ["electron", ...builtins, "bufferutil", "utf-8-validate"],
        output: { format: "cjs", entryFileNames: "[name].cjs", codeSplitting: false },
      },
    },
    ssr: { noExternal: true, external: ["electron"] },
  });
}
