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

export interface Step {
  readonly seconds: number;
  readonly paddedTokens: number;
}

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
  private left = 0;
  private worked = 0;
  private rest = 0;
  private place = 0;
  private stepSeconds = 0;
  private stepTokens = 0;
  private readonly gauss: Gauss;

  constructor(gauss: Gauss) {
    this.gauss = gauss;
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
        return busy / seconds;
      } else {
        time = this.pause(time, orders);
      }
    }
    return busy / seconds;
  }

  private advance(seconds: number, tokens: number, orders: Orders): void {
    this.left -= tokens;
    this.worked += seconds;
    this.stepSeconds += seconds;
    this.stepTokens += tokens;
    if (this.left > 1e-6) return;
    this.left = 0;
    this.place += 1;
    this.rows += orders.smallerBatches ? ROWS / 2 : ROWS;
    if (this.place < MICRO_BATCHES * (orders.smallerBatches ? 2 : 1)) return;
    this.steps.push({ seconds: this.stepSeconds, paddedTokens: this.stepTokens });
    this.place = 0;
    this.stepSeconds = 0;
    this.stepTokens = 0;
  }

  /** Rests as the pace asks now; what was rested already counts when it changes. */
  private pause(time: number, { pace, smallerBatches }: Orders): number {
    const wanted = (this.worked * (1 - pace)) / pace - this.rest;
    if (wanted > time) {
      this.rest += time;
      return 0;
    }
    this.left = this.nextTokens(smallerBatches);
    this.worked = 0;
    this.rest = 0;
    return time - Math.max(0, wanted);
  }

  private nextTokens(smaller: boolean): number {
    const rows = smaller ? ROWS / 2 : ROWS;
    let longest = 16;
    for (let row = 0; row < rows; row += 1) longest = Math.max(longest, Math.min(LONGEST_TOKENS, MEDIAN_TOKENS * Math.exp(SPREAD * this.gauss())));
    return rows * longest + OVERHEAD_TOKENS;
  }
}
