/** Serves the api to one window. Only its own main frame, showing our own page, is listened to. */
import { type BrowserWindow, type IpcMainEvent, ipcMain } from "electron";
import type { Api } from "../../core/api.ts";
import { noteRefusal } from "../refusals.ts";
import { type Connection, serveConnection } from "../serve-connection.ts";
import { MESSAGE, ORIGIN, TAKEN } from "./bridge.ts";

export function serveWindow(api: Api, window: BrowserWindow): void {
  const { webContents } = window;
  let outstanding = 0;
  let connection: Connection | null = null;

  const open = (): Connection => {
    outstanding = 0;
    return serveConnection(api, {
      send(text) {
        if (webContents.isDestroyed()) return;
        outstanding += text.length;
        webContents.send(MESSAGE, text);
      },
      backlogBytes: () => outstanding,
      close: () => {
        connection = null;
      },
    });
  };

  const onMessage = (event: IpcMainEvent, text: unknown): void => {
    if (isOurs(event, window) && typeof text === "string") {
      connection ??= open();
      connection.receive(text);
    } else noteRefusal(api, "a foreign frame");
  };
  const onTaken = (event: IpcMainEvent, count: unknown): void => {
    if (isOurs(event, window) && typeof count === "number" && count > 0) outstanding = Math.max(0, outstanding - count);
  };
  const end = (): void => {
    connection?.end();
    connection = null;
  };

  ipcMain.on(MESSAGE, onMessage);
  ipcMain.on(TAKEN, onTaken);
  // A page that loads again is a new client; the old one's subscriptions go.
  webContents.on("did-start-loading", end);
  webContents.on("render-process-gone", end);
  window.on("closed", () => {
    end();
    ipcMain.removeListener(MESSAGE, onMessage);
    ipcMain.removeListener(TAKEN, onTaken);
  });
}

/** The frame must be the window's own top one and still show our page: a frame inside it, or one that navigated, is foreign. */
function isOurs(event: IpcMainEvent, window: BrowserWindow): boolean {
  const frame = event.senderFrame;
  return !window.isDestroyed() && frame !== null && frame === window.webContents.mainFrame && frame.url.startsWith(`${ORIGIN}/`);
}
