/** Entry of `out/engine.js`: the engine of one home in plain Node. */
import { runEngine } from "./engine.ts";
import { findPlace } from "./place.ts";

process.exit(await runEngine(() => findPlace(import.meta.dirname), process.argv.slice(2)));
