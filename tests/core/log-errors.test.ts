/** Red flag "errors in the log": what only a defect writes is counted, what good runs are full of is not. */
import { describe, expect, test } from "vitest";
import { countLogErrors, LOG_ERRORS_COUNTED } from "../../electron/core/notices/log-errors.ts";

describe("a log", () => {
  test.each([
    ["an exception that was swallowed", 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError: x\n', 1],
    ["two of them, one within a thread", "Exception in thread T:\nTraceback (most recent call last):\n  x\nTraceback (most recent call last):\n", 2],
    ["C++ that gave up", "libc++abi: terminating due to uncaught exception of type std::runtime_error: [metal] Insufficient Memory\n", 1],
    ["Metal", "[METAL] Command buffer execution failed: Impacting Interactivity (0000000e:kIOGPUCommandBufferCallbackErrorImpactingInteractivity)\n", 1],
    ["the interpreter", "Fatal Python error: Segmentation fault\n", 1],
  ])("%s", (_name, text, count) => {
    expect(countLogErrors(text)).toBe(count);
  });

  test("warnings, progress, and words of a row are no errors", () => {
    const fine = [
      "/site-packages/x.py:12: UserWarning: error bars are not drawn",
      "Unsloth: Will patch your computer to enable 2x faster free finetuning.",
      "FutureWarning: `torch_dtype` is deprecated! Use `dtype` instead!",
      "the row says: Traceback (most recent call last): hata",
      "0 errors",
    ];
    expect(countLogErrors(fine.join("\n"))).toBe(0);
  });

  test("a flood stays a number", () => {
    expect(countLogErrors("Traceback (most recent call last):\n".repeat(5_000))).toBe(LOG_ERRORS_COUNTED);
  });
});
