/** The Python environment: made once by whoever is first, whole or not at all, and a machine that cannot have one is told what to install. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { ensurePython, findPython } from "../../electron/adapters/python-environment.ts";
import { findInterpreters, isSupported } from "../../electron/adapters/python-interpreter.ts";
import { writeOwnPython } from "../../electron/adapters/python-own.ts";
import { installEnvironment, requiredUv } from "../../electron/adapters/python-uv.ts";

const project = join(import.meta.dirname, "..", "..", "python");
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "tt-python-"));
  folders.push(made);
  return made;
}

/** A small real program. `#!/bin/sh` finds it whatever PATH is. */
function program(path: string, script: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const machine = process.platform === "darwin" ? "arm64" : "x86_64";

/** Answers the one question we ask of a Python. */
function python(bin: string, name: string, version: readonly [number, number, number], cpu = machine): string {
  const path = join(bin, name);
  program(path, `case "$*" in *json.dumps*) echo '["${path}", [${version.join(", ")}], "${cpu}"]';; *) exit 1;; esac`);
  return path;
}

/** Does what uv does to the file system, and counts its syncs. `sync` may fail, or hang for a moment. */
function uv(bin: string, sync = "true"): void {
  const version = requiredUv(project);
  program(
    join(bin, "uv"),
    `case "$1" in
--version) echo "uv ${version}";;
venv) for last; do :; done; /bin/mkdir -p "$last/bin"; printf '#!/bin/sh\\nexit 0\\n' > "$last/bin/python"; /bin/chmod 755 "$last/bin/python";;
sync) echo "$UV_PROJECT_ENVIRONMENT" >> "${bin}/syncs"; echo " + mlx==0" >&2; ${sync};;
python) exit 1;;
esac`,
  );
}

function input(home: string, bin: string, more: Partial<Parameters<typeof ensurePython>[0]> = {}) {
  return { home, project, cache: null, env: { PATH: bin, HOME: home, SECRET_TOKEN: "hidden" }, ...more };
}

const syncs = (bin: string) => readFileSync(join(bin, "syncs"), "utf8").trim().split("\n");

describe("making it", () => {
  test("once, with progress; then it is only looked at", async () => {
    const [home, bin] = [folder(), folder()];
    python(bin, "python3", [3, 11, 7]);
    uv(bin);
    const lines: string[] = [];
    const made = await ensurePython(input(home, bin, { onLine: (line) => lines.push(line) }));
    expect(made.python).toBe(findPython(home));
    expect(lines.join()).toContain("mlx");
    await ensurePython(input(home, bin));
    expect(syncs(bin)).toHaveLength(1);
    expect(readdirSync(join(home, "python")).filter((name) => name.includes(".partial"))).toEqual([]);
  });

  test("four at the same time make it once", async () => {
    const [home, bin] = [folder(), folder()];
    python(bin, "python3", [3, 11, 7]);
    uv(bin, "sleep 0.5");
    program(join(bin, "sleep"), 'exec /bin/sleep "$1"');
    const waits: string[] = [];
    const all = await Promise.all(
      Array.from({ length: 4 }, () => ensurePython(input(home, bin, { onLine: (line) => line.includes("waiting") && waits.push(line) }))),
    );
    expect(new Set(all.map((one) => one.python)).size).toBe(1);
    expect(syncs(bin)).toHaveLength(1);
    expect(waits).toHaveLength(3);
  });

  test("two homes share a cache; the development one serves both kinds", async () => {
    const [first, second, cache, bin] = [folder(), folder(), folder(), folder()];
    python(bin, "python3", [3, 12, 1]);
    uv(bin);
    const dev = await ensurePython(input(first, bin, { cache, dev: true }));
    const plain = await ensurePython(input(second, bin, { cache }));
    expect(plain).toEqual(dev);
    expect(dev.python.startsWith(cache)).toBe(true);
    expect(syncs(bin)).toHaveLength(1);
    expect(existsSync(join(second, "python", "current"))).toBe(true);
  });

  test("a failure leaves nothing half-made and the old pointer as it was; the reason is said; the next try mends it", async () => {
    const [home, bin] = [folder(), folder()];
    python(bin, "python3", [3, 11, 7]);
    uv(bin, 'echo "error: no route to host" >&2; exit 2');
    await expect(ensurePython(input(home, bin))).rejects.toMatchObject({
      fault: { kind: "environment.python", message: expect.stringContaining("no route to host"), next: expect.stringContaining("thortime setup") },
    });
    expect(readdirSync(join(home, "python")).sort()).toEqual(["lock.sqlite"]);
    expect(() => findPython(home)).toThrow(expect.objectContaining({ fault: expect.objectContaining({ kind: "environment.python" }) }));
    uv(bin);
    await ensurePython(input(home, bin));
    expect(findPython(home)).toContain(home);
  });

  test("what a kill left behind is swept, and an environment that lost its Python is made again", async () => {
    const [home, bin] = [folder(), folder()];
    mkdirSync(join(home, "python", "abc.partial.1234", "bin"), { recursive: true });
    python(bin, "python3", [3, 11, 7]);
    uv(bin);
    const { python: path } = await ensurePython(input(home, bin));
    expect(existsSync(join(home, "python", "abc.partial.1234"))).toBe(false);
    rmSync(path);
    expect(() => findPython(home)).toThrow();
    await ensurePython(input(home, bin));
    expect(syncs(bin)).toHaveLength(2);
    expect(existsSync(path)).toBe(true);
  });
});

describe("environments of earlier versions", () => {
  const names = (home: string) => readdirSync(join(home, "python")).filter((name) => /^[0-9a-f]{16}(-dev)?$/.test(name));

  /** An environment of an old lock, and a program of it that lives until it is ended. */
  async function oldOne(home: string, hash: string, ...args: string[]): Promise<ChildProcess> {
    const bin = join(home, "python", hash, "bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync("/bin/sleep", join(bin, "python"));
    const child = spawn(join(bin, "python"), ["60", ...args], { stdio: "ignore" });
    await new Promise((resolve) => child.once("spawn", resolve));
    return child;
  }

  async function end(child: ChildProcess): Promise<void> {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  test("the one in use stays, and goes once nobody runs from it; the current one never goes", async () => {
    const [home, bin] = [folder(), folder()];
    python(bin, "python3", [3, 11, 7]);
    uv(bin);
    const old = await oldOne(home, "0123456789abcdef");
    mkdirSync(join(home, "python", "fedcba9876543210-dev", "bin"), { recursive: true });
    writeFileSync(join(home, "python", "current"), `${join(home, "python", "0123456789abcdef")}\n`);
    await ensurePython(input(home, bin));
    // Just switched: somebody may have read the old pointer a moment ago.
    expect(names(home)).toHaveLength(3);
    const { python: current } = await ensurePython(input(home, bin));
    expect(names(home).sort()).toEqual(["0123456789abcdef", basename(dirname(dirname(current)))].sort());
    await end(old);
    await ensurePython(input(home, bin));
    expect(names(home)).toEqual([basename(dirname(dirname(current)))]);
    expect(existsSync(current)).toBe(true);
  });

  test("a process that works on a run of this home, from nobody knows where, keeps them all", async () => {
    const [home, elsewhere, bin] = [folder(), folder(), folder()];
    python(bin, "python3", [3, 11, 7]);
    uv(bin);
    mkdirSync(join(home, "python", "0123456789abcdef"), { recursive: true });
    const trainer = spawn("/bin/sh", ["-c", "sleep 60; :", join(home, "runs", "night")], { stdio: "ignore", cwd: elsewhere });
    await ensurePython(input(home, bin));
    await ensurePython(input(home, bin));
    expect(names(home)).toContain("0123456789abcdef");
    await end(trainer);
    await ensurePython(input(home, bin));
    expect(names(home)).not.toContain("0123456789abcdef");
  });

  test("in a cache that other homes share nothing is deleted", async () => {
    const [home, cache, bin] = [folder(), folder(), folder()];
    python(bin, "python3", [3, 11, 7]);
    uv(bin);
    mkdirSync(join(cache, "python", "0123456789abcdef"), { recursive: true });
    await ensurePython(input(home, bin, { cache }));
    await ensurePython(input(home, bin, { cache }));
    expect(existsSync(join(cache, "python", "0123456789abcdef"))).toBe(true);
  });
});

describe("a Python of one's own", () => {
  test("is the only one it is made from, and the rest of the settings stays", async () => {
    const [home, bin, own] = [folder(), folder(), folder()];
    python(bin, "python3", [3, 11, 7]);
    uv(bin);
    const mine = python(own, "python3.12", [3, 12, 1]);
    writeFileSync(join(home, "settings.json"), JSON.stringify({ language: "tr" }));
    writeOwnPython(home, mine);
    program(
      join(bin, "uv"),
      readFileSync(join(bin, "uv"), "utf8")
        .replace("#!/bin/sh\n", "")
        .replace("venv) ", `venv) echo "$*" >> "${join(bin, "venvs")}"; `),
    );
    await ensurePython(input(home, bin));
    expect(readFileSync(join(bin, "venvs"), "utf8")).toContain(`--python ${mine}`);
    expect(JSON.parse(readFileSync(join(home, "settings.json"), "utf8"))).toEqual({ language: "tr", python: mine });
    writeOwnPython(home, null);
    expect(JSON.parse(readFileSync(join(home, "settings.json"), "utf8"))).toEqual({ language: "tr" });
  });

  test("that cannot be used is said, and no other is taken", async () => {
    const [home, bin] = [folder(), folder()];
    python(bin, "python3", [3, 11, 7]);
    uv(bin);
    const message = (expected: string) => ({ fault: { kind: "environment.python", message: expect.stringContaining(expected), next: expect.any(String) } });
    writeOwnPython(home, python(bin, "python3.14", [3, 14, 0]));
    await expect(ensurePython(input(home, bin))).rejects.toMatchObject(message("3.14.0"));
    writeOwnPython(home, "python3");
    await expect(ensurePython(input(home, bin))).rejects.toMatchObject(message("no Python 3 that runs"));
    writeFileSync(join(home, "settings.json"), "[");
    await expect(ensurePython(input(home, bin))).rejects.toMatchObject({ fault: { kind: "environment.settings" } });
    expect(existsSync(join(bin, "syncs"))).toBe(false);
  });
});

describe("a machine that cannot have one", () => {
  test("Python 3.14 only: says what was found and what to install", async () => {
    const [home, bin] = [folder(), folder()];
    python(bin, "python3", [3, 14, 0]);
    uv(bin);
    await expect(ensurePython(input(home, bin))).rejects.toMatchObject({
      fault: {
        kind: "environment.python",
        message: expect.stringMatching(/3\.10 to 3\.13.*3\.14\.0/),
        next: expect.stringMatching(/brew install python@3\.13.*apt-get install/),
      },
    });
    expect(existsSync(join(home, "python", "current"))).toBe(false);
  });

  test("no Python at all", async () => {
    const [home, bin] = [folder(), folder()];
    await expect(ensurePython(input(home, bin))).rejects.toMatchObject({ fault: { kind: "environment.python", message: "No Python 3 was found." } });
  });

  test("uv cannot be had: its reason is passed on", async () => {
    const [home, bin] = [folder(), folder()];
    program(
      join(bin, "python3"),
      `case "$*" in *json.dumps*) echo '["${join(bin, "python3")}", [3, 11, 7], "${machine}"]';; *) echo "No module named venv" >&2; exit 1;; esac`,
    );
    await expect(ensurePython(input(home, bin))).rejects.toMatchObject({
      fault: { kind: "environment.uv", message: expect.stringContaining("No module named venv") },
    });
    expect(readdirSync(join(home, "python"))).toEqual(["lock.sqlite"]);
  });

  test("a uv of another version on PATH is not taken", async () => {
    const [home, bin] = [folder(), folder()];
    python(bin, "python3", [3, 11, 7]);
    program(join(bin, "uv"), `echo "uv 0.1.0"`);
    await expect(ensurePython(input(home, bin))).rejects.toMatchObject({ fault: { kind: "environment.uv" } });
  });

  test("another machine than the lock is made for", async () => {
    const [home, bin] = [folder(), folder()];
    await expect(ensurePython(input(home, bin, { platform: "win32" }))).rejects.toMatchObject({ fault: { kind: "environment.platform" } });
  });
});

describe("which Python", () => {
  test("names that do not run, or say nonsense, are passed over; the plain name comes first, then newer", async () => {
    const bin = folder();
    program(join(bin, "python3"), "echo 'version not set' >&2; exit 127");
    program(join(bin, "python3.13"), "echo nonsense");
    python(bin, "python3.12", [3, 12, 9]);
    python(bin, "python3.10", [3, 10, 1]);
    python(bin, "python3.14", [3, 14, 0]);
    const found = await findInterpreters({ path: `${bin}:relative:`, platform: "linux", env: { PATH: bin } });
    expect(found.map((one) => one.version)).toEqual(["3.12.9", "3.10.1", "3.14.0"]);
  });

  test.each([
    [9, machine, false],
    [10, machine, true],
    [13, machine, true],
    [14, machine, false],
    [12, "i386", false],
  ])("3.%i on %s: %s", (minor, cpu, expected) => {
    expect(isSupported({ path: "x", version: `3.${minor}.0`, minor, machine: cpu }, process.platform)).toBe(expected);
  });

  test("installers get a short list of our environment, and no token", () => {
    const given = installEnvironment({
      PATH: "/bin",
      HF_TOKEN: "x",
      AWS_SECRET_ACCESS_KEY: "x",
      UV_INDEX_URL: "u",
      PIP_INDEX_URL: "p",
      https_proxy: "h",
      SSL_CERT_FILE: "s",
      PYTHONPATH: "x",
      VIRTUAL_ENV: "x",
    });
    expect(Object.keys(given).sort()).toEqual(["PATH", "PIP_INDEX_URL", "SSL_CERT_FILE", "UV_INDEX_URL", "https_proxy"]);
  });
});
