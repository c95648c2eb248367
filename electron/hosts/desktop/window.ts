/** Our windows: our page and nothing else. They cannot go elsewhere, open others, or be granted anything. */
import { join } from "node:path";
import { type App, BrowserWindow, type BrowserWindowConstructorOptions, session, shell } from "electron";
import { ORIGIN } from "./bridge.ts";
import { externalLink } from "./external.ts";

/** `route` is what the page shows, behind the `#`. */
export function createWindow(folder: string, route: string, look: BrowserWindowConstructorOptions): BrowserWindow {
  const window = new BrowserWindow({
    title: "Thortime",
    show: false,
    ...look,
    webPreferences: {
      preload: join(folder, "preload.cjs"),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  void window.loadURL(`${ORIGIN}/index.html${route}`);
  return window;
}

/** For every page this process will ever hold, whoever makes it. */
export function denyEverythingElse(app: App): void {
  app.on("web-contents-created", (_event, contents) => {
    const stayHere = (event: { preventDefault(): void }) => event.preventDefault();
    contents.on("will-navigate", stayHere);
    contents.on("will-redirect", stayHere);
    contents.on("will-attach-webview", stayHere);
    contents.setWindowOpenHandler(({ url }) => {
      const link = externalLink(url);
      if (link !== null) void shell.openExternal(link);
      return { action: "deny" };
    });
  });
}

export function grantNothing(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.on("will-download", (event) => event.preventDefault());
  defaultSession.webRequest.onBeforeRequest((details, decide) => decide({ cancel: !/^(app|devtools):/.test(details.url) }));
}
