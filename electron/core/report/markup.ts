/** HTML that cannot be made by accident: `html` escapes every value, and names each character that would act unseen; only Markup goes in as it is. */
import { visiblePieces } from "../words/visible.ts";

export interface Markup {
  readonly markup: string;
}

export type Content = Markup | string | null | readonly (Markup | string | null)[];

export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return { markup: parts.reduce((whole, part, index) => whole + toMarkup(values[index - 1] ?? null) + part) };
}

function toMarkup(content: Content): string {
  if (content === null) return "";
  if (typeof content === "string") return visiblePieces(content).map(pieceMarkup).join("");
  return "markup" in content ? content.markup : content.map(toMarkup).join("");
}

function pieceMarkup({ text, mark }: { readonly text: string; readonly mark: boolean }): string {
  return mark ? `<span class="acting">${escapeHtml(text)}</span>` : escapeHtml(text);
}

/** For an attribute's value, where nothing can be marked: acting characters are named. */
export function attribute(text: string): Markup {
  return {
    markup: visiblePieces(text)
      .map((piece) => escapeHtml(piece.text))
      .join(""),
  };
}

/** Text from data, models, files or logs: isolated, so that its direction ends with it. */
export function foreign(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** Numbers of ours: places in a picture. One that is not finite would break the picture: the caller leaves such points out. */
export function place(value: number): Markup {
  return { markup: String(Math.round(value * 10) / 10) };
}
