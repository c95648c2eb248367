/** `thortime notify test`: a word by each way that is set up, and whether it arrived. Exit code 1 when one did not. */
import type { Command } from "commander";
import { fault } from "../../core/faults.ts";
import { type Delivered, NOTICE_WAYS, type NoticeWay } from "../../core/notice.ts";
import { type Reasons, whyText } from "../../core/words/why.ts";
import type { Context } from "./context.ts";
import { harmless } from "./format.ts";

const FAILED_EXIT = 1;

export function addNotify(program: Command, context: Context, finish: (code: number) => void): void {
  program
    .command("notify <test> [way]")
    .description(`send a test notice now, by each way that is set up or by one of ${NOTICE_WAYS.join(", ")}`)
    .option("--json", "print one JSON document")
    .action(async (what: string, said: string | undefined, flags: { json?: boolean }) => {
      if (what !== "test")
        throw fault("usage.notify", `${JSON.stringify(what.slice(0, 40))} is nothing that notify does.`, "Send a test with: thortime notify test.");
      const way = parseWay(said);
      const api = await context.engine();
      try {
        const { delivered } = await api.call("notify-test", { way });
        if (flags.json) context.printJson({ delivered });
        else for (const one of delivered) context.print(deliveredLine(one, context.words()));
        finish(delivered.every(({ ok }) => ok) ? 0 : FAILED_EXIT);
      } finally {
        api.close();
      }
    });
}

function parseWay(said: string | undefined): NoticeWay | null {
  const way = NOTICE_WAYS.find((one) => one === said);
  if (said === undefined || way !== undefined) return way ?? null;
  throw fault("usage.way", `${JSON.stringify(said.slice(0, 40))} is no way to tell you anything.`, `Name one of: ${NOTICE_WAYS.join(", ")}.`);
}

/** What failed before something worked is said too. */
export function deliveredLine({ backend, ok, why }: Delivered, words: Reasons): string {
  const reason = why === null ? "" : harmless(whyText(words, why));
  if (ok) return `${backend}: delivered${reason === "" ? "" : ` (before that ${reason})`}`;
  return `${backend === "none" ? "this computer" : backend}: not delivered: ${reason || "no reason given"}`;
}
