/** Text from data, models and logs, cut into plain pieces and marks that would otherwise act unseen (ANSI, bidi, control characters). */

export interface Piece {
  /** Where it begins, as a number of pieces. */
  readonly at: number;
  readonly text: string;
  /** True for the visible name of a character that is not shown itself. */
  readonly mark: boolean;
}

/** Code points that steer a terminal or a line of text, or cannot be seen; tab, line feed, ZWNJ and ZWJ (emoji, Persian) stay. */
const ACTING: readonly (readonly [number, number])[] = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x200b, 0x200b],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
];

export function visiblePieces(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let plain = "";
  for (const character of text.replace(/\r\n?/g, "\n")) {
    const code = character.codePointAt(0) ?? 0;
    if (!ACTING.some(([from, to]) => code >= from && code <= to)) {
      plain += character;
      continue;
    }
    if (plain) pieces.push({ at: pieces.length, text: plain, mark: false });
    plain = "";
    pieces.push({ at: pieces.length, text: code === 0x1b ? "ESC" : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`, mark: true });
  }
  if (plain) pieces.push({ at: pieces.length, text: plain, mark: false });
  return pieces;
}
