/** Faults rows 10, 14, 15: one journal file, whatever others do to it meanwhile. Damage is said once; nothing throws while reading. */
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileJournal } from "../../electron/adapters/journal.ts";
import type { EventBody } from "../../electron/core/events.ts";
import type { JournalRead } from "../../electron/core/ports.ts";
import { eventOf, lineOf, sample } from "../core/samples.ts";

let folder: string;
let path: string;
let journal: FileJournal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "thortime-journal-"));
  path = join(folder, "events.jsonl");
  journal = new FileJournal(path, "engine");
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

const append = (body: EventBody = sample("phase-started")) => journal.append(body, 0);
const kinds = ({ entries }: JournalRead) => entries.map((entry) => ("damage" in entry ? entry.damage.kind : entry.event.type));
const trainerLine = (n: number) => lineOf(eventOf(sample("step", { step: n }), { by: "trainer", n }));

describe("row 14: writing and reading", () => {
  it("what is appended is read back, once", () => {
    append();
    append(sample("phase-finished"));
    const read = journal.readNew();
    expect([read.reset, kinds(read)]).toEqual([false, ["phase-started", "phase-finished"]]);
    expect(read.entries[0]).toMatchObject({ event: { v: 1, by: "engine", n: 1, attempt: 0, phase: "train" } });
    expect(kinds(journal.readNew())).toEqual([]);
  });

  it("a journal that is not there yet is empty, and no damage", () => {
    expect(journal.readNew()).toEqual({ reset: false, entries: [], more: false });
    append();
    expect([journal.readNew().reset, kinds(journal.readNew())]).toEqual([false, []]);
  });

  it("another process's lines come in between, in any pieces", () => {
    append();
    const line = Buffer.from(trainerLine(1));
    for (const byte of line) {
      expect(kinds(journal.readNew()).filter((kind) => kind !== "phase-started")).toEqual([]);
      appendFileSync(path, Uint8Array.of(byte));
    }
    expect(kinds(journal.readNew())).toEqual(["step"]);
  });

  it("after another writer's torn line it starts on a new one", () => {
    append();
    appendFileSync(path, trainerLine(1).slice(0, 40));
    append();
    appendFileSync(path, trainerLine(1));
    expect(kinds(journal.readNew())).toEqual(["phase-started", "broken-line", "phase-started", "step"]);
  });

  it("an event longer than a line may be is refused, and nothing of it is written", () => {
    append();
    expect(() => append(sample("exited", { tail: ["x".repeat(70_000)] }))).toThrow("longer than a journal line");
    append();
    expect(kinds(journal.readNew())).toEqual(["phase-started", "phase-started"]);
  });

  it("is for its owner's eyes only", () => {
    append();
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it("a large journal comes in bounded pieces, all of it", () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => trainerLine(index + 1));
    writeFileSync(path, lines.join(""));
    let total = 0;
    let reads = 0;
    for (let more = true; more; reads += 1) {
      const read = journal.readNew();
      expect(kinds(read).every((kind) => kind === "step")).toBe(true);
      total += read.entries.length;
      more = read.more;
    }
    expect([total, reads > 3]).toEqual([20_000, true]);
  });
});

describe("row 10: a disk that is full", () => {
  it.runIf(process.platform === "linux")("is said, and not passed over", () => {
    const full = new FileJournal("/dev/full", "engine");
    expect(() => full.append(sample("phase-started"), 0)).toThrow("ENOSPC");
    full.close();
  });

  it("an event that could not be written takes no number: no gap is seen later", () => {
    append();
    rmSync(path);
    mkdirSync(path);
    expect(() => append()).toThrow();
    rmSync(path, { recursive: true });
    append();
    expect(journal.readNew().entries.at(-1)).toMatchObject({ event: { n: 2 } });
  });
});

describe("row 15: changed under us", () => {
  beforeEach(() => {
    for (let index = 0; index < 3; index += 1) append();
    journal.readNew();
  });

  it("deleted: the fold begins anew, said once; what we write next makes it again", () => {
    rmSync(path);
    const lost = journal.readNew();
    expect([lost.reset, kinds(lost)]).toEqual([true, ["log-lost"]]);
    for (let look = 0; look < 3; look += 1) expect(journal.readNew()).toEqual({ reset: false, entries: [], more: false });
    append();
    expect(kinds(journal.readNew()).at(-1)).toBe("phase-started");
  });

  it("deleted and made again between two looks: the fold begins anew with the new one", () => {
    rmSync(path);
    writeFileSync(path, trainerLine(1));
    const read = journal.readNew();
    expect([read.reset, kinds(read)]).toEqual([true, ["log-lost", "step"]]);
  });

  it("cut short: the fold begins anew with what is left", () => {
    truncateSync(path, readFileSync(path, "utf8").indexOf("\n") + 1);
    const read = journal.readNew();
    expect([read.reset, kinds(read)]).toEqual([true, ["log-lost", "phase-started"]]);
    append();
    expect(journal.readNew().reset).toBe(false);
  });

  it("cut to nothing, then written to", () => {
    truncateSync(path, 0);
    append();
    const read = journal.readNew();
    expect([read.reset, kinds(read)]).toEqual([true, ["log-lost", "gap", "phase-started"]]);
  });

  it("replaced by another file: the fold begins anew, and we write where readers look", () => {
    const other = join(folder, "other");
    copyFileSync(path, other);
    appendFileSync(other, trainerLine(1));
    renameSync(other, path);
    const read = journal.readNew();
    expect([read.reset, kinds(read)]).toEqual([true, ["log-lost", "phase-started", "phase-started", "phase-started", "step"]]);
    append();
    expect(kinds(journal.readNew())).toEqual(["phase-started"]);
    expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(5);
  });

  it("replaced by a folder: unreadable, said once, and no exception", () => {
    rmSync(path);
    mkdirSync(path);
    expect(kinds(journal.readNew())).toEqual(["unreadable"]);
    expect(journal.readNew()).toEqual({ reset: false, entries: [], more: false });
    rmSync(path, { recursive: true });
    writeFileSync(path, trainerLine(1));
    const back = journal.readNew();
    expect([back.reset, kinds(back)]).toEqual([true, ["log-lost", "step"]]);
  });

  it("replaced by a link: neither read nor written through", () => {
    const elsewhere = join(folder, "elsewhere");
    writeFileSync(elsewhere, trainerLine(1));
    rmSync(path);
    symlinkSync(elsewhere, path);
    expect(kinds(journal.readNew())).toEqual(["unreadable"]);
    expect(kinds(journal.readNew())).toEqual([]);
    expect(() => append()).toThrow();
    expect(readFileSync(elsewhere, "utf8")).toBe(trainerLine(1));
  });

  it("row 16: its folder is gone (an unplugged disk) and comes back: all of it is there again", () => {
    const away = `${folder}-away`;
    renameSync(folder, away);
    expect(kinds(journal.readNew())).toEqual(["log-lost"]);
    expect(() => append()).toThrow();
    renameSync(away, folder);
    expect(kinds(journal.readNew())).toEqual(["phase-started", "phase-started", "phase-started"]);
  });
});
