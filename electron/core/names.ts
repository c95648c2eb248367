/** Names of runs and models: parsed or refused, never "cleaned" into something else. */
import { FaultError } from "./faults.ts";

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d|latest|prev)$/i;

export function parseName(text: string): string {
  if (NAME.test(text) && !text.includes("..") && !RESERVED.test(text) && !/[.-]$/.test(text)) return text;
  // What cannot be seen (control and bidi marks, line separators) is spelled out, so that the sentence reads as it is.
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (mark) => `\\u{${mark.codePointAt(0)?.toString(16)}}`,
  );
  throw new FaultError({
    kind: "name.invalid",
    message: `The name ${shown} cannot be used for a model.`,
    next: "Use up to 63 letters, digits, dots, dashes and underscores, starting with a letter or digit, for example jessy-test-v1.",
  });
}

const pad = (value: number) => String(value).padStart(2, "0");

/** `jessy-test-v1-20261123-220000-3fa9`: the name first, so that people can type a prefix. UTC, so that it sorts across a DST night. */
export function runId(name: string, at: number, random: () => number): string {
  const t = new Date(at);
  const day = `${t.getUTCFullYear()}${pad(t.getUTCMonth() + 1)}${pad(t.getUTCDate())}`;
  const time = `${pad(t.getUTCHours())}${pad(t.getUTCMinutes())}${pad(t.getUTCSeconds())}`;
  const salt = Math.floor(random() * 0x10000) % 0x10000;
  return `${name}-${day}-${time}-${salt.toString(16).padStart(4, "0")}`;
}

const RUN_ID = /^[a-z0-9][a-z0-9._-]{0,62}-\d{8}-\d{6}-[0-9a-f]{4}$/i;
export function isRunId(text: string): boolean {
  return RUN_ID.test(text) && !text.includes("..");
}
