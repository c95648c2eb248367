/** Finds the same thing over and over, in words or in characters: what a model does that has lost its way. */

/** Repetitions that are one too many, by the repeated phrase's length in words. A refrain or a list may say a thing five times. */
const WORD_REPEATS = (words: number) => (words === 1 ? 8 : 6);
const PHRASE_WORDS = 64;
/** The same in characters: a short unit stands more often in a drawn-out word. */
const CHARACTER_REPEATS = (characters: number) => (characters <= 8 ? 20 : 8);
const UNIT_CHARACTERS = 40;
/** Rules and tables are made of dashes, so signs alone are a loop only where they are most of the text. */
const SIGNS_SHARE = 0.5;

/** The repeated phrase, or null. */
export function findLoop(text: string): string | null {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const phrase = findRepetition(words, PHRASE_WORDS, WORD_REPEATS, (units) => isWord(units.join(" ")));
  if (phrase) return phrase.join(" ");
  const characters = [...text];
  const unit = findRepetition(characters, UNIT_CHARACTERS, CHARACTER_REPEATS, (units) => isWord(units.join("")));
  if (unit) return unit.join("");
  const signs = characters.filter((character) => !/\s/.test(character));
  const least = Math.max(20, Math.floor(signs.length * SIGNS_SHARE));
  const sign = findRepetition(
    signs,
    4,
    (length) => Math.ceil(least / length),
    () => true,
  );
  return sign?.join("") ?? null;
}

/** Units that equal the one a period earlier, `period × (repeats − 1)` of them in a row, are `repeats` equal phrases. */
function findRepetition(
  units: readonly string[],
  longest: number,
  repeats: (period: number) => number,
  counts: (phrase: readonly string[]) => boolean,
): readonly string[] | null {
  for (let period = 1; period <= longest; period += 1) {
    const wanted = (repeats(period) - 1) * period;
    let equal = 0;
    for (let at = period; at < units.length; at += 1) {
      equal = units[at] === units[at - period] ? equal + 1 : 0;
      if (equal !== wanted) continue;
      const phrase = units.slice(at - period + 1, at + 1);
      if (counts(phrase)) return phrase;
    }
  }
  return null;
}

function isWord(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
