/**
 * The menu-bar app's window and preload in a real Electron, on an engine that it hosts itself.
 * Rows 43 and 44: the page gets one object and nothing else, cannot go elsewhere, and a foreign sender is not listened to.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ElectronApplication, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecord } from "../../electron/hosts/engine-record.ts";
import { endHome, ensureBuilt, makeHome, thortime } from "../hosts/homes.ts";
import { holdNotices, isShown, launch, type Notices, pageAt, quit } from "./launch.ts";

const home = makeHome();
let app: ElectronApplication;
let page: Page;

beforeAll(async () => {
  await ensureBuilt();
  app = await launch(home);
  page = await openWindow();
}, 180_000);

afterAll(async () => {
  await quit(app);
  await endHome(home);
});

async function openWindow(): Promise<Page> {
  await pageAt(app, "#popover");
  await app.evaluate(({ app: electron }) => void electron.emit("activate"));
  const opened = await pageAt(app, "");
  await opened.waitForSelector("#root > *");
  return opened;
}

interface Exposed {
  readonly thortime: {
    call(command: string, input: unknown): Promise<Record<string, unknown>>;
    subscribe(topic: string, listener: (update: unknown) => void): () => void;
  };
}

describe("a notice", () => {
  interface Delivered {
    readonly backend: string;
    readonly why: readonly { readonly of: string; readonly key: string; readonly values: Readonly<Record<string, string>> }[] | null;
  }
  const sendTest = async (): Promise<Delivered | undefined> => {
    const reply = await page.evaluate(() => (window as unknown as Exposed).thortime.call("notify-test", { way: "computer" }));
    return (reply["delivered"] as Delivered[])[0];
  };

  test("that Electron shows is the app's own; one that never shows, or that the system refuses, is fallen back from with its reason", async () => {
    await holdNotices(app, "shown");
    // The shell is known to the engine once it has said that it is there.
    await expect.poll(async () => (await sendTest())?.backend, { timeout: 30_000 }).toBe("electron");
    const fallenBack = async (notices: Notices) => {
      await holdNotices(app, notices);
      const delivered = await sendTest();
      expect(delivered?.backend).not.toBe("electron");
      return delivered?.why?.[0];
    };
    expect(await fallenBack("silent")).toMatchObject({ of: "electron", key: "not-shown" });
    expect(await fallenBack("failed")).toEqual({ of: "electron", key: "said", values: { text: "this bundle is not signed" } });
    expect(await fallenBack("unsupported")).toEqual({ of: "electron", key: "said", values: { text: "this system shows no notifications" } });
    await holdNotices(app, "real");
  });
});

describe("the window", () => {
  test("shows the dashboard from our own scheme, and the engine answers through it", async () => {
    expect(page.url()).toBe("app://thortime/index.html");
    const info = await page.evaluate(() => (window as unknown as Exposed).thortime.call("engine-info", {}));
    expect(info).toMatchObject({ home, pid: readRecord(home)?.pid });
  });

  test("a subscription begins with a snapshot", async () => {
    const first = await page.evaluate(() => new Promise((resolve) => (window as unknown as Exposed).thortime.subscribe("home", resolve)));
    expect(first).toMatchObject({ topic: "home", snapshot: { runs: [] } });
  });

  test("a fault arrives as a value with its next step", async () => {
    const fault = await page.evaluate(() => (window as unknown as Exposed).thortime.call("run-stop", { run: "nothing" }).catch((error: unknown) => error));
    expect(fault).toMatchObject({ kind: "run.unknown", message: expect.any(String), next: expect.any(String) });
  });

  test.each([
    ["format-disk", {}],
    ["constructor", {}],
    ["run-stop", { run: 7 }],
    ["run-stop", { run: "x", extra: 1 }],
  ])("%s %j is refused at the door", async (command, input) => {
    const args = { command, input };
    const fault = await page.evaluate(
      ({ command, input }) => (window as unknown as Exposed).thortime.call(command, input).catch((error: unknown) => error),
      args,
    );
    expect(fault).toMatchObject({ kind: expect.stringMatching(/^usage\./) });
  });

  test("the page has no Node and no Electron", async () => {
    const seen = await page.evaluate(() => ["require", "process", "module", "electron", "Buffer"].filter((name) => name in globalThis));
    expect(seen).toEqual([]);
    expect(await page.evaluate(() => Object.keys((window as unknown as Exposed).thortime))).toEqual(["call", "subscribe", "open", "pathOf"]);
  });

  test("a chosen file says where it lies, in the field of the data doctor", async () => {
    const rows = join(home, "rows of mine.jsonl");
    writeFileSync(rows, '{"input":"Who?","output":"Me."}\n');
    await page.evaluate(() => {
      location.hash = "#/doctor";
    });
    await page.setInputFiles("[data-pick=data] input[type=file]", rows);
    await expect.poll(() => page.inputValue("[data-pick=data] input.wide")).toBe(rows);
    await page.evaluate(() => history.replaceState(null, "", location.pathname));
  });

  test("row 43: the policy stops scripts that are not ours", async () => {
    const ran = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "window.injected = true";
      document.body.append(script);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return "injected" in window;
    });
    expect(ran).toBe(false);
    await expect(page.evaluate("eval('1')")).resolves.toBe(1); // the debugger's own evaluation is not bound by the policy …
    expect(
      await page.evaluate(
        () =>
          new Promise((resolve) => {
            window.addEventListener("securitypolicyviolation", (event) => resolve(event.violatedDirective));
            setTimeout("1", 0);
          }),
      ),
    ).toContain("script-src"); // … the page's is
  });

  test("row 43: it cannot go elsewhere, open windows, be granted anything, save files, or reach the network", async () => {
    const before = await app.evaluate(({ BrowserWindow, shell }) => {
      const opened: string[] = [];
      Object.assign(globalThis, { opened });
      shell.openExternal = async (url) => void opened.push(url);
      return BrowserWindow.getAllWindows().length;
    });
    await page.evaluate(() => {
      location.href = "https://example.com/";
    });
    await page.waitForTimeout(300);
    expect(page.url()).toBe("app://thortime/index.html");
    expect(await page.evaluate(() => window.open("https://example.com/") === null)).toBe(true);
    expect(await page.evaluate(() => navigator.permissions.query({ name: "geolocation" }).then((one) => one.state))).toBe("denied");
    expect(
      await page.evaluate(() =>
        fetch("http://127.0.0.1:1/").then(
          () => "reached",
          () => "refused",
        ),
      ),
    ).toBe("refused");
    const saved = await app.evaluate(({ session }) => {
      let isRefused: boolean | null = null;
      session.defaultSession.emit("will-download", { preventDefault: () => (isRefused = true) }, {}, {});
      return isRefused;
    });
    expect(saved).toBe(true);
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(before);
  });

  test("row 43: a link leaves by the person's own browser, https and listed sites only", async () => {
    for (const url of ["http://ollama.com/", "https://ollama.com.example.com/", "file:///etc/passwd", "https://ollama.com/library"])
      expect(await page.evaluate((address) => window.open(address) === null, url)).toBe(true);
    await expect.poll(() => app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)).toEqual(["https://ollama.com/library"]);
  });

  test.each(["app://thortime/../package.json", "app://thortime/..%2f..%2fpackage.json", "app://thortime/%2e%2e/stamp", "app://other/index.html"])(
    "%s is no file of ours",
    async (address) => {
      const status = await page.evaluate(
        (one) =>
          fetch(one).then(
            (answer) => answer.status,
            () => 0,
          ),
        address,
      );
      expect([0, 404]).toContain(status);
    },
  );

  test("its settings are the safe ones", async () => {
    const settings = await app.evaluate(({ BrowserWindow }) => {
      const { webContents } = BrowserWindow.getAllWindows()[0] as never as { webContents: { getLastWebPreferences(): Record<string, unknown> } };
      const { contextIsolation, sandbox, nodeIntegration, webviewTag } = webContents.getLastWebPreferences();
      return { contextIsolation, sandbox, nodeIntegration, webviewTag };
    });
    expect(settings).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false });
    expect(settings.webviewTag ?? false).toBe(false);
  });
});

describe("who is listened to", () => {
  test("row 44: messages of a foreign window reach nobody", async () => {
    const answered = await app.evaluate(async ({ app: electron, BrowserWindow, ipcMain }) => {
      const preload = `${electron.getAppPath()}/out/desktop/preload.cjs`;
      const foreign = new BrowserWindow({ show: false, webPreferences: { preload, contextIsolation: true, sandbox: true } });
      let arrived = 0;
      const count = () => {
        arrived += 1;
      };
      ipcMain.on("thortime:message", count);
      await foreign.loadURL("app://thortime/index.html");
      const answer = await Promise.race([
        foreign.webContents.executeJavaScript("window.thortime.call('engine-info', {}).then(() => 'answered', () => 'refused')"),
        new Promise((resolve) => setTimeout(() => resolve("silence"), 1_000)),
      ]);
      ipcMain.removeListener("thortime:message", count);
      foreign.destroy();
      return { answer, sent: arrived > 0 };
    });
    // It did ask, so the silence is ours.
    expect(answered).toEqual({ answer: "silence", sent: true });
  });
});

describe("life", () => {
  test("closing the window only hides it; the app is reopened into it, and ours is not what quits", async () => {
    await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()
        .find((one) => one.webContents.getURL().endsWith("index.html"))
        ?.close(),
    );
    await expect.poll(() => isShown(app, "")).toBe(false);
    await app.evaluate(({ app: electron }) => void electron.emit("activate"));
    await expect.poll(() => isShown(app, "")).toBe(true);
    expect(await page.evaluate(() => (window as unknown as Exposed).thortime.call("engine-info", {}))).toMatchObject({ home });
  });

  test("hosts the engine itself, says that this Electron has no history, and the command line is its client", { timeout: 120_000 }, async () => {
    const pid = await app.evaluate(() => process.pid);
    expect(readRecord(home)?.pid).toBe(pid);
    const info = await page.evaluate(() => (window as unknown as Exposed).thortime.call("engine-info", {}));
    expect(info).toMatchObject({ pid, historyOff: expect.stringMatching(/too old/) });
    expect(await page.textContent("footer")).toMatch(/too old/);
    expect(await thortime(home, ["history", "--json"])).toMatchObject({ code: 9, stderr: expect.stringContaining("no history") });
    expect(readRecord(home)?.pid).toBe(pid);
  });

  test("its engine ends with it and leaves the home to the next one", { timeout: 120_000 }, async () => {
    const before = readRecord(home);
    await quit(app);
    expect(readRecord(home)).toBeNull();
    app = await launch(home);
    page = await openWindow();
    const info = await page.evaluate(() => (window as unknown as Exposed).thortime.call("engine-info", {}));
    expect(info["pid"]).not.toBe(before?.pid);
    expect(info["pid"]).toBe(readRecord(home)?.pid);
  });
});
