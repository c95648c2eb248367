/** Seeded chance of a night; each source its own, so that another policy meets the same rows and the same noise. */
import { dice } from "../core/seeded.ts";

export type Gauss = () => number;

export function gauss(seed: number): Gauss {
  const { below } = dice(seed);
  const uniform = () => (below(2 ** 30) + 0.5) / 2 ** 30;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

export function uniform(seed: number): (from: number, to: number) => number {
  const { below } = dice(seed);
  return (from, to) => from + ((to - from) * below(2 ** 30)) / 2 ** 30;
}
