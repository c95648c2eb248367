/**
 * A yes that is cheap: plain closures made from a zod schema, for the lines of which a journal has a million. zod stays the one definition;
 * a value these closures take is one that zod would take and leave as it is. Whatever they do not take is for zod to judge.
 */
import type { z } from "zod";

export type Check = (value: unknown) => boolean;
type Schema = z.core.$ZodType;

/** Null where the schema has something in it that is not known here: then there is no quick yes. */
export function quickCheck(schema: Schema): Check | null {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "string":
      return def.checks?.length ? null : (value) => typeof value === "string";
    case "boolean":
      return def.checks?.length ? null : (value) => typeof value === "boolean";
    case "number":
      return numberCheck(def.checks ?? []);
    case "literal":
      return oneOf(def.values);
    case "enum":
      return oneOf(Object.values(def.entries));
    case "union":
      return anyOf(def.options.map(quickCheck));
    case "nullable":
      return anyOf([(value) => value === null, quickCheck(def.innerType)]);
    case "array":
      return def.checks?.length ? null : everyOf(quickCheck(def.element));
    case "record":
      return def.checks?.length || isChecked(def.keyType) ? null : recordOf(quickCheck(def.valueType));
    case "object":
      return def.checks?.length || def.catchall ? null : objectCheck(def.shape);
    default:
      return null;
  }
}

function numberCheck(checks: readonly z.core.$ZodCheck<never>[]): Check | null {
  let whole = false;
  let least = Number.NEGATIVE_INFINITY;
  for (const one of checks) {
    const def = (one as unknown as z.core.$ZodChecks)._zod.def;
    if (def.check === "number_format" && def.format === "safeint") whole = true;
    // "More than 0" of whole numbers is "at least 1"; of others it is left to zod.
    else if (def.check === "greater_than" && typeof def.value === "number" && (def.inclusive || whole))
      least = Math.max(least, def.inclusive ? def.value : Math.floor(def.value) + 1);
    else return null;
  }
  if (whole) return (value) => Number.isSafeInteger(value) && (value as number) >= least;
  return (value) => Number.isFinite(value) && (value as number) >= least;
}

function oneOf(values: readonly unknown[]): Check {
  if (values.length === 1) {
    const [only] = values;
    return (value) => value === only;
  }
  const all = new Set(values);
  return (value) => all.has(value);
}

function anyOf(checks: readonly (Check | null)[]): Check | null {
  return checks.reduce((one, other) => one && other && ((value) => one(value) || other(value)));
}

function everyOf(check: Check | null): Check | null {
  return check && ((value) => Array.isArray(value) && value.every(check));
}

/** Keys of any text; `__proto__` is for zod to judge. */
function recordOf(check: Check | null): Check | null {
  return (
    check &&
    ((value) => typeof value === "object" && value !== null && !Array.isArray(value) && !Object.hasOwn(value, "__proto__") && Object.values(value).every(check))
  );
}

function isChecked(key: Schema): boolean {
  const { def } = (key as z.core.$ZodTypes)._zod;
  return def.type !== "string" || (def.checks?.length ?? 0) > 0;
}

/**
 * Exactly the shape's fields: one more would have to be dropped, which is zod's work. A writer puts its fields in one order, so the checks
 * stand in the order last seen, and a value is gone through once without looking fields up by their names.
 */
function objectCheck(shape: Readonly<Record<string, Schema>>): Check | null {
  const fields = new Map<string, Check>();
  const needed = new Set<string>();
  for (const [name, schema] of Object.entries(shape)) {
    const { def } = (schema as z.core.$ZodTypes)._zod;
    const check = quickCheck(def.type === "optional" ? def.innerType : schema);
    if (!check) return null;
    fields.set(name, check);
    if (def.type !== "optional") needed.add(name);
  }
  let order: readonly string[] = [];
  let checks: readonly Check[] = [];
  const learn = (names: readonly string[]): boolean => {
    const found = names.flatMap((name) => fields.get(name) ?? []);
    const isWhole = found.length === names.length && names.filter((name) => needed.has(name)).length === needed.size;
    if (isWhole) [order, checks] = [names, found];
    return isWhole;
  };
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const names = Object.keys(value);
    if (!isSameList(names, order) && !learn(names)) return false;
    const values: readonly unknown[] = Object.values(value);
    for (let index = 0; index < checks.length; index += 1) if (!checks[index]?.(values[index])) return false;
    return true;
  };
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}
