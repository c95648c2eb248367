/** The workflows of .github: valid, pinned, without rights they do not need, and naming only what is there. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, ".github", "workflows");
const names = readdirSync(folder);
const read = (name: string) => readFileSync(join(folder, name), "utf8");

function run(program: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd: root }, (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }));
  });
}

const actionlint = (...files: string[]) => run(process.env["THORTIME_ACTIONLINT"] ?? "", ["-no-color", ...files]);

/** The text of each `run:`, of one line or as a block. */
function shellSteps(text: string): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const [, indent = "", rest = ""] = /^( *)(?:- )?run: (.*)$/.exec(line) ?? [];
    if (rest === "") return [];
    if (rest !== "|") return [rest];
    const end = lines.findIndex((other, at) => at > index && other.trim() !== "" && (/^ */.exec(other)?.[0].length ?? 0) <= indent.length);
    return [lines.slice(index + 1, end === -1 ? undefined : end).join("\n")];
  });
}

test("there is one for Linux and one for macOS", () => {
  expect(names.sort()).toEqual(["linux.yml", "macos.yml"]);
});

describe.each(names)("%s", (name) => {
  test("the linter finds nothing", async () => {
    expect(await actionlint(join(folder, name))).toEqual({ code: 0, output: "" });
  });

  test("every action is pinned by its commit, with its version beside it", () => {
    const uses = [...read(name).matchAll(/uses: (.*)$/gm)].map((match) => match[1] ?? "");
    expect(uses.length).toBeGreaterThan(1);
    for (const one of uses) expect(one).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("may read the code and nothing else, and is given no secret", () => {
    expect(read(name)).toMatch(/^permissions:\n {2}contents: read\n\n/m);
    expect(read(name).match(/permissions:/g)).toHaveLength(1);
    expect(read(name)).not.toMatch(/secrets\.|pull_request_target|: write/);
    expect(read(name)).toContain("persist-credentials: false");
    expect(read(name)).toMatch(/timeout-minutes: \d+/);
  });

  test("its shell is sound, and what it starts is there", async () => {
    const steps = shellSteps(read(name));
    expect(steps.length).toBeGreaterThan(1);
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
    for (const step of steps) {
      expect(await run("bash", ["-n", "-c", step]), step).toEqual({ code: 0, output: "" });
      for (const [, script = ""] of step.matchAll(/npm run (\S+)/g)) expect(Object.keys(scripts)).toContain(script);
      for (const [, path = ""] of step.matchAll(/(?:^|\s)(?:node )?((?:tests|build|\.ci)\/\S+)/g)) expect(existsSync(join(root, path)), path).toBe(true);
    }
  });
});

test("the linter is one that finds things", async () => {
  const bad = join(mkdtempSync(join(tmpdir(), "tt-workflow-")), "bad.yml");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what the linter is to find.
  writeFileSync(bad, "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n");
  const found = await actionlint(bad);
  rmSync(join(bad, ".."), { recursive: true });
  expect(found.code).toBe(1);
  expect(found.output).toContain("untrusted");
});
