/** What a suite's report says: how many passed, and who did not. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Suite } from "./suites.ts";

export interface Results {
  readonly passed: number;
  /** One line each: the test's file and name, and the first line of its complaint. */
  readonly failures: readonly string[];
}

/** A suite that ends badly without naming a failed test, and one in which no test ran, has failed as a whole. */
export function resultsOf(suite: Suite, code: number, reports: string): Results {
  const results = read(suite, code, reports);
  if (results.failures.length > 0) return results;
  if (code !== 0) return { ...results, failures: [`ended with ${code} and named no failed test`] };
  return results.passed > 0 ? results : { passed: 0, failures: ["no test ran"] };
}

function read({ name, run }: Suite, code: number, reports: string): Results {
  if ("npm" in run) return { passed: code === 0 ? 1 : 0, failures: [] };
  try {
    return "vitest" in run ? ofVitest(readFileSync(join(reports, `${name}.json`), "utf8")) : ofPytest(readFileSync(join(reports, `${name}.xml`), "utf8"));
  } catch {
    return { passed: 0, failures: ["left no report"] };
  }
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string; readonly failureMessages?: readonly string[] }[];
  }[];
}

/** A skipped or unfinished test counts as failed: there are none on purpose. */
function ofVitest(text: string): Results {
  const files = (JSON.parse(text) as VitestReport).testResults;
  const failures = files.flatMap((file) => {
    const tests = file.assertionResults.filter(({ status }) => status !== "passed");
    if (tests.length === 0 && file.status !== "passed") return [line(file.name, "the file", file.message)];
    return tests.map((test) => line(file.name, test.fullName, test.failureMessages?.[0] ?? test.status));
  });
  return { passed: files.flatMap((file) => file.assertionResults).filter(({ status }) => status === "passed").length, failures };
}

function ofPytest(text: string): Results {
  const cases = [...text.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)];
  const bad = cases.filter(([, , , inside]) => /<(failure|error|skipped)\b/.test(inside ?? ""));
  const failures = bad.map(([, file, name, inside]) => line(file ?? "", name ?? "", /message="([^"]*)"/.exec(inside ?? "")?.[1]));
  return { passed: cases.length - bad.length, failures };
}

const line = (file: string, name: string, message = "") => `${file.split("/tests/").at(-1)} > ${name}: ${message.split("\n")[0]}`.slice(0, 300);
