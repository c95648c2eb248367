/** `thortime serve`: the dashboard in a browser, on this machine only. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { fault } from "../../core/faults.ts";
import type { SteadyApi } from "../steady.ts";
import { serveWeb, type WebServer } from "../web.ts";
import type { Context } from "./context.ts";

export function addServe(program: Command, context: Context): void {
  program
    .command("serve")
    .description("serve the dashboard on 127.0.0.1 and print its address; ends with ^C, runs go on")
    .option("--port <n>", "this port and no other (default: 4180, or a free one)", parsePort)
    .option("--json", "print one JSON document with the address")
    .action(async (flags: { port?: number; json?: boolean }) => {
      const api = await context.engine();
      const server = await openDashboard(context, api, flags.port ?? null);
      if (flags.json) context.printJson({ address: server.address, port: server.port });
      else context.print(`Thortime is at ${server.address}`);
      await untilInterrupted();
      await server.close();
      api.close();
    });
}

export async function openDashboard(context: Context, api: SteadyApi, port: number | null): Promise<WebServer> {
  const folder = join(context.place.out, "renderer");
  if (!existsSync(join(folder, "index.html"))) throw fault("environment.build", "The dashboard has not been built.", "Run: npm start.");
  return await serveWeb({ api, folder, port });
}

export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => resolve());
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new InvalidArgumentError("It has to be a number from 1 to 65535.");
}
