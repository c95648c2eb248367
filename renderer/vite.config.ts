import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// vite takes its configuration as the default export.
export default defineConfig({
  root: here("."),
  // Relative, because the same files are served by the web host and by Electron's own protocol.
  base: "./",
  plugins: [react()],
  build: {
    outDir: here("../out/renderer"),
    emptyOutDir: true,
    // Electron 22 (tests under Xvfb) is Chromium 108.
    target: "chrome108",
    // The content security policy allows no data: styles or scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: here("index.html"),
      output: { entryFileNames: "assets/[name].js", chunkFileNames: "assets/[name].js", assetFileNames: "assets/[name][extname]" },
    },
  },
});
