#!/usr/bin/env node
// Builds everything into `out`. The stamp is taken away first and written last, so a build cut short never passes for one.
import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { sourceStamp } from "./stamp.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const DESKTOP = ["main", "preload", "worker"].map((name) => `build/vite.desktop-${name}.config.ts`);
const CONFIGS = ["build/vite.node.config.ts", "renderer/vite.config.ts", ...DESKTOP];

// There is one build. A test runner's NODE_ENV would put React's development version and the paths of this machine into it.
process.env.NODE_ENV = "production";

const startMs = performance.now();
const stamp = sourceStamp(root);
for (const old of ["stamp", "chunks"]) rmSync(join(root, "out", old), { recursive: true, force: true });
for (const config of CONFIGS) await build({ configFile: join(root, config), logLevel: "warn" });
writeFileSync(join(root, "out", "stamp"), `${stamp}\n`);
console.log(`Built in ${((performance.now() - startMs) / 1000).toFixed(1)} s.`);
