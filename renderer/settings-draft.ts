/**
 * The settings as a form holds them, and back: every field a text or a yes. A secret's field is empty until somebody types a new one; what is saved
 * never comes back into it.
 */
import { type Settings, settingsSchema } from "../electron/core/settings.ts";

export const SECRETS = ["ntfyTopic", "ntfyToken", "pushoverToken", "pushoverUser", "telegramToken", "telegramChat"] as const;
export type Secret = (typeof SECRETS)[number];

export interface Draft extends Readonly<Record<Secret, string>> {
  readonly language: "en" | "tr";
  readonly windowFrom: string;
  readonly windowTo: string;
  readonly sleepDisplay: boolean;
  readonly unloadOllama: boolean;
  readonly target: string;
  readonly red: string;
  readonly battery: string;
  readonly quiet: boolean;
  readonly quietFrom: string;
  readonly quietTo: string;
  readonly urgent: boolean;
  readonly digest: string;
  readonly currency: string;
  readonly perKwh: string;
  readonly ntfy: boolean;
  readonly ntfyServer: string;
  readonly ntfyRemote: boolean;
  readonly pushover: boolean;
  readonly telegram: boolean;
}
export type Field = keyof Draft;

const USUAL_QUIET = { from: "23:00", to: "07:00" };
const USUAL_NTFY = "https://ntfy.sh";

export function draftOf(settings: Settings): Draft {
  const { window, quietHours, push, tariff } = settings;
  const quiet = quietHours ?? USUAL_QUIET;
  const noSecrets = Object.fromEntries(SECRETS.map((name) => [name, ""])) as Record<Secret, string>;
  return {
    ...noSecrets,
    language: settings.language,
    windowFrom: window.from,
    windowTo: window.to,
    sleepDisplay: settings.sleepDisplay,
    unloadOllama: settings.unloadOllama,
    target: String(settings.targetCelsius),
    red: String(settings.redCelsius),
    battery: String(settings.pauseBelowPercent),
    quiet: quietHours !== null,
    quietFrom: quiet.from,
    quietTo: quiet.to,
    urgent: settings.urgentInQuietHours,
    digest: settings.checkpointDigestHours === null ? "" : String(settings.checkpointDigestHours),
    currency: tariff.currency,
    perKwh: String(tariff.perKwh),
    ntfy: push.ntfy !== undefined,
    ntfyServer: push.ntfy?.server ?? USUAL_NTFY,
    ntfyRemote: push.ntfy?.remoteControl ?? false,
    pushover: push.pushover !== undefined,
    telegram: push.telegram !== undefined,
  };
}

/** Whether a secret is kept already. */
export function hasSecret({ push }: Settings, name: Secret): boolean {
  return secretsOf(push)[name] !== undefined;
}

function secretsOf({ ntfy, pushover, telegram }: Settings["push"]): Readonly<Record<Secret, string | undefined>> {
  return {
    ntfyTopic: ntfy?.topic,
    ntfyToken: ntfy?.token,
    pushoverToken: pushover?.token,
    pushoverUser: pushover?.user,
    telegramToken: telegram?.token,
    telegramChat: telegram?.chat,
  };
}

/** A time of day as people write it: `8:00`, `22.30`; what is none stays as it is. */
export function tidyTime(text: string): string {
  const [, hours, minutes] = /^\s*(\d{1,2})[:.](\d{2})\s*$/.exec(text) ?? [];
  return hours && minutes ? `${hours.padStart(2, "0")}:${minutes}` : text.trim();
}

/** A number as people of both languages write it; what is none stays none. */
function toNumber(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text.trim().replace(",", "."));
}

/** The keys of settings.json that differ; what is wrong in them is found by `wrongFields`. */
export function changeOf(draft: Draft, settings: Settings): Readonly<Record<string, unknown>> {
  const wanted: Readonly<Record<string, unknown>> = {
    language: draft.language,
    window: { from: tidyTime(draft.windowFrom), to: tidyTime(draft.windowTo) },
    sleepDisplay: draft.sleepDisplay,
    unloadOllama: draft.unloadOllama,
    targetCelsius: toNumber(draft.target),
    redCelsius: toNumber(draft.red),
    pauseBelowPercent: toNumber(draft.battery),
    quietHours: draft.quiet ? { from: tidyTime(draft.quietFrom), to: tidyTime(draft.quietTo) } : null,
    urgentInQuietHours: draft.urgent,
    checkpointDigestHours: draft.digest.trim() === "" ? null : toNumber(draft.digest),
    tariff: { currency: draft.currency.trim(), perKwh: toNumber(draft.perKwh) },
    push: pushOf(draft, settings),
  };
  const before: Readonly<Record<string, unknown>> = { ...settings };
  return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key])));
}

function pushOf(draft: Draft, { push }: Settings): unknown {
  const kept = secretsOf(push);
  const secret = (name: Secret) => draft[name].trim() || kept[name] || "";
  const token = secret("ntfyToken");
  const ntfy = { server: draft.ntfyServer.trim(), topic: secret("ntfyTopic"), ...(token ? { token } : {}), remoteControl: draft.ntfyRemote };
  return {
    ...(draft.ntfy ? { ntfy } : {}),
    ...(draft.pushover ? { pushover: { token: secret("pushoverToken"), user: secret("pushoverUser") } } : {}),
    ...(draft.telegram ? { telegram: { token: secret("telegramToken"), chat: secret("telegramChat") } } : {}),
  };
}

/** Where the schema's own names stand in the form. */
const FIELDS: Readonly<Record<string, Field>> = {
  "window.from": "windowFrom",
  "window.to": "windowTo",
  targetCelsius: "target",
  redCelsius: "red",
  pauseBelowPercent: "battery",
  "quietHours.from": "quietFrom",
  "quietHours.to": "quietTo",
  checkpointDigestHours: "digest",
  "tariff.currency": "currency",
  "tariff.perKwh": "perKwh",
  "push.ntfy.server": "ntfyServer",
  "push.ntfy.topic": "ntfyTopic",
  "push.ntfy.token": "ntfyToken",
  "push.pushover.token": "pushoverToken",
  "push.pushover.user": "pushoverUser",
  "push.telegram.token": "telegramToken",
  "push.telegram.chat": "telegramChat",
};

/** By the engine's own schema; and that the red line lies over the target, without which the governor has no room. */
export function wrongFields(draft: Draft, settings: Settings): ReadonlySet<Field> {
  const change = changeOf(draft, settings);
  const parsed = settingsSchema.safeParse({ ...settings, ...change });
  const wrong = new Set<Field>();
  for (const issue of parsed.error?.issues ?? []) {
    const field = FIELDS[issue.path.join(".")];
    if (field) wrong.add(field);
  }
  if (toNumber(draft.red) <= toNumber(draft.target)) wrong.add("red");
  if (tidyTime(draft.windowFrom) === tidyTime(draft.windowTo)) wrong.add("windowTo");
  return wrong;
}
