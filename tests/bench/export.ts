/**
 * `npm run bench -- export [--json] [--layers N] [--rounds N]`: merge, then GGUF and candidate in a real Ollama, for the practice model and a
 * random one of Gemma-2's shape (16 layers: 1.0 billion parameters). The merge takes turns with copying and flushing the same weight files,
 * each a process of its own; its peak memory stands beside the largest shard, and the limit is 1.3 ×.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createOllama } from "../../electron/adapters/ollama.ts";
import { collect, exportInput, only } from "../fixtures/merged.ts";
import { type OllamaServer, startOllama } from "../fixtures/ollama-server.ts";
import { provide } from "../runner/provisions.ts";

interface Measured {
  readonly seconds: number;
  readonly cpu: number;
  readonly peak: number;
}
interface Merged extends Measured {
  readonly folder: string;
  readonly bytes: number;
  readonly shard: number;
}

const { values } = parseArgs({
  options: { json: { type: "boolean" }, layers: { type: "string", default: "16" }, rounds: { type: "string", default: "2" } },
});
const say = (line: string) => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
const middle = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
const megabytes = (bytes: number) => `${(bytes / 1e6).toLocaleString("en", { maximumFractionDigits: 1 })} MB`;

async function python(): Promise<string> {
  const found = process.env["THORTIME_PYTHON"] ? null : await provide("python", say);
  if (found && "missing" in found) throw new Error(found.missing);
  return process.env["THORTIME_PYTHON"] ?? found?.env["THORTIME_PYTHON"] ?? "python3";
}

function part<T>(program: string, ...args: readonly string[]): T {
  const script = join(import.meta.dirname, "export_run.py");
  const text = execFileSync(program, [script, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as T;
}

/** Peak memory of the server and of the process it converts in is not told apart by Ollama; this is the server's own. */
function peakOf(pid: number): number | null {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
  } catch {
    return null;
  }
}

async function measure(name: string, layers: number, program: string, server: OllamaServer, place: string) {
  const folder = join(place, name);
  part(program, "make", folder, String(layers));
  const rounds = Array.from({ length: Number(values.rounds) }, (_item, round) => {
    const first = round % 2 === 0 ? part<Merged>(program, "merge", folder) : null;
    const copied = part<Measured>(program, "copy", folder);
    return { merged: first ?? part<Merged>(program, "merge", folder), copied };
  });
  const { merged } = rounds.at(-1) ?? { merged: part<Merged>(program, "merge", folder) };
  const seconds = middle(rounds.map((round) => round.merged.seconds));
  const copySeconds = middle(rounds.map((round) => round.copied.seconds));
  const peakBytes = Math.max(...rounds.map((round) => round.merged.peak));
  const startedAt = performance.now();
  const candidate = `bench-${name}:cand-0001`;
  const input = exportInput(merged.folder, folder, { candidate, target: `bench-${name}`, files: readdirSync(merged.folder) });
  const ollama = createOllama(server.env);
  const events = await collect(ollama.export(input, new AbortController().signal));
  const exportSeconds = (performance.now() - startedAt) / 1000;
  const gguf = only(events, "gguf-written");
  const serverPeak = peakOf(server.pid);
  await ollama.discard(candidate);
  rmSync(folder, { recursive: true, force: true });
  say(`${name}: weights ${megabytes(merged.bytes)}, largest shard ${megabytes(merged.shard)}`);
  say(`  merged in ${seconds.toFixed(2)} s (copied and flushed in ${copySeconds.toFixed(2)} s), peak memory ${megabytes(peakBytes)}`);
  say(
    `  GGUF ${megabytes(gguf.bytes)} made, copied out and verified in ${exportSeconds.toFixed(2)} s, Ollama's peak ${serverPeak ? megabytes(serverPeak) : "unknown"}`,
  );
  return { bytes: merged.bytes, shard: merged.shard, seconds, copySeconds, peakBytes, ggufBytes: gguf.bytes, exportSeconds, serverPeakBytes: serverPeak };
}

const program = await python();
const place = mkdtempSync(join(tmpdir(), "thortime-bench-"));
const server = await startOllama();
try {
  const practice = await measure("practice", 0, program, server, place);
  const wide = await measure("random", Number(values.layers), program, server, place);
  const ratio = Number((wide.peakBytes / wide.shard).toFixed(4));
  const ratios = { "merge to copy": Number((wide.seconds / wide.copySeconds).toFixed(3)) };
  console.log(JSON.stringify({ name: "export", ours: wide.peakBytes, rival: wide.shard, ratio, unit: "bytes", limit: 1.3, ratios, practice, random: wide }));
} finally {
  await server.stop();
  rmSync(place, { recursive: true, force: true });
}
