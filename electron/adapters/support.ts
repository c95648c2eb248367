/** The support bundle: what somebody needs to help, as one .tar.gz, with every text of its person left out (core/support.ts). */
import { execFile } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { arch, cpus, homedir, platform, release, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { fault } from "../core/faults.ts";
import type { Home, Support } from "../core/ports.ts";
import { type Mask, makeMask } from "../core/support.ts";
import { expandHome } from "./paths.ts";

const run = promisify(execFile);
const LIMIT_MS = 60_000;
const MOST_RUNS = 20;
const HEAD_BYTES = 64 * 1024;
const TAIL_BYTES = 512 * 1024;

const ABOUT = `This is a support bundle of Thortime.

In it: versions and the machine (about.json), what "thortime doctor" says (doctor.json), settings, and for the newest ${MOST_RUNS} runs plan, journal,
end of process and log.
Not in it: your rows, prompts, answers, names, paths and secrets. Where a text stood is its number and its length; the same text has the same number.
Of long files the beginning and the end are here. Read any of it before you send it.
`;

export interface SupportOptions {
  readonly home: Home;
  /** What doctor says; never rejects. */
  readonly doctor: () => Promise<unknown>;
}

export function createSupport({ home, doctor }: SupportOptions): Support {
  return {
    async write(asked, about) {
      const path = expandHome(asked);
      refuse(path);
      const folder = mkdtempSync(join(tmpdir(), "thortime-support-"));
      try {
        const inner = join(folder, "thortime-support");
        mkdirSync(inner);
        writeTexts(inner, { ...about, machine: machine() }, await doctor(), home);
        const made = join(folder, "support.tar.gz");
        await run("tar", ["-czf", made, "-C", folder, "thortime-support"], { timeout: LIMIT_MS, env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" } });
        const { bytes, files } = { bytes: statSync(made).size, files: countFiles(inner) };
        moveNew(made, path);
        return { path, files, bytes };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

function refuse(path: string): void {
  if (existsSync(path)) throw fault("usage.exists", `${path} is there already.`, "Choose a new name; nothing was overwritten.");
  if (!existsSync(dirname(path))) throw fault("usage.folder", `There is no folder ${dirname(path)}.`, "Choose a folder that is there.");
}

/** Names of cores and sizes only: no host name, no serial number, no person. */
function machine(): object {
  return {
    platform: platform(),
    arch: arch(),
    release: release(),
    cpu: cpus()[0]?.model ?? null,
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.versions.node,
    electron: process.versions["electron"] ?? null,
  };
}

function writeTexts(folder: string, about: object, doctor: unknown, home: Home): void {
  const mask = makeMask();
  const put = (name: string, text: string | null) => {
    if (text === null) return;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  put("README.txt", ABOUT);
  put("about.json", `${withoutHome(JSON.stringify(about, null, 2), home)}\n`);
  put("doctor.json", `${withoutHome(JSON.stringify(doctor, null, 2), home)}\n`);
  put("settings.json", json(readPart(join(home.path, "settings.json")), mask));
  put("events.jsonl", lines(readPart(join(home.path, "events.jsonl")), mask));
  for (const [index, id] of home.listRuns().slice(-MOST_RUNS).reverse().entries()) {
    const from = home.runPath(id);
    const to = `run-${String(index + 1).padStart(2, "0")}`;
    put(`${to}/run.json`, json(readPart(join(from, "run.json")), mask));
    put(`${to}/events.jsonl`, lines(readPart(join(from, "events.jsonl")), mask));
    put(`${to}/exit.json`, json(readPart(join(from, "exit.json")), mask));
    put(`${to}/trainer.log`, log(readPart(join(from, "trainer.log")), mask));
  }
}

/** Our own sentences, in which a path may name its person. */
function withoutHome(text: string, home: Home): string {
  return text.replaceAll(home.path, "‹home›").replaceAll(homedir(), "~");
}

interface Piece {
  readonly head: string;
  /** Null: the file is whole in `head`. */
  readonly tail: string | null;
}

/** Null where it cannot be read. */
function readPart(path: string): Piece | null {
  try {
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      if (size <= HEAD_BYTES + TAIL_BYTES) return { head: readAt(file, 0, size), tail: null };
      return { head: readAt(file, 0, HEAD_BYTES), tail: readAt(file, size - TAIL_BYTES, TAIL_BYTES) };
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

function readAt(file: number, from: number, bytes: number): string {
  const buffer = Buffer.alloc(bytes);
  return buffer.subarray(0, readSync(file, buffer, 0, bytes, from)).toString("utf8");
}

/** A file that is no JSON, or too long to be one of ours, is its length. */
function json(piece: Piece | null, mask: Mask): string | null {
  if (piece === null) return null;
  try {
    return `${JSON.stringify(mask.value(JSON.parse(piece.head)), null, 2)}\n`;
  } catch {
    return `${JSON.stringify({ unreadable: piece.head.length })}\n`;
  }
}

/** A line cut in two at the gap is masked like any that is no JSON. */
function lines(piece: Piece | null, mask: Mask): string | null {
  return piece && mask.lines(piece.head) + (piece.tail === null ? "" : mask.lines(piece.tail));
}

function log(piece: Piece | null, mask: Mask): string | null {
  return piece && mask.log(piece.head) + (piece.tail === null ? "" : mask.log(piece.tail));
}

function countFiles(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
}

/** The temporary folder may be on another disk: beside its place first, then its name. */
function moveNew(from: string, to: string): void {
  const partial = `${to}.partial`;
  try {
    copyFileSync(from, partial);
    renameSync(partial, to);
  } catch (error) {
    rmSync(partial, { force: true });
    const why = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw fault("disk.write", `${to} cannot be written (${why}).`, "Choose another folder, or make room.");
  }
}
