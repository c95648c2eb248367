// Loaded into an engine before its own files: its time of day is off by the milliseconds that stand in the file THORTIME_SOAK_CLOCK
// names, read afresh at each look. The machine's own clock cannot be set without setting it for everybody on it.
import { readFileSync } from "node:fs";

const now = Date.now.bind(Date);
const file = process.env.THORTIME_SOAK_CLOCK ?? "";

function offsetMs() {
  try {
    return Number(readFileSync(file, "utf8")) || 0;
  } catch {
    return 0;
  }
}

Date.now = () => now() + offsetMs();
