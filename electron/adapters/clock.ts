/** The machine's clocks. */
import { performance } from "node:perf_hooks";
import type { Clock } from "../core/ports.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now() / 1000,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
