/** `macmon pipe -i 5000` as a process of ours: started when somebody looks, restarted with back-off, ended when nobody looks any more. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Clock } from "../../core/ports.ts";
import { because, type Reason } from "../../core/reason.ts";
import { parseMacmon } from "./macmon.ts";
import { killGroup, LookError, notStarted, type Place } from "./place.ts";
import type { Found, Source } from "./source.ts";

const EVERY_MS = 5_000;
const LINE_CHARACTERS = 64 * 1024;

export interface MacmonLimits {
  /** Without a line for so long it hangs; the first one comes after an interval and the start. */
  readonly silentS: number;
  /** Nobody looked for so long: it costs power for nothing. */
  readonly unwatchedS: number;
  readonly restartS: readonly [first: number, most: number];
}

export const MACMON_LIMITS: MacmonLimits = { silentS: 20, unwatchedS: 60, restartS: [10, 600] };

export class MacmonPipe implements Source {
  readonly name = "macmon";
  readonly gives = ["temperature", "watts", "systemWatts", "memoryUsedBytes", "memoryTotalBytes", "swapUsedBytes"] as const;
  /** More often than it speaks, so that a reading's age is nearly true. */
  readonly everyS = 2;
  readonly live = true;
  private readonly clock: Clock;
  private readonly limits: MacmonLimits;
  private child: ChildProcess | null = null;
  private newest: Found | null = null;
  /** On the monotonic clock: when it last said something, or was started. */
  private heardAt = 0;
  private lookedAt = 0;
  private startableAt = Number.NEGATIVE_INFINITY;
  private failures = 0;
  private why: Reason = because("just-started");
  private cancelWatch = () => {};

  constructor(clock: Clock, limits: MacmonLimits = MACMON_LIMITS) {
    this.clock = clock;
    this.limits = limits;
  }

  async look(place: Place): Promise<Found> {
    const now = this.clock.mono();
    this.lookedAt = now;
    if (this.child === null && now >= this.startableAt) await this.start(place);
    const newest = this.newest;
    this.newest = null;
    if (newest === null) throw new LookError(this.why);
    return newest;
  }

  close(): void {
    this.cancelWatch();
    this.stop();
  }

  /** Resolves once it runs, or is known not to. */
  private start(place: Place): Promise<void> {
    this.heardAt = this.clock.mono();
    // Its output is a pipe of ours: if we die, its next line ends it.
    const child = spawn("macmon", ["pipe", "-i", String(EVERY_MS)], { env: { ...place.env }, stdio: ["ignore", "pipe", "ignore"], detached: true });
    this.child = child;
    const stdout = child.stdout;
    child.once("error", (error: NodeJS.ErrnoException) => this.failed(child, notStarted(error).reason));
    child.once("exit", (code, signal) =>
      this.failed(child, signal === null ? because("ended-code", { code: String(code) }) : because("ended-signal", { signal })),
    );
    let unfinished = 0;
    stdout.on("data", (piece: Buffer) => {
      const newline = piece.lastIndexOf(10);
      unfinished = newline === -1 ? unfinished + piece.length : piece.length - newline;
      if (unfinished > LINE_CHARACTERS) this.failed(child, because("endless-line"));
    });
    createInterface({ input: stdout }).on("line", (line) => this.hear(child, line));
    // Neither the process nor its output keeps an engine alive that has nothing else to do.
    child.unref();
    (stdout as unknown as { unref?: () => void }).unref?.();
    this.watch();
    return new Promise((resolve) => {
      child.once("spawn", resolve);
      child.once("error", () => resolve());
    });
  }

  private hear(child: ChildProcess, line: string): void {
    if (child !== this.child) return;
    const found = parseMacmon(line.slice(0, LINE_CHARACTERS));
    if (found === null) {
      // It may say more than its reports; only reports count as life.
      this.why = because("no-report");
      return;
    }
    this.heardAt = this.clock.mono();
    this.failures = 0;
    this.why = because("nothing-new");
    this.newest = found;
  }

  private watch(): void {
    this.cancelWatch();
    this.cancelWatch = this.clock.after((this.limits.silentS * 1000) / 4, () => {
      const child = this.child;
      if (child === null) return;
      const now = this.clock.mono();
      if (now - this.lookedAt > this.limits.unwatchedS) this.stop();
      else if (now - this.heardAt > this.limits.silentS) this.failed(child, because("nothing-for", { seconds: String(this.limits.silentS) }));
      else this.watch();
    });
  }

  private failed(child: ChildProcess, why: Reason): void {
    if (child !== this.child) return;
    this.stop();
    this.why = why;
    const [first, most] = this.limits.restartS;
    this.startableAt = this.clock.mono() + Math.min(first * 2 ** this.failures, most);
    this.failures = Math.min(this.failures + 1, 16);
  }

  private stop(): void {
    const child = this.child;
    this.child = null;
    this.newest = null;
    if (child === null) return;
    if (child.exitCode === null && child.signalCode === null) killGroup(child.pid);
    child.stdout?.destroy();
  }
}
