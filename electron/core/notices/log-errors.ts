/**
 * Lines of a trainer's log that only a defect writes: an exception somebody swallowed, Metal or C++ giving up. Warnings of libraries are not among
 * them: good runs are full of those.
 */
const SIGNS: readonly RegExp[] = [
  /^Traceback \(most recent call last\):/,
  /^Fatal Python error: /,
  /^libc\+\+abi: terminating /,
  /\bkIOGPUCommandBufferCallbackError\w+/,
  /^\[METAL\] Command buffer execution failed/,
];
/** More of them say nothing more. */
export const LOG_ERRORS_COUNTED = 999;

export function countLogErrors(text: string): number {
  const lines = text.split("\n").filter((line) => SIGNS.some((sign) => sign.test(line.trimStart())));
  return Math.min(LOG_ERRORS_COUNTED, lines.length);
}
