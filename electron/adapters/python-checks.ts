/** What a machine must have before the Python environment is begun. */
import { statfsSync } from "node:fs";
import { fault } from "../core/faults.ts";

/** Measured: 635 MB installed, and as much again in uv's cache while it unpacks. */
const NEEDED_BYTES = 2e9;

export function checkDisk(root: string): void {
  const { bavail, bsize } = statfsSync(root);
  const freeBytes = bavail * bsize;
  if (freeBytes >= NEEDED_BYTES) return;
  throw fault(
    "disk.full",
    `The Python environment needs 2 GB and ${(freeBytes / 1e9).toFixed(1)} GB are free.`,
    "Free some disk space, then run: thortime setup.",
  );
}

export function checkPlatform(platform: NodeJS.Platform): void {
  const isKnown = (platform === "darwin" && process.arch === "arm64") || (platform === "linux" && process.arch === "x64");
  if (isKnown) return;
  throw fault("environment.platform", "Thortime trains on a Mac with Apple silicon (and on Linux x86-64); this machine is neither.", "Use one of these.");
}
