import { visiblePieces } from "../../electron/core/words/visible.ts";

/** Longest text shown whole; the rest is counted. */
const SHOWN_LIMIT = 4_000;

/**
 * The only way text from data, models, files or logs reaches the screen: as text, isolated, with nothing that acts unseen.
 * `lang` is the language of text that is not the window's own, for those who hear it.
 */
export function Shown({ text, more, lang }: { readonly text: string; readonly more?: (count: number) => string; readonly lang?: string | undefined }) {
  const kept = text.length > SHOWN_LIMIT ? text.slice(0, SHOWN_LIMIT) : text;
  return (
    <bdi className="shown" lang={lang}>
      {visiblePieces(kept).map((piece) =>
        piece.mark ? (
          <span key={piece.at} className="acting">
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
      {kept.length < text.length && (more ? <span className="soft"> {more(text.length - kept.length)}</span> : "…")}
    </bdi>
  );
}
