/** Whether macOS waits to install an update, from its own preferences; what cannot be told is unknown with its reason. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPlace } from "../../electron/adapters/sensors/place.ts";
import { createSystem, parseUpdates } from "../../electron/adapters/system.ts";
import { makeTools, type Tools } from "../fixtures/tools.ts";
import { saying } from "../fixtures/why.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/system", import.meta.url));
const fixture = (name: string) => readFileSync(join(FIXTURES, name), "utf8");

let tools: Tools;
beforeEach(() => {
  tools = makeTools();
});
afterEach(() => tools.close());
const mac = () => createSystem({ platform: "darwin", place: createPlace({ path: tools.path, root: "/", limitMs: 400 }) });

test("the titles of what waits; none is an empty list; a Mac that never looked does not say", () => {
  expect(parseUpdates(fixture("software-update-waiting.txt")).value).toEqual(["macOS Tahoe 26.4", "Safari"]);
  expect(parseUpdates(fixture("software-update-none.txt")).value).toEqual([]);
  expect(parseUpdates("{\n    AutomaticCheckEnabled = 1;\n}\n")).toEqual({ value: null, why: saying("macOS has not looked for updates yet", true) });
  expect(parseUpdates("LastUpdatesAvailable = 3;\n").value).toEqual(["macOS"]);
  expect(parseUpdates("\u0000garbage")).toMatchObject({ value: null });
});

test("asked by argv, once, and never over the net", async () => {
  tools.put("defaults", `/bin/cat "${join(FIXTURES, "software-update-waiting.txt")}"`);
  expect((await mac().pendingUpdates()).value).toEqual(["macOS Tahoe 26.4", "Safari"]);
  expect(tools.calls()).toEqual(["defaults read /Library/Preferences/com.apple.SoftwareUpdate"]);
});

test("missing, refusing or hanging, it is unknown with its reason", async () => {
  expect(await mac().pendingUpdates()).toEqual({ value: null, why: saying("defaults: it is not installed", true) });
  tools.put("defaults", "exit 1");
  expect(await mac().pendingUpdates()).toEqual({ value: null, why: saying("defaults: it ended with code 1", true) });
  tools.put("defaults", "exec /bin/sleep 20");
  expect(await mac().pendingUpdates()).toMatchObject({ value: null, why: saying("defaults: ") });
});

test("elsewhere nobody is asked", async () => {
  expect(await createSystem({ platform: "linux" }).pendingUpdates()).toMatchObject({ value: null, why: saying("update timer") });
});
