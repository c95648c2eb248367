/** What a fault is to the soak. */
import type { RunState } from "../../electron/core/state.ts";
import type { Dice } from "../core/seeded.ts";
import type { Ground } from "./ground.ts";

export interface Scene {
  readonly ground: Ground;
  readonly run: string;
  readonly state: RunState;
  readonly random: Dice;
  /** What must not happen, said at once. */
  violated(name: string, what: string): void;
}

export interface FaultKind {
  readonly name: string;
  /** Rows of docs/reliability.md. */
  readonly rows: readonly number[];
  /** Kinds of fault a run may wait for its person with, because of this. */
  readonly asks?: RegExp;
  readonly fits: (scene: Scene) => boolean;
  /** What was done, for the log; null: there was nothing to do it to. */
  readonly inject: (scene: Scene) => Promise<string | null> | string | null;
}
