/** How large the app may be. Beyond this somebody packed what is not ours to pack. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { problem } from "../provision/problem.mjs";

export const APP_BYTES = 330e6;
export const ASAR_BYTES = 15e6;

export interface Sizes {
  readonly app: number;
  readonly asar: number;
}

export function sizesOf(app: string): Sizes {
  return { app: bytesOf(app), asar: lstatSync(join(app, "Contents", "Resources", "app.asar")).size };
}

/** Throws when the app is too large, naming what is. */
export function checkBudget({ app, asar }: Sizes): void {
  const over = [
    app > APP_BYTES ? `the app has ${mega(app)} of ${mega(APP_BYTES)}` : "",
    asar > ASAR_BYTES ? `app.asar has ${mega(asar)} of ${mega(ASAR_BYTES)}` : "",
  ];
  const told = over.filter((one) => one !== "").join(", ");
  if (told !== "") throw problem("build-failed", `The package is too large: ${told}.`, "Look at what was packed last: du -a dist | sort -n | tail.");
}

export function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** What the files hold; links count nothing, since frameworks link to themselves. */
function bytesOf(path: string): number {
  const seen = lstatSync(path);
  if (seen.isFile()) return seen.size;
  if (!seen.isDirectory()) return 0;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}
