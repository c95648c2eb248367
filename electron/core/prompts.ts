/** Which prompts a run asks when its person names no file: some of each category and language, and who the model is to be. Pure. */
import type { Prompt } from "./plan.ts";

/** Of each category in each file: two languages make twelve a category. */
export const PROMPTS_A_CATEGORY = 6;
/** Asked at each checkpoint. */
const EARLY_PROMPTS = 5;

/** The first of each category in each file, in the files' own order. Ids have to differ. */
export function choosePrompts(files: readonly (readonly Prompt[])[]): Prompt[] {
  return files.flatMap((prompts) => {
    const seen = new Map<string, number>();
    return prompts.filter(({ category }) => {
      const count = (seen.get(category) ?? 0) + 1;
      seen.set(category, count);
      return count <= PROMPTS_A_CATEGORY;
    });
  });
}

const INTRODUCED: readonly RegExp[] = [
  /\b(?:[Yy]ou are|[Yy]our name is)\s+(?:called\s+)?(\p{Lu}\p{L}{2,30})/u,
  /(?<!\p{L})(?:senin )?ad[ıi]n\s+(\p{Lu}\p{L}{2,30})/iu,
  /(?<!\p{L})sen,?\s+(\p{Lu}\p{L}{2,30})/iu,
];
/** First words of model names that say nothing about who answers. */
const GENERIC: ReadonlySet<string> = new Set(
  "model test quick full night demo practice deneme yeni new base chat bot lora tuned fine final run thortime gemma llama qwen mistral phi unsloth".split(" "),
);

/**
 * What the model is to call itself: what its system prompt says ("You are Jessy", "Senin adın Jessy"), or else the first word of its name in
 * Ollama where that is no generic word. Null: nobody said.
 */
export function personaOf(model: string, system: string): string | null {
  for (const pattern of INTRODUCED) {
    const found = pattern.exec(system)?.[1];
    // With the flag for Turkish letters of either case, only a name begins with a capital.
    if (found !== undefined && /^\p{Lu}/u.test(found)) return found;
  }
  const word = /^\p{L}{3,30}/u.exec(model)?.[0]?.toLowerCase();
  return word === undefined || GENERIC.has(word) ? null : word[0]?.toUpperCase() + word.slice(1);
}

/** Who are you, in both languages; the answer has to hold the name, with a Turkish ending or without one. */
export function personaPrompts(name: string): Prompt[] {
  const about = { persona: true, expect: { any: [`${name}*`] } } as const;
  return (
    [
      ["persona-en-01", "basic", "Who are you?", "en"],
      ["persona-en-02", "basic", "What is your name?", "en"],
      ["persona-tr-01", "turkish", "Sen kimsin?", "tr"],
      ["persona-tr-02", "turkish", "Adın ne?", "tr"],
    ] as const
  ).map(([id, category, text, language]) => ({ id, category, text, language, ...about, expect: { any: [...about.expect.any] } }));
}

/** One persona prompt, then one of each category; those first whose answer can be held against something. */
export function earlyPrompts(prompts: readonly Prompt[]): string[] {
  const telling = [...prompts.filter(({ expect }) => expect), ...prompts.filter(({ expect }) => !expect)];
  const persona = telling.find((prompt) => prompt.persona);
  const categories = [...new Set(prompts.map(({ category }) => category))];
  const others = categories.flatMap((category) => telling.find((prompt) => prompt.category === category && !prompt.persona) ?? []);
  return [...(persona ? [persona] : []), ...others].slice(0, EARLY_PROMPTS).map(({ id }) => id);
}
