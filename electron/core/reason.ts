/**
 * Why something is not known or did not work: a code with its values, worded where it is read and in its reader's language
 * (resources/messages `why.*`, words/why.ts).
 */
import { z } from "zod";

export const WHYS = [
  // A program or file that was to be read.
  "not-installed",
  "not-started",
  "not-started-code",
  "no-answer",
  "hangs",
  "endless",
  "ended-code",
  "ended-signal",
  "root-only",
  "unreadable",
  "unreadable-code",
  "not-asked",
  "slept",
  "nothing-new",
  "nothing-for",
  "just-started",
  "no-report",
  "endless-line",
  "kernel",
  // What it said.
  "no-number",
  "impossible",
  "senseless",
  "not-measured",
  "no-level",
  "no-such-level",
  "no-supply",
  "other-supply",
  "no-battery-named",
  "no-such-mode",
  "no-connection-named",
  "no-lid-named",
  "unfit-lines",
  "lines-unreadable",
  "lines-missing",
  "no-swap-count",
  "no-process",
  "no-name",
  "name-unknown",
  "meaningless",
  "read-once",
  // What this machine does not have.
  "no-battery",
  "no-battery-mac",
  "no-low-power",
  "no-telemetry",
  "no-lid",
  "no-lid-mac",
  "no-chip",
  "no-cpu-power",
  "no-adapter",
  "no-profiles",
  "no-power-counter",
  "macos-only",
  "no-source",
  "sensors-silent",
  // The night check.
  "updates-elsewhere",
  "updates-never-looked",
  "disk-unasked",
  "memory-size",
  "model-unseen",
  // Keeping awake.
  "no-holder",
  "display-mac-only",
  "ended-at-once-code",
  "ended-at-once-signal",
  // A notice on its way.
  "no-shell",
  "not-shown",
  "no-reason",
  "not-ended",
  "helper",
  "no-terminal",
  "no-way",
  "refused",
  "address",
  "address-more",
  "not-https",
  "other-program",
  "status",
  "untrusted",
  "unreachable",
  "topic-form",
  "token-form",
  "quota",
  "held-back",
  "asks-pause",
  // Words from elsewhere: a fault of ours by its kind, and what a program wrote.
  "fault",
  "said",
] as const;
export type WhyKey = (typeof WHYS)[number];

export const reasonSchema = z.object({ of: z.string().nullable(), key: z.string(), values: z.record(z.string(), z.string()) });
/** `of`: the program, file or service that it is about. */
export type Reason = z.infer<typeof reasonSchema>;

/** A plain text stands in journals of before. */
export const whySchema = z.union([z.string(), z.array(reasonSchema)]);
export type Why = string | readonly Reason[];

const REASONS_KEPT = 6;
const VALUE_CHARACTERS = 200;
const TEXT_CHARACTERS = 200;

export function because(key: WhyKey, values: Reason["values"] = {}, of: string | null = null): Reason {
  return { of, key, values };
}

/** A fault's sentences are English; readers of other languages know it by its kind. */
export function becauseOf({ kind, message }: { readonly kind: string; readonly message: string }): Reason {
  return because("fault", { kind, message });
}

/** As a journal carries it: bounded. */
export function boundedWhy(why: Why): z.infer<typeof whySchema> {
  if (typeof why === "string") return why.slice(0, TEXT_CHARACTERS);
  return why.slice(0, REASONS_KEPT).map(({ of, key, values }) => ({
    of: of?.slice(0, VALUE_CHARACTERS) ?? null,
    key,
    values: Object.fromEntries(Object.entries(values).map(([name, text]) => [name, text.slice(0, VALUE_CHARACTERS)])),
  }));
}
