/** The Python tests hold their journals to events.schema.json: it has to be core's definition of today. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { eventSchemaText, SCHEMA_FILE } from "../../build/schema.ts";
import { eventBodySchema } from "../../electron/core/events.ts";
import { ALL_SAMPLES } from "./samples.ts";

interface Variant {
  readonly properties: Record<string, { readonly const?: unknown; readonly type?: string }>;
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
}

const variants = () => (JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as { oneOf: Variant[] }).oneOf;

it("is not stale (mend it with: npm run schema)", () => {
  expect(readFileSync(SCHEMA_FILE, "utf8")).toBe(eventSchemaText());
});

it("has every type of event once, each with the whole envelope, and no field of its own", () => {
  const types = variants().map((variant) => variant.properties["type"]?.const);
  expect([...types].sort()).toEqual(ALL_SAMPLES.map((body) => body.type).sort());
  for (const variant of variants()) {
    expect(variant.required).toEqual(expect.arrayContaining(["v", "at", "mono", "boot", "by", "n", "attempt", "type"]));
    expect(variant.additionalProperties).toBe(false);
  }
});

it("has no event whose own field takes the place of one of the envelope's", () => {
  const envelope = ["v", "at", "mono", "boot", "by", "n", "attempt"];
  for (const body of eventBodySchema.options) expect(Object.keys(body.shape).filter((field) => envelope.includes(field))).toEqual([]);
});

it("asks of each event the fields that the samples have", () => {
  for (const body of ALL_SAMPLES) {
    const variant = variants().find((one) => one.properties["type"]?.const === body.type);
    for (const field of variant?.required ?? []) if (!["v", "at", "mono", "boot", "by", "n", "attempt"].includes(field)) expect(body).toHaveProperty(field);
  }
});
