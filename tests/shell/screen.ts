/** A virtual screen of its own, for programs that outlive the one who started them: xvfb-run takes its screen away with its command. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export interface Screen {
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

export async function openScreen(): Promise<Screen> {
  if (!process.env["THORTIME_XVFB_RUN"]) return { env: {}, close: () => {} };
  const server = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const number = await new Promise<string>((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`Xvfb ended with ${code}`)));
    createInterface({ input: server.stdio[3] as Readable }).once("line", resolve);
  });
  return { env: { DISPLAY: `:${number}` }, close: () => void server.kill("SIGTERM") };
}
