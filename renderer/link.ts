/** The one file that knows whether the engine is reached through Electron's preload or through a WebSocket. */
import type { Api } from "../electron/core/api.ts";
import { type LinkState, openSocket } from "./socket.ts";

declare global {
  interface Window {
    /** Put there by the preload; absent in a browser. */
    readonly thortime?: Desktop;
  }
}

export interface Desktop extends Api {
  /** Shows the window: the popover's way to it. */
  open(): void;
  /** Where a file lies that was dropped or chosen; "" for one that lies nowhere. */
  pathOf(file: File): string;
}

export interface Link {
  readonly api: Api;
  /** Calls back at once with the present state, then at each change. */
  readonly onState: (listener: (state: LinkState) => void) => void;
}

const TOKEN_KEY = "thortime.token";

export function openLink(): Link {
  const api = window.thortime;
  if (api) return { api, onState: (listener) => listener("online") };
  const token = takeToken();
  // A fresh address pasted over the old one changes the fragment only, which loads nothing.
  addEventListener("hashchange", () => location.hash.includes("token=") && location.reload());
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return openSocket(`${scheme}://${location.host}/api`, token);
}

/** The token travels in the fragment, which browsers never send; it leaves the address bar before anyone can copy it from there. */
function takeToken(): string | null {
  const fromAddress = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!fromAddress) return sessionStorage.getItem(TOKEN_KEY);
  sessionStorage.setItem(TOKEN_KEY, fromAddress);
  history.replaceState(null, "", location.pathname + location.search);
  return fromAddress;
}

/** Null in a browser, which keeps it to itself. */
export function pathOfFile(file: File): string | null {
  return window.thortime?.pathOf(file) ?? null;
}

/** Whether choosing a file tells where it lies. */
export function knowsPaths(): boolean {
  return window.thortime !== undefined;
}
