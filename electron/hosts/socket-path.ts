/** Where the engine's Unix socket lies: in the home, or, where that path is too long, in a private folder of the system's temporary one. */
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fault } from "../core/faults.ts";

/** sun_path holds 104 bytes on macOS, its closing zero included. */
const PATH_BYTES = 103;

export interface SocketPlace {
  readonly folder: string;
  readonly path: string;
}

export function socketPlace(home: string, temporary: string = tmpdir(), uid: number = process.getuid?.() ?? 0): SocketPlace {
  const own = place(join(home, "socket"), "engine");
  if (fits(own)) return own;
  const name = createHash("sha256").update(home).digest("hex").slice(0, 16);
  const choices = [temporary, "/tmp"].map((folder) => place(join(folder, `thortime-${uid}`), name));
  const short = choices.find(fits);
  if (short) return short;
  throw fault("engine.socket", "The path of the home folder is too long for a socket.", "Set THORTIME_HOME to a folder with a shorter path.");
}

/** Makes the folder, for this user only. One that somebody else made, or a link, is refused: the socket would be theirs. */
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const seen = lstatSync(folder);
  if (!seen.isDirectory() || seen.uid !== process.getuid?.()) {
    throw fault("engine.socket", `The folder ${folder} belongs to somebody else.`, "Remove it, or set THORTIME_HOME to another folder.");
  }
  if ((seen.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

function place(folder: string, name: string): SocketPlace {
  return { folder, path: join(folder, `${name}.sock`) };
}

function fits({ path }: SocketPlace): boolean {
  return Buffer.byteLength(path) <= PATH_BYTES;
}
