import { said } from "../../electron/core/words/words.ts";
import { useWords } from "../use-session.ts";
import { Shown } from "./shown.tsx";

/** A sentence of the engine or the trainer: in the window's language where it is known, else as it came, marked as English. */
export function Said({ text: english }: { readonly text: string }) {
  const { text, known } = said(useWords(), english);
  return <Shown text={text} lang={known ? undefined : "en"} />;
}
