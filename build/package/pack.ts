/** Packs a built clone into Thortime.app, and prints and judges its size. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { checkBudget, mega, type Sizes, sizesOf } from "./budget.ts";
import { packageConfig } from "./config.ts";
import { stageApp } from "./stage.ts";
import type { Builder } from "./types.ts";

export interface PackInput {
  readonly root: string;
  readonly output: string;
  /** electron-builder's names: dmg, zip, dir. */
  readonly targets: readonly string[];
  readonly packager: string;
  readonly uv: string;
  readonly electronDist: string | null;
  readonly env: NodeJS.ProcessEnv;
}

/** Returns the app's path and what it weighs. */
export async function pack(input: PackInput): Promise<{ app: string; sizes: Sizes }> {
  const builder = createRequire(join(input.packager, "package.json"))("electron-builder") as Builder;
  const { devDependencies } = JSON.parse(readFileSync(join(input.root, "package.json"), "utf8")) as { devDependencies: { electron: string } };
  const app = stageApp(input.root, join(input.output, "staged"));
  const config = packageConfig({ ...input, electronVersion: devDependencies.electron });
  const targets = builder.Platform.MAC.createTarget(input.targets, builder.Arch.arm64);
  await builder.build({ targets, config, projectDir: app, publish: "never" });
  const made = join(input.output, "mac-arm64", "Thortime.app");
  const sizes = sizesOf(made);
  console.log(`Thortime.app ${mega(sizes.app)}, app.asar ${mega(sizes.asar)}`);
  checkBudget(sizes);
  return { app: made, sizes };
}
