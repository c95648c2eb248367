/** Questions and faults in the system's own dialogs, in the person's language. */
import { dialog } from "electron";
import { toFault } from "../../core/faults.ts";
import { type Catalogue, fill } from "../../core/notices/words.ts";
import type { Settings } from "../../core/settings.ts";
import { sentenceIn } from "../../core/words/sentences.ts";

export interface Speech {
  readonly language: Settings["language"];
  readonly words: Catalogue;
  say(key: string, values?: Readonly<Record<string, string>>): string;
}

export function speechOf(language: Settings["language"], words: Catalogue): Speech {
  return { language, words, say: (key, values = {}) => fill(words[key] ?? key, values) };
}

interface Question {
  readonly message: string;
  readonly detail?: string;
  /** The first is the default. */
  readonly buttons: readonly string[];
  /** What Escape means. */
  readonly cancel: number;
}

/** Resolves with the number of the button. */
export async function ask({ message, detail, buttons, cancel }: Question): Promise<number> {
  const options = { type: "question" as const, message, buttons: [...buttons], defaultId: 0, cancelId: cancel, noLink: true };
  const { response } = await dialog.showMessageBox({ ...options, ...(detail === undefined ? {} : { detail }) });
  return response;
}

export function tell(error: unknown, { words }: Speech): void {
  const fault = toFault(error);
  const say = (english: string) => sentenceIn(words, english) ?? english;
  void dialog.showMessageBox({ type: "error", message: say(fault.message), detail: say(fault.next) });
}
