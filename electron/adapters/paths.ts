/** Paths as people write them. */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fault } from "../core/faults.ts";

/** `~/rows.jsonl` is in the home of who runs the engine; where a relative path would lead nobody can tell, so it is refused. */
export function expandHome(path: string, home: string = homedir()): string {
  const text = path.trim();
  if (text === "~" || text.startsWith("~/")) return join(home, text.slice(1));
  if (isAbsolute(text) && !text.includes("\0")) return text;
  throw fault(
    "data.path",
    `${JSON.stringify(text.slice(0, 80))} is no whole path.`,
    "Write it from the beginning, for example /Users/you/rows.jsonl or ~/rows.jsonl.",
  );
}
