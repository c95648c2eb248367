/**
 * The settings as a form holds them, and back: every field a text or a yes. A secret's field is empty until somebody types a new one; what is saved
 * never comes back into it.
 */
import { CLOUDS } from "../electron/core/evening/energy.ts";
import { type Settings, settingsSchema } from "../electron/core/settings.ts";
import { merged, type ShownPush, type ShownSettings } from "../electron/core/settings-shown.ts";

export const SECRETS = ["ntfyTopic", "ntfyToken", "pushoverToken", "pushoverUser", "telegramToken", "telegramChat"] as const;
export type Secret = (typeof SECRETS)[number];

/** A row of the table as it is typed. `key` is the row's for as long as the form lives. */
export interface CloudDraft {
  readonly key: number;
  readonly name: string;
  readonly usdPerHour: string;
  readonly tokensPerSecond: string;
}

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
  readonly clouds: readonly CloudDraft[];
}
export type Field = keyof Draft;

const USUAL_QUIET = { from: "23:00", to: "07:00" };
const USUAL_NTFY = "https://ntfy.sh";

export function draftOf(settings: ShownSettings): Draft {
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
    clouds: cloudDrafts(settings.clouds),
  };
}

function cloudDrafts(clouds: ShownSettings["clouds"]): readonly CloudDraft[] {
  return clouds.map(({ name, usdPerHour, tokensPerSecond }, key) => ({ key, name, usdPerHour: String(usdPerHour), tokensPerSecond: String(tokensPerSecond) }));
}

/** The rows that ship. */
export const usualClouds = (): readonly CloudDraft[] => cloudDrafts([...CLOUDS]);

export function withRow(rows: readonly CloudDraft[]): readonly CloudDraft[] {
  return [...rows, { key: 1 + Math.max(-1, ...rows.map((row) => row.key)), name: "", usdPerHour: "", tokensPerSecond: "" }];
}

/** Whether a secret is kept already. */
export function hasSecret({ push }: ShownSettings, name: Secret): boolean {
  return secretsOf(push)[name] === true;
}

function secretsOf({ ntfy, pushover, telegram }: ShownPush): Readonly<Record<Secret, true | undefined>> {
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
export function changeOf(draft: Draft, settings: ShownSettings): Readonly<Record<string, unknown>> {
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
    clouds: draft.clouds.map((row) => ({ name: row.name.trim(), usdPerHour: toNumber(row.usdPerHour), tokensPerSecond: toNumber(row.tokensPerSecond) })),
  };
  const before: Readonly<Record<string, unknown>> = { ...settings };
  const changed = Object.entries(wanted).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key]));
  const push = pushOf(draft, settings);
  return Object.fromEntries(Object.keys(push).length > 0 ? [...changed, ["push", push]] : changed);
}

/** Only what differs: a secret that was not typed anew is not named, so it stays; a way that is switched off is taken away. */
function pushOf(draft: Draft, { push }: ShownSettings): Readonly<Record<string, unknown>> {
  const typed = (names: Readonly<Record<string, Secret>>) =>
    Object.entries(names).flatMap(([field, name]) => (draft[name].trim() === "" ? [] : [[field, draft[name].trim()] as const]));
  const plain: readonly (readonly [string, unknown, unknown])[] = [
    ["server", draft.ntfyServer.trim(), push.ntfy?.server],
    ["remoteControl", draft.ntfyRemote, push.ntfy?.remoteControl],
  ];
  const different = plain.flatMap(([field, value, before]) => (value === before ? [] : [[field, value] as const]));
  return Object.fromEntries([
    ...way("ntfy", draft.ntfy, push.ntfy !== undefined, [...different, ...typed({ topic: "ntfyTopic", token: "ntfyToken" })]),
    ...way("pushover", draft.pushover, push.pushover !== undefined, typed({ token: "pushoverToken", user: "pushoverUser" })),
    ...way("telegram", draft.telegram, push.telegram !== undefined, typed({ token: "telegramToken", chat: "telegramChat" })),
  ]);
}

function way(name: string, wanted: boolean, before: boolean, fields: readonly (readonly [string, unknown])[]): readonly (readonly [string, unknown])[] {
  if (!wanted) return before ? [[name, null]] : [];
  return fields.length > 0 || !before ? [[name, Object.fromEntries(fields)]] : [];
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
export function wrongFields(draft: Draft, settings: ShownSettings): ReadonlySet<Field> {
  const change = changeOf(draft, settings);
  const parsed = settingsSchema.safeParse(merged(asIfTyped(settings), change));
  const wrong = new Set<Field>();
  for (const issue of parsed.error?.issues ?? []) {
    const field = issue.path[0] === "clouds" ? "clouds" : FIELDS[issue.path.join(".")];
    if (field) wrong.add(field);
  }
  if (toNumber(draft.red) <= toNumber(draft.target)) wrong.add("red");
  if (tidyTime(draft.windowFrom) === tidyTime(draft.windowTo)) wrong.add("windowTo");
  return wrong;
}

/** The engine alone has the secrets; any text stands for one, so that its schema can be asked. */
function asIfTyped(settings: ShownSettings): Settings {
  const push = Object.entries(settings.push).map(([name, fields]) => {
    const texts = Object.entries(fields ?? {}).map(([field, value]) => [field, value === true && field !== "remoteControl" ? "kept" : value]);
    return [name, Object.fromEntries(texts)];
  });
  return { ...settings, push: Object.fromEntries(push) };
}
