/**
 * How near the quantised model in Ollama is to the adapter, token by token. Both get the same text: the prompt and the adapter's own answer up
 * to a place; they agree at a place where they hold the same token likeliest. One greedy request goes on until the first difference, and the
 * next one behind it with the adapter's token in its place, so an answer costs as many requests as it has differences, and one more.
 */
import { z } from "zod";
import { type Format, ollamaTemplate, promptText } from "./plan.ts";
import type { Continuation, Continue } from "./ports.ts";
import type { Difference } from "./verdict/deploy-tests.ts";

const count = z.number().int().nonnegative();
const bytes = z.string().regex(/^([0-9a-f]{2})*$/);

/** A line of `answers/scored.jsonl`, as python/trainer/after/score.py writes it. */
export const scoredSchema = z.object({
  prompt: z.string(),
  step: count,
  promptTokens: count,
  pieces: z.array(bytes).max(1000),
  best: z.array(bytes).max(1000),
  logprobs: z.array(z.number()).max(1000),
  ended: z.boolean(),
});
export type Scored = z.infer<typeof scoredSchema>;

export interface Walked {
  readonly tokens: number;
  readonly agreed: number;
  /** Tokens before the first difference. */
  readonly greedy: number;
  /** Sums over the same places, nats. */
  readonly adapterLoss: number;
  readonly ggufLoss: number;
  readonly lossTokens: number;
  /** Ollama cuts the prompt into another number of tokens. */
  readonly otherTokens: boolean;
  readonly difference: Difference | null;
}

/** An answer that differs more often is far from the adapter's; its later places are not asked. */
const MOST_DIFFERENCES = 16;
const TOP = 20;

type GoOn = (what: Continue) => Promise<Continuation>;
type Sums = { -readonly [Field in Exclude<keyof Walked, "difference">]: Walked[Field] };

/** One token of the adapter's answer; "" is its end. */
interface Place {
  readonly own: string;
  /** What the adapter holds likeliest there: its own token, but for the last digit of a sum. */
  readonly best: string;
  readonly logprob: number;
}

function placesOf({ pieces, best, logprobs, ended }: Scored): readonly Place[] {
  return pieces.map((piece, index) => {
    const own = ended && index === pieces.length - 1 ? "" : piece;
    return { own, best: best[index] === piece ? own : (best[index] ?? own), logprob: logprobs[index] ?? 0 };
  });
}

export async function walk(scored: Scored, prompt: string, goOn: GoOn): Promise<Walked> {
  const places = placesOf(scored);
  const sums: Sums = { tokens: 0, agreed: 0, greedy: 0, adapterLoss: 0, ggufLoss: 0, lossTokens: 0, otherTokens: false };
  let difference: Difference | null = null;
  let from = 0;
  for (let asked = 0; from < places.length && asked <= MOST_DIFFERENCES; asked += 1) {
    const behind = textOf(places.slice(0, from));
    if (behind === null) break;
    const reply = await goOn({ prompt: prompt + behind, tokens: places.length - from, top: 0 });
    const cutAsExpected = reply.promptTokens === scored.promptTokens + from;
    // Behind a prompt that is cut otherwise its answer can still be followed; an answer cut otherwise has no such places.
    if (!cutAsExpected && from > 0) break;
    sums.otherTokens ||= !cutAsExpected;
    const met = meet(places, from, reply);
    add(sums, places, from, met, difference === null);
    from += met.places;
    if (met.found === null) break;
    if (!met.agrees) difference ??= differs(scored.prompt, places, from - 1, met.found);
    await addChance(sums, places, from - 1, prompt, goOn);
  }
  return { ...sums, difference };
}

interface Met {
  /** Places that were compared, the one included at which the two part. */
  readonly places: number;
  /** What Ollama took where it did not take the answer's own token, "" is an end; null: it followed as far as it went. */
  readonly found: string | null;
  /** And whether the adapter holds that likeliest too. */
  readonly agrees: boolean;
  /** Nats of the answer's own tokens, from the first place on. */
  readonly losses: readonly number[];
}

function meet(places: readonly Place[], from: number, reply: Continuation): Met {
  const losses: number[] = [];
  for (const [index, { own, best }] of places.slice(from).entries()) {
    const token = reply.tokens[index];
    // Neither a token nor an end: Ollama broke off, and there is nothing to compare.
    if (token === undefined && !reply.ended) return { places: index, found: null, agrees: true, losses };
    const found = token?.bytes ?? "";
    if (found !== own) return { places: index + 1, found, agrees: found === best, losses };
    if (token) losses.push(-token.logprob);
  }
  return { places: places.length - from, found: null, agrees: true, losses };
}

function add(sums: Sums, places: readonly Place[], from: number, met: Met, isFirst: boolean): void {
  for (const [index, loss] of met.losses.entries()) addLoss(sums, loss, places[from + index]);
  sums.tokens += met.places;
  sums.agreed += met.places - (met.agrees ? 0 : 1);
  if (isFirst) sums.greedy += met.places - (met.agrees ? 0 : 1);
}

/** How likely the answer's token is to Ollama's model at a place where that took another one. Ollama tells no chance of an end. */
async function addChance(sums: Sums, places: readonly Place[], at: number, prompt: string, goOn: GoOn): Promise<void> {
  const [place, behind] = [places[at], textOf(places.slice(0, at))];
  if (!place || place.own === "" || behind === null) return;
  const logprob = await chanceOf(place.own, prompt + behind, goOn);
  if (logprob !== null) addLoss(sums, -logprob, place);
}

function addLoss(sums: Sums, loss: number, place: Place | undefined): void {
  sums.ggufLoss += loss;
  sums.adapterLoss -= place?.logprob ?? 0;
  sums.lossTokens += 1;
}

/** Of one token at one place; where it is not among the likeliest, at most as likely as the last of these. Null: not known. */
async function chanceOf(piece: string, prompt: string, goOn: GoOn): Promise<number | null> {
  const { tokens } = await goOn({ prompt, tokens: 1, top: TOP });
  const top = tokens[0]?.top ?? [];
  return (top.find(({ bytes: one }) => one === piece) ?? top.at(-1))?.logprob ?? null;
}

function differs(prompt: string, places: readonly Place[], at: number, found: string): Difference {
  return { prompt, at: (textOf(places.slice(0, at)) ?? "").length, expected: shown(places[at]?.own ?? ""), found: shown(found) };
}

/** Null: the tokens end inside a character, which no text can say. */
function textOf(places: readonly Place[]): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromHex(places.map(({ own }) => own).join("")));
  } catch {
    return null;
  }
}

function shown(piece: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(fromHex(piece));
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

/** What Ollama has to give the model: the trainer's bytes without the beginning-of-text token, which Ollama's tokenizer puts in front by itself. */
export function expectedPrompt(format: Format, question: string): string {
  return promptText(format, question).slice(format.bos.length);
}

const SHOWN_CHARACTERS = 60;

/** Null: the same. */
export function firstDifference(prompt: string, expected: string, found: string): Difference | null {
  if (expected === found) return null;
  let at = 0;
  while (at < Math.min(expected.length, found.length) && expected[at] === found[at]) at += 1;
  const from = Math.max(0, at - SHOWN_CHARACTERS / 3);
  const cut = (text: string) => text.slice(from, from + SHOWN_CHARACTERS).toWellFormed();
  return { prompt, at, expected: cut(expected), found: cut(found) };
}

/** For an Ollama that does not show what a model gets: the texts it was made with. */
export function templateDifference(format: Format, made: { readonly template: string; readonly system: string }): Difference | null {
  return firstDifference("", ollamaTemplate(format), made.template) ?? firstDifference("", format.system, made.system);
}
