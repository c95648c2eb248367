/** The window: our page and nothing else. It cannot go elsewhere, open others, or be granted anything. */
import { join } from "node:path";
import { type App, BrowserWindow, session } from "electron";
import { ORIGIN } from "./bridge.ts";

export function createWindow(folder: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1180,
    height: 820,
    minWidth: 420,
    minHeight: 480,
    title: "Thortime",
    webPreferences: {
      preload: join(folder, "preload.cjs"),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  void window.loadURL(`${ORIGIN}/index.html`);
  return window;
}

/** For every page this process will ever hold, whoever makes it. */
export function denyEverythingElse(app: App): void {
  app.on("web-contents-created", (_event, contents) => {
    const stayHere = (event: { preventDefault(): void }) => event.preventDefault();
    contents.on("will-navigate", stayHere);
    contents.on("will-redirect", stayHere);
    contents.on("will-attach-webview", stayHere);
    contents.setWindowOpenHandler(() => ({ action: "deny" }));
  });
}

export function grantNothing(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.webRequest.onBeforeRequest((details, decide) => decide({ cancel: !/^(app|devtools):/.test(details.url) }));
}
