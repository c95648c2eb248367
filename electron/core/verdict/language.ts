/**
 * Which of the two languages a text is in, by its commonest words and, for Turkish, its letters. Two languages and whole answers
 * need no trained identifier, and what it found can be shown to a person. A few words may be of neither: that is unknown.
 */
export type Language = "en" | "tr";

export interface LanguageFound {
  readonly language: Language | null;
  /** Words of each language that were met. */
  readonly en: number;
  readonly tr: number;
}

const WORDS: Readonly<Record<Language, ReadonlySet<string>>> = {
  en: new Set(
    "the of and a to in is you that it he was for on are as with his they i at be this have from or by not but what all were we when your can an which their if will each how them then she do so these would other into has more her two like him time its who now did my than first been about there could".split(
      " ",
    ),
  ),
  tr: new Set(
    "ve bir bu da de için ile çok ne gibi daha olarak olan ben sen o biz siz var yok mi mı mu mü değil ama veya ya ki kadar en her şey sonra önce nasıl neden niye bana sana ona beni seni evet hayır işte böyle şöyle olur oldu eder ediyor bunu şu iyi merhaba bence hem ise diye göre üzerinde benim senin".split(
      " ",
    ),
  ),
};
const TURKISH_LETTERS = /[ğışçöüâî]/;
/** Fewer telling words than this say nothing. */
const ENOUGH = 2;

export function languageOf(text: string): LanguageFound {
  const words = withoutCode(text)
    .toLocaleLowerCase("tr")
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== "");
  // "I" is "ı" in Turkish lower case: English words are looked up with their own.
  const en = words.filter((word) => WORDS.en.has(word.replaceAll("ı", "i"))).length;
  const tr = words.filter((word) => WORDS.tr.has(word) || (TURKISH_LETTERS.test(word) && !WORDS.en.has(word.replaceAll("ı", "i")))).length;
  if (Math.max(en, tr) < ENOUGH || en === tr) return { language: null, en, tr };
  return { language: en > tr ? "en" : "tr", en, tr };
}

/** Code is in neither language. */
function withoutCode(text: string): string {
  return text.replace(/```[\s\S]*?(```|$)/g, " ").replace(/`[^`\n]*`/g, " ");
}
