/** `node build/schema.ts`: writes the JSON Schema of a journal line, which the Python tests validate against, from core's own definition. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { eventSchema } from "../electron/core/events.ts";

export const SCHEMA_FILE = fileURLToPath(new URL("../tests/fixtures/events.schema.json", import.meta.url));

/** Stricter than the reader, which drops fields it does not know: a writer of ours has no reason to write one. */
export function eventSchemaText(): string {
  const { $schema, ...schema } = z.toJSONSchema(eventSchema, { target: "draft-2020-12", io: "output" });
  return `${JSON.stringify({ $schema, title: "One line of a Thortime journal", ...schema }, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(SCHEMA_FILE, eventSchemaText());
