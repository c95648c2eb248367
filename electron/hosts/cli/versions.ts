/** `versions`, `undo`, `remove`: what Thortime put into Ollama under which name, the way back, and making room. */
import type { Command } from "commander";
import type { VersionRow } from "../../core/api.ts";
import type { SteadyApi } from "../steady.ts";
import type { Context } from "./context.ts";
import { bytes, day, harmless, oneLine, table } from "./format.ts";
import { DECISIONS } from "./verdict.ts";

export function addVersions(program: Command, context: Context): void {
  program
    .command("versions")
    .description("the models that Thortime put into Ollama, and those kept beside them")
    .option("--json", "print one JSON document")
    .action((flags: { json?: boolean }) =>
      withApi(context, async (api) => {
        const list = await api.call("versions", {});
        if (flags.json) return context.printJson(list);
        context.print(list.rows.length > 0 ? table([HEAD, ...list.rows.map(cells)]) : "Nothing was put into Ollama yet.");
        if (list.unasked) context.note(`${harmless(list.unasked.message)} ${harmless(list.unasked.next)}`);
      }),
    );
  program
    .command("undo <name>")
    .description("let the model before the newest one answer again under its name")
    .action((name: string) =>
      withApi(context, async (api) => {
        const { serves, kept } = await api.call("version-undo", { name });
        const said = oneLine(name, 80);
        context.print(`${said} is the model before again (${short(serves)}); the other one is kept as ${said}:prev (${short(kept)}).`);
      }),
    );
  program
    .command("remove <name:tag>")
    .description("take one version out of Ollama; never the one that answers")
    .action((tag: string) =>
      withApi(context, async (api) => {
        const { freedBytes } = await api.call("version-remove", { tag });
        const room = freedBytes === null ? "how much room came free is not known" : `${bytes(freedBytes)} came free`;
        context.print(`${oneLine(tag, 120)} is gone; ${room}${freedBytes === 0 ? ", as another name holds the same file" : ""}.`);
      }),
    );
}

const HEAD = ["IN OLLAMA", "SIZE", "DEPLOYED", "RUN", "VERDICT", "MODEL"];

function cells({ name, tag, serves, bytes: size, deployed, digest }: VersionRow): string[] {
  const place = tag === null ? `${oneLine(name, 40)} (not in Ollama)` : `${oneLine(tag, 60)}${serves ? " (answers)" : ""}`;
  const known = deployed ? [day(deployed.at), deployed.run, verdict(deployed)] : ["–", "your own", "–"];
  return [place, size === null ? "unknown" : bytes(size), ...known, short(digest)];
}

function verdict({ verdict: said }: { readonly verdict: keyof typeof DECISIONS | null }): string {
  if (said === null) return "unknown";
  return said === "go" ? DECISIONS.go : `${DECISIONS[said]}, put there against it`;
}

function short(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 12);
}

async function withApi(context: Context, work: (api: SteadyApi) => Promise<void>): Promise<void> {
  const api = await context.engine();
  try {
    await work(api);
  } finally {
    api.close();
  }
}
