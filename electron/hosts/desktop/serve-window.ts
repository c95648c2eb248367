/** Serves the api to our windows. Only a window's own main frame, showing our own page, is listened to. */
import { type BrowserWindow, type IpcMainEvent, ipcMain } from "electron";
import type { Api } from "../../core/api.ts";
import { noteRefusal } from "../refusals.ts";
import { type Connection, serveConnection } from "../serve-connection.ts";
import { MESSAGE, OPEN, ORIGIN, TAKEN } from "./bridge.ts";

interface Served {
  readonly window: BrowserWindow;
  /** Characters sent and not yet taken. */
  outstanding: number;
  connection: Connection | null;
}

/** Called once; what it returns is called for each window that is made. */
export function serveWindows(api: Api, open: () => void): (window: BrowserWindow) => void {
  const served = new Map<number, Served>();
  const from = (event: IpcMainEvent): Served | null => {
    const one = served.get(event.sender.id);
    return one && isOurs(event, one.window) ? one : null;
  };
  ipcMain.on(MESSAGE, (event, text: unknown) => {
    const one = from(event);
    if (!one) return noteRefusal(api, "a foreign frame");
    if (typeof text !== "string") return noteRefusal(api, "not a message of this api");
    one.connection ??= connect(api, one);
    one.connection.receive(text);
  });
  ipcMain.on(TAKEN, (event, count: unknown) => {
    const one = from(event);
    if (one && typeof count === "number" && count > 0) one.outstanding = Math.max(0, one.outstanding - count);
  });
  ipcMain.on(OPEN, (event, ...rest: unknown[]) => {
    if (from(event) && rest.length === 0) open();
    else noteRefusal(api, "a foreign frame");
  });
  return (window) => {
    const one: Served = { window, outstanding: 0, connection: null };
    const { webContents } = window;
    const { id } = webContents;
    served.set(id, one);
    const end = () => {
      one.connection?.end();
      one.connection = null;
    };
    // A page that loads again is a new client; the old one's subscriptions go.
    webContents.on("did-start-loading", end);
    webContents.on("render-process-gone", end);
    window.on("closed", () => {
      end();
      served.delete(id);
    });
  };
}

function connect(api: Api, one: Served): Connection {
  const { webContents } = one.window;
  one.outstanding = 0;
  return serveConnection(api, {
    send(text) {
      if (webContents.isDestroyed()) return;
      one.outstanding += text.length;
      webContents.send(MESSAGE, text);
    },
    backlogBytes: () => one.outstanding,
    close: () => {
      one.connection = null;
    },
  });
}

/** The frame must be the window's own top one and still show our page: a frame inside it, or one that navigated, is foreign. */
function isOurs(event: IpcMainEvent, window: BrowserWindow): boolean {
  const frame = event.senderFrame;
  return !window.isDestroyed() && frame !== null && frame === window.webContents.mainFrame && frame.url.startsWith(`${ORIGIN}/`);
}
