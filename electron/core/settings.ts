/** `home/settings.json`: what a person sets once. Everything has a default; a file that cannot be read is all defaults, and said. */
import { z } from "zod";
import { CLOUDS } from "./evening/energy.ts";
import { TIME_OF_DAY, USUAL_WINDOW } from "./evening/window.ts";

const timeOfDay = z.string().regex(TIME_OF_DAY);
const span = z.strictObject({ from: timeOfDay, to: timeOfDay });
const secret = z.string().min(1).max(400);
/** An address with a name, a password or a query in it would be a secret where none is kept. */
const server = z.url().refine((text) => /^https?:\/\/[^/?#@]+\/?$/.test(text), "an address like https://ntfy.sh");

export const settingsSchema = z.strictObject({
  language: z.enum(["en", "tr"]).default("en"),
  window: span.default(USUAL_WINDOW),
  /** The menu-bar app comes with the login. */
  openAtLogin: z.boolean().default(false),
  /** Held at or under this, °C; over `redCelsius` work stops at once. */
  targetCelsius: z.number().min(50).max(100).default(85),
  redCelsius: z.number().min(60).max(108).default(90),
  /** On battery the run pauses below this charge, and goes on with power. */
  pauseBelowPercent: z.number().min(0).max(100).default(30),
  /** The display is put to sleep when a run begins, only if this was agreed to. */
  sleepDisplay: z.boolean().default(false),
  /** Idle models in Ollama are let go before a run, only if this was agreed to. */
  unloadOllama: z.boolean().default(false),
  /** The interpreter the environment is made from; null: one is found. Chosen with `python-setup`, which checks it. */
  python: z.string().max(4096).nullable().default(null),
  quietHours: span.nullable().default({ from: "23:00", to: "07:00" }),
  /** Whether what needs you may wake you. */
  urgentInQuietHours: z.boolean().default(true),
  /** Checkpoints are told in the app only, or together every so many hours. */
  checkpointDigestHours: z.number().int().min(1).max(24).nullable().default(null),
  push: z
    .strictObject({
      ntfy: z.strictObject({ server, topic: secret, token: secret.exactOptional(), remoteControl: z.boolean().default(false) }).exactOptional(),
      pushover: z.strictObject({ token: secret, user: secret }).exactOptional(),
      telegram: z.strictObject({ token: secret, chat: secret }).exactOptional(),
    })
    .default({}),
  tariff: z.strictObject({ currency: z.string().min(1).max(8), perKwh: z.number().min(0).max(1000) }).default({ currency: "USD", perKwh: 0.17 }),
  clouds: z
    .array(z.strictObject({ name: z.string().min(1).max(60), usdPerHour: z.number().min(0).max(1000), tokensPerSecond: z.number().positive() }))
    .max(20)
    .default([...CLOUDS]),
});
export type Settings = z.output<typeof settingsSchema>;
export const DEFAULT_SETTINGS: Settings = settingsSchema.parse({});

export interface SettingsRead {
  readonly settings: Settings;
  /** What in the file cannot be used; never what stands there. */
  readonly problem: string | null;
  /** The language that a person chose; null: nobody has yet, and the system's is as good as any. */
  readonly language: Settings["language"] | null;
}

/** `text` null: there is no such file. A key that is wrong costs that key, not the others. */
export function readSettings(text: string | null): SettingsRead {
  if (text === null) return { settings: DEFAULT_SETTINGS, problem: null, language: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { settings: DEFAULT_SETTINGS, problem: "settings.json is not JSON; all settings are as usual.", language: null };
  }
  const whole = settingsSchema.safeParse(value);
  if (typeof value !== "object" || value === null) {
    return { settings: DEFAULT_SETTINGS, problem: "settings.json is no object; all settings are as usual.", language: null };
  }
  const chosen = (settings: Settings) => ("language" in value && value.language === settings.language ? settings.language : null);
  if (whole.success) return { settings: whole.data, problem: null, language: chosen(whole.data) };
  const wrong = new Set(whole.error.issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : [String(issue.path[0])])));
  const rest = settingsSchema.safeParse(Object.fromEntries(Object.entries(value).filter(([key]) => !wrong.has(key))));
  const problem = `In settings.json ${[...wrong].slice(0, 5).join(", ")} cannot be used; there it is as usual.`;
  const settings = rest.success ? rest.data : DEFAULT_SETTINGS;
  return { settings, problem, language: chosen(settings) };
}
