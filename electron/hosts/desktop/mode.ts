/** What this start of the app is for: the app itself, or, without a window, the engine or the command line. */

export interface Mode {
  readonly kind: "app" | "engine" | "cli";
  /** What follows `--engine` or `--cli`: ours, in the words of `out/engine.js` and `out/cli.js`. */
  readonly args: readonly string[];
  /** What starts this program as it was started, in front of its mode: the app's folder in a clone, and Chromium's own switches. */
  readonly start: readonly string[];
}

const MODES = { "--engine": "engine", "--cli": "cli" } as const;

/** `argv`: `process.argv`, the program first. Only the first of our words counts; what stands behind it may say anything. */
export function readMode(argv: readonly string[]): Mode {
  const [, ...rest] = argv;
  const at = rest.findIndex((word) => Object.hasOwn(MODES, word));
  const word = rest[at];
  if (word !== "--engine" && word !== "--cli") return { kind: "app", args: [], start: rest };
  return { kind: MODES[word], args: rest.slice(at + 1), start: rest.slice(0, at) };
}
