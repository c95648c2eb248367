/** `npm run package [-- dir|zip|dmg …]`: the app for macOS on Apple silicon, in `dist`. On a Mac; elsewhere only `dir`, with THORTIME_ELECTRON_DIST. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "../prepare.mjs";
import { provideMacUv } from "../provision/mac-uv.mjs";
import { providePackager } from "../provision/packager.mjs";
import { problem } from "../provision/problem.mjs";
import { pack } from "./pack.ts";

const TARGETS = ["dmg", "zip", "dir"];
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const say = (line: string) => console.log(line);

async function main(asked: readonly string[]): Promise<void> {
  const targets = asked.length > 0 ? asked : TARGETS;
  const unknown = targets.find((target) => !TARGETS.includes(target));
  if (unknown) throw problem("bad-setting", `There is no package of the kind ${unknown}.`, `There are: ${TARGETS.join(", ")}.`);
  const electronDist = process.env["THORTIME_ELECTRON_DIST"] ?? null;
  if (process.platform !== "darwin" && (electronDist === null || targets.some((target) => target !== "dir"))) {
    throw problem("unsupported-platform", "The app is packaged on a Mac.", "Elsewhere: THORTIME_ELECTRON_DIST=FOLDER npm run package -- dir.");
  }
  await prepare(root, say);
  const [packager, uv] = [await providePackager({ onLine: say }), await provideMacUv({ onLine: say })];
  const { app } = await pack({ root, output: join(root, "dist"), targets, packager, uv, electronDist, env: process.env });
  say(`Packed: ${app}`);
}

main(process.argv.slice(2)).catch((error: Error & { kind?: string; next?: string }) => {
  // A problem of ours is a sentence and a next step; anything else is a defect and shows its stack.
  console.error(error.kind ? `${error.message}\n${error.next}` : error);
  process.exitCode = 1;
});
