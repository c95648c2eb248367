/**
 * The work of the night: rows of the user's lengths (median 85 tokens, mean 126, docs/facts.md), four to a micro-batch, four of these to
 * a step, and the trainer's pace loop: after each micro-batch a rest of work × (1 − pace) / pace, looked at again while it lasts.
 */
import type { Gauss } from "./chance.ts";

/** Padded tokens a second at full clock: an M2 between the published 130 and 200 useful ones, half of the plan's tokens being padding. */
const TOKENS_A_SECOND = 300;
const MICRO_BATCHES = 4;
const ROWS = 4;
const MEDIAN_TOKENS = 85;
const SPREAD = 0.887;
const LONGEST_TOKENS = 2048;
/** Beside its tokens a micro-batch costs this; halves cost it twice. */
const OVERHEAD_TOKENS = 20;
/** Of a held-out row: the mean of the user's, and forward only (a third of the work). */
const EVALUATION_TOKENS = 126 / 3;

export interface Step {
  readonly seconds: number;
  readonly paddedTokens: number;
}

/** Evaluations between steps: after each `everySteps` (and before the first step), so many rows one by one. */
export interface Rhythm {
  readonly everySteps: number;
  readonly rows: number;
}

/** What a trainer would journal. `mono`: its own clock, which stands still in sleep and while it is no more; `at`: that of the night. Seconds. */
export type Happening =
  | ({ readonly what: "step"; readonly at: number; readonly mono: number; readonly restSeconds: number } & Step)
  | { readonly what: "evaluated"; readonly at: number; readonly mono: number; readonly seconds: number };

export interface Orders {
  readonly pace: number;
  readonly rest: boolean;
  readonly smallerBatches: boolean;
}

export class Training {
  /** Rows trained on: the work done. Every policy of one seed meets the same rows in the same order. */
  rows = 0;
  /** Finished steps since they were last taken. */
  readonly steps: Step[] = [];
  readonly happened: Happening[] = [];
  private mono = 0;
  /** Seconds of the night that its clock did not see. */
  private unseen = 0;
  private left = 0;
  private worked = 0;
  private rest = 0;
  private place = 0;
  private stepSeconds = 0;
  private stepTokens = 0;
  private made = 0;
  private since = 0;
  /** Rows still to be evaluated; null: it trains. */
  private evaluating: number | null = null;
  private readonly gauss: Gauss;
  private readonly rhythm: Rhythm | null;

  constructor(gauss: Gauss, rhythm: Rhythm | null = null) {
    this.gauss = gauss;
    this.rhythm = rhythm;
    if (rhythm) this.evaluating = rhythm.rows;
    this.left = this.nextTokens(false);
  }

  /** The machine sleeps, or no process is there. */
  skip(seconds: number): void {
    this.unseen += seconds;
  }

  /** The unfinished step is dropped, as a pause does. */
  drop(): void {
    this.place = 0;
    this.stepSeconds = 0;
    this.stepTokens = 0;
    this.worked = 0;
    this.rest = 0;
    this.since = this.mono;
    this.left = this.nextTokens(false);
  }

  /** Returns the share of the time in which it worked. `speed` 1 is full clock. */
  go(seconds: number, speed: number, orders: Orders): number {
    let time = seconds;
    let busy = 0;
    for (let turn = 0; time > 1e-9 && turn < 1_000; turn += 1) {
      if (this.left > 0) {
        const work = Math.min(time, this.left / (TOKENS_A_SECOND * speed));
        this.advance(work, work * TOKENS_A_SECOND * speed, orders);
        time -= work;
        busy += work;
      } else if (orders.rest) {
        this.mono += time;
        return busy / seconds;
      } else {
        time = this.pause(time, orders);
      }
    }
    return busy / seconds;
  }

  private advance(seconds: number, tokens: number, orders: Orders): void {
    this.mono += seconds;
    this.left -= tokens;
    this.worked += seconds;
    if (this.evaluating === null) {
      this.stepSeconds += seconds;
      this.stepTokens += tokens;
    }
    if (this.left > 1e-6) return;
    this.left = 0;
    if (this.evaluating === null) this.trained(orders);
    else this.evaluated(this.evaluating - 1);
  }

  private trained(orders: Orders): void {
    this.place += 1;
    this.rows += orders.smallerBatches ? ROWS / 2 : ROWS;
    if (this.place < MICRO_BATCHES * (orders.smallerBatches ? 2 : 1)) return;
    const step = { seconds: this.stepSeconds, paddedTokens: this.stepTokens };
    this.steps.push(step);
    this.happened.push({ what: "step", ...step, restSeconds: this.mono - this.since - step.seconds, at: this.mono + this.unseen, mono: this.mono });
    this.place = 0;
    this.stepSeconds = 0;
    this.stepTokens = 0;
    this.since = this.mono;
    this.made += 1;
    if (this.rhythm && this.made % this.rhythm.everySteps === 0) this.evaluating = this.rhythm.rows;
  }

  private evaluated(rowsLeft: number): void {
    this.evaluating = rowsLeft > 0 ? rowsLeft : null;
    if (rowsLeft > 0) return;
    this.happened.push({ what: "evaluated", seconds: this.mono - this.since, at: this.mono + this.unseen, mono: this.mono });
    this.since = this.mono;
  }

  /** Rests as the pace asks now; what was rested already counts when it changes. */
  private pause(time: number, { pace, smallerBatches }: Orders): number {
    const wanted = (this.worked * (1 - pace)) / pace - this.rest;
    if (wanted > time) {
      this.mono += time;
      this.rest += time;
      return 0;
    }
    this.mono += Math.max(0, wanted);
    this.left = this.nextTokens(smallerBatches);
    this.worked = 0;
    this.rest = 0;
    return time - Math.max(0, wanted);
  }

  private nextTokens(smaller: boolean): number {
    if (this.evaluating !== null) return EVALUATION_TOKENS;
    const rows = smaller ? ROWS / 2 : ROWS;
    let longest = 16;
    for (let row = 0; row < rows; row += 1) longest = Math.max(longest, Math.min(LONGEST_TOKENS, MEDIAN_TOKENS * Math.exp(SPREAD * this.gauss())));
    return rows * longest + OVERHEAD_TOKENS;
  }
}
