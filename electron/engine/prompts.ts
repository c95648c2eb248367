/** Which prompts a run asks, or a model is tested with: a person's own file as it is, or some of those that ship. */
import { fault } from "../core/faults.ts";
import { type Prompt, promptSchema } from "../core/plan.ts";
import type { Ports } from "../core/ports.ts";
import { choosePrompts, personaOf, personaPrompts } from "../core/prompts.ts";

/** Some of those that ship, and who the model is to be; `persona` null: as its name or its system text says. */
export function defaultPrompts(model: string, system: string, persona: string | null, ports: Ports): readonly Prompt[] {
  const name = persona ?? personaOf(model, system);
  return [...(name ? personaPrompts(name) : []), ...choosePrompts(ports.defaultPrompts.map((path) => readPrompts(path, ports)))];
}

export function readPrompts(path: string, ports: Ports): readonly Prompt[] {
  try {
    return promptSchema
      .array()
      .max(200)
      .parse(JSON.parse(ports.readText(path)));
  } catch {
    throw fault("data.prompts", `The prompts file ${path} cannot be used.`, 'It has to be a JSON list of {"id", "category", "text"}.');
  }
}
