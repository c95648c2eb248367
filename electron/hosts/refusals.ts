/** Messages that were refused are counted by the engine, so that a person sees that somebody tried: `engine-info`, `thortime doctor`. */
import type { Api } from "../core/api.ts";

/** What is refused in this time is told together: a flood of refusals is not a flood of calls. */
const GATHER_MS = 200;
const WHY_CHARACTERS = 120;

const gathered = new WeakMap<Api, { count: number; last: string }>();

/** `why` is ours and holds nothing of the message. Where the engine cannot be told, the refusal stands all the same. */
export function noteRefusal(api: Api, why: string): void {
  const open = gathered.get(api);
  if (open) {
    open.count += 1;
    open.last = why;
    return;
  }
  const fresh = { count: 1, last: why };
  gathered.set(api, fresh);
  setTimeout(() => {
    gathered.delete(api);
    api.call("refusals-note", { count: fresh.count, last: fresh.last.slice(0, WHY_CHARACTERS) }).catch(() => {});
  }, GATHER_MS).unref();
}
