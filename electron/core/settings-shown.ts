/**
 * Settings as they leave the engine, and as they come back. A secret never leaves it: where one is kept stands `true`. What comes back is a
 * change: keys that are not named stay, ways to a phone are merged field by field, and a secret that is `true` or not named stays as it is.
 */
import type { Settings } from "./settings.ts";

export const SECRETS = { ntfy: ["topic", "token"], pushover: ["token", "user"], telegram: ["token", "chat"] } as const;
type Way = keyof typeof SECRETS;

type Masked<T, K> = { readonly [F in keyof T]: F extends K ? true : T[F] };
export type ShownPush = { readonly [W in Way]?: Masked<NonNullable<Settings["push"][W]>, (typeof SECRETS)[W][number]> };
export type ShownSettings = Omit<Settings, "push"> & { readonly push: ShownPush };

const WAYS: readonly Way[] = ["ntfy", "pushover", "telegram"];

export function withoutSecrets(settings: Settings): ShownSettings {
  const push = WAYS.flatMap((way) => {
    const given = settings.push[way];
    return given ? [[way, masked(given, SECRETS[way])] as const] : [];
  });
  return { ...settings, push: Object.fromEntries(push) as ShownPush };
}

function masked(given: object, secrets: readonly string[]): object {
  return Object.fromEntries(Object.entries(given).map(([field, value]) => [field, secrets.includes(field) ? true : value]));
}

/** What the file is to hold, to be judged by the schema. A way, or a field of one, is taken away by null. */
export function merged(settings: Settings, change: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { push } = change;
  return isObject(push) ? { ...settings, ...change, push: mergedPush(settings.push, push) } : { ...settings, ...change };
}

function mergedPush(kept: Settings["push"], change: Readonly<Record<string, unknown>>): object {
  const ways = { ...kept, ...change };
  return Object.fromEntries(
    Object.entries(ways).flatMap(([way, value]) => {
      if (value === null) return [];
      const before = isWay(way) ? kept[way] : undefined;
      return [[way, isObject(value) && way in change ? mergedWay(isWay(way) ? SECRETS[way] : [], before, value) : value]];
    }),
  );
}

function mergedWay(secrets: readonly string[], kept: object | undefined, change: Readonly<Record<string, unknown>>): object {
  const named = Object.entries(change).filter(([field, value]) => !(value === true && secrets.includes(field)));
  return Object.fromEntries(Object.entries({ ...kept, ...Object.fromEntries(named) }).filter(([, value]) => value !== null));
}

function isWay(text: string): text is Way {
  return Object.hasOwn(SECRETS, text);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
