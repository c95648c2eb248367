/** Row 47: the packaged app, read back. Packed by the real electron-builder from a stand-in for Electron.app, whose binary cannot run here. */
import { createHash } from "node:crypto";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, hostname, tmpdir, userInfo } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { APP_BYTES, ASAR_BYTES, checkBudget, type Sizes } from "../../build/package/budget.ts";
import { pack } from "../../build/package/pack.ts";
import { signing } from "../../build/package/signing.ts";
import { MAC_UV } from "../../build/provision/mac-uv.mjs";
import { requiredUv } from "../../electron/adapters/python-uv.ts";
import { engineCommand, packagedPlace } from "../../electron/hosts/place.ts";
import { ensureBuilt, root } from "../hosts/homes.ts";
import { makeElectronApp } from "./electron-app.ts";

const packager = process.env["THORTIME_PACKAGER"] ?? "";
const uv = process.env["THORTIME_MAC_UV"] ?? "";
const load = <T>(name: string): T => createRequire(join(packager, "package.json"))(name) as T;

let folder: string;
let app: string;
let resources: string;
let sizes: Sizes;

beforeAll(async () => {
  await ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), "tt-package-"));
  const electronDist = await makeElectronApp(join(folder, "electron"), packager);
  const secrets = { HF_TOKEN: "hf_nobody_may_read_this", APPLE_ID: "someone@example.org" };
  ({ app, sizes } = await pack({ root, output: join(folder, "dist"), targets: ["dir"], packager, uv, electronDist, env: { ...process.env, ...secrets } }));
  resources = join(app, "Contents", "Resources");
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every plain file below, by its path from there. */
function files(at: string): string[] {
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(at, join(entry.parentPath, entry.name)))
    .sort();
}

interface Asar {
  listPackage(path: string, options: { isPack: boolean }): string[];
  extractAll(path: string, to: string): void;
  extractFile(path: string, name: string): Buffer;
  getRawHeader(path: string): { headerString: string };
}
const asar = () => load<Asar>("@electron/asar");
const archive = () => join(resources, "app.asar");
const info = () => load<{ parse(text: string): Record<string, unknown> }>("plist").parse(readFileSync(join(app, "Contents", "Info.plist"), "utf8"));

describe("Info.plist", () => {
  test("a menu-bar app without a Dock icon, whose alerts stay", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(info()).toMatchObject({ CFBundleName: "Thortime", CFBundleExecutable: "Thortime", CFBundleShortVersionString: version });
    expect(info()).toMatchObject({ LSUIElement: true, NSUserNotificationAlertStyle: "alert", LSMinimumSystemVersion: "14.0" });
  });

  test("its own icon", () => {
    const icon = readFileSync(join(resources, String(info()["CFBundleIconFile"])));
    expect(icon.equals(readFileSync(join(root, "build/package/icon.icns")))).toBe(true);
    expect({ type: icon.toString("latin1", 0, 4), bytes: icon.readUInt32BE(4) }).toEqual({ type: "icns", bytes: icon.length });
  });

  test("no door is opened to unencrypted loads", () => {
    expect(info()).not.toHaveProperty("NSAppTransportSecurity");
  });

  test("names one archive, with the hash of the header that it has", () => {
    const hash = createHash("sha256").update(asar().getRawHeader(archive()).headerString).digest("hex");
    expect(info()["ElectronAsarIntegrity"]).toEqual({ "Resources/app.asar": { algorithm: "SHA256", hash } });
    expect(files(resources).filter((name) => name.endsWith(".asar"))).toEqual(["app.asar"]);
  });
});

test("fuses: no Node in our name, nothing but the sealed archive, cookies encrypted", async () => {
  const { getCurrentFuseWire, FuseV1Options } = load<typeof import("./fuses-api.ts")>("@electron/fuses");
  const wire = await getCurrentFuseWire(app);
  const [off, on] = ["0".charCodeAt(0), "1".charCodeAt(0)];
  expect(wire[FuseV1Options.RunAsNode]).toBe(off);
  expect(wire[FuseV1Options.EnableNodeOptionsEnvironmentVariable]).toBe(off);
  expect(wire[FuseV1Options.EnableNodeCliInspectArguments]).toBe(off);
  expect(wire[FuseV1Options.GrantFileProtocolExtraPrivileges]).toBe(off);
  expect(wire[FuseV1Options.OnlyLoadAppFromAsar]).toBe(on);
  expect(wire[FuseV1Options.EnableEmbeddedAsarIntegrityValidation]).toBe(on);
  expect(wire[FuseV1Options.EnableCookieEncryption]).toBe(on);
});

describe("what is inside", () => {
  test("app.asar holds the bundles, the page and one native package, for one platform", () => {
    const listed = asar()
      .listPackage(archive(), { isPack: false })
      .filter((name) => /\.[a-z0-9]+$/.test(name));
    const strange = listed.filter((name) => !/^\/(package\.json|out\/(desktop|renderer)\/|node_modules\/better-sqlite3\/(lib\/|package\.json))/.test(name));
    expect(strange).toEqual(["/node_modules/better-sqlite3/prebuilds/darwin-arm64.node"]);
    expect(listed).toEqual(expect.arrayContaining(["/out/desktop/main.cjs", "/out/desktop/preload.cjs", "/out/renderer/index.html"]));
    expect(listed.filter((name) => /linux|win32|x64/.test(name))).toEqual([]);
  });

  test("the app finds its files: what it reads from the archive, and what others read beside it", async () => {
    // As the archive's own files, which only Electron can read in place.
    const extracted = join(folder, "extracted", "app.asar");
    load<Asar>("@electron/asar").extractAll(archive(), extracted);
    const program = join(app, "Contents", "MacOS", "Thortime");
    const place = packagedPlace(extracted, program);
    expect(place.version).toMatch(/^0\.1\.0\+[0-9a-f]{12}$/);
    expect({ ...place, version: "" }).toEqual({
      root: join(folder, "extracted"),
      out: join(extracted, "out"),
      version: "",
      engine: [program, "--engine"],
      historyWorker: join(folder, "extracted", "app.asar.unpacked", "out", "desktop", "history-worker.cjs"),
      uv: join(folder, "extracted", "uv", "uv"),
    });
    expect(lstatSync(program).isFile()).toBe(true);
    expect(engineCommand(place, "/home of someone")).toEqual([program, "--engine", "--home", "/home of someone"]);
  });

  test("the history's thread and its library are unpacked", () => {
    const unpacked = files(`${archive()}.unpacked`);
    expect(unpacked).toEqual(expect.arrayContaining(["out/desktop/history-worker.cjs", "node_modules/better-sqlite3/prebuilds/darwin-arm64.node"]));
    const magic = readFileSync(join(`${archive()}.unpacked`, "node_modules/better-sqlite3/prebuilds/darwin-arm64.node")).readUInt32LE(0);
    expect(magic).toBe(0xfeedfacf);
  });

  test("Python's sources and lock, uv of the version they ask for, the practice campaign", () => {
    const found = files(resources);
    const same = (name: string) => expect(readFileSync(join(resources, name)).equals(readFileSync(join(root, name))), name).toBe(true);
    for (const name of [
      "python/uv.lock",
      "python/pyproject.toml",
      "python/trainer/__main__.py",
      "resources/prompts/en.json",
      "resources/prompts/tr.json",
      "resources/messages/en.json",
      "resources/messages/sentences.tr.json",
      "resources/messages/tr.json",
    ])
      same(name);
    const sources = files(join(root, "python", "trainer")).filter((name) => name.endsWith(".py"));
    expect(found.filter((name) => name.startsWith("python/trainer/"))).toEqual(sources.map((name) => join("python/trainer", name)));
    for (const name of ["campaign.json", "prompts.json", "train.jsonl", "held-out.jsonl", "model/model.safetensors", "model/tokenizer.model"]) {
      same(join("resources/practice", name));
    }
    expect(found).toEqual(
      expect.arrayContaining(["uv/uv", "uv/LICENSE-MIT", "resources/icons/tray-idleTemplate.png", "resources/icons/tray-idleTemplate@2x.png", "LICENSE"]),
    );
    expect(lstatSync(join(resources, "uv", "uv")).mode & 0o111).toBe(0o111);
    expect(readFileSync(join(resources, "uv", "uv")).readUInt32LE(0)).toBe(0xfeedfacf);
    expect(MAC_UV.version).toBe(requiredUv(join(root, "python")));
  });

  test("two languages, no tests, documents, source maps, caches, models or other programs", () => {
    const all = files(app);
    expect([...new Set(all.flatMap((name) => /([a-z]+)\.lproj\//.exec(name)?.[1] ?? []))].sort()).toEqual(["en", "tr"]);
    expect(
      all.filter((name) => /\.map$|\.test\.|__pycache__|\.pyc$|\.md$|\.d\.ts$|\.gguf$|ollama|(^|\/)(tests|docs|fixtures|\.git|\.env)/i.test(name)),
    ).toEqual([]);
    expect(
      asar()
        .listPackage(archive(), { isPack: false })
        .filter((name) => /\.map$|\.test\.|\.md$|\/(tests|docs)\//.test(name)),
    ).toEqual([]);
  });

  test("nothing of who packed it, nor of where, nor of the environment", () => {
    const personal = [root, homedir(), `${tmpdir()}/tt-package-`, hostname(), "hf_nobody_may_read_this", "someone@example.org"].filter(
      (word) => word.length > 5,
    );
    if (userInfo().username.length > 5) personal.push(userInfo().username);
    const told: string[] = [];
    for (const name of files(app).filter((one) => !one.endsWith("/uv/uv"))) {
      const text = readFileSync(join(app, name), "latin1");
      told.push(...personal.filter((word) => text.includes(word)).map((word) => `${name}: ${word}`));
    }
    expect(told).toEqual([]);
    const packed = JSON.parse(asar().extractFile(archive(), "package.json").toString()) as Record<string, unknown>;
    expect(Object.keys(packed).sort()).toEqual(["author", "dependencies", "description", "license", "main", "name", "productName", "version"]);
  });
});

describe("size", () => {
  test("what this package weighs is what is printed, and within the budget", () => {
    expect(sizes.asar).toBe(lstatSync(archive()).size);
    expect(sizes.app).toBeGreaterThan(sizes.asar);
    expect(() => checkBudget(sizes)).not.toThrow();
    // Without Electron itself, which takes about 250 MB of the budget.
    expect(sizes.app).toBeLessThan(60e6);
  });

  test.each([
    [{ app: APP_BYTES + 1, asar: 1 }, /the app has 330\.0 MB/],
    [{ app: 1, asar: ASAR_BYTES + 1 }, /app\.asar has 15\.0 MB/],
  ])("%j is refused", (given, message) => {
    expect(() => checkBudget(given)).toThrow(message);
  });
});

describe("signing", () => {
  test("without a certificate: ad hoc, and without the hardened runtime, which would refuse Electron's own framework", () => {
    expect(signing({}, "e")).toEqual({ identity: "-", hardenedRuntime: false, notarize: false });
    expect(signing({ CSC_LINK: "" }, "e")).toMatchObject({ identity: "-" });
  });

  test("with one: hardened, with our entitlements; notarised where the whole set of credentials is there", () => {
    const certificate = { CSC_LINK: "file" };
    expect(signing(certificate, "e")).toEqual({ hardenedRuntime: true, entitlements: "e", entitlementsInherit: "e", notarize: false });
    expect(signing({ ...certificate, APPLE_ID: "a" }, "e")).toMatchObject({ notarize: false });
    expect(signing({ ...certificate, APPLE_ID: "a", APPLE_APP_SPECIFIC_PASSWORD: "b", APPLE_TEAM_ID: "c" }, "e")).toMatchObject({ notarize: true });
    expect(signing({ ...certificate, APPLE_API_KEY: "a", APPLE_API_KEY_ID: "b", APPLE_API_ISSUER: "c" }, "e")).toMatchObject({ notarize: true });
  });

  test("the one entitlement is the one V8 needs", () => {
    const text = readFileSync(join(root, "build", "package", "entitlements.plist"), "utf8");
    expect(load<{ parse(text: string): unknown }>("plist").parse(text)).toEqual({ "com.apple.security.cs.allow-jit": true });
  });
});
