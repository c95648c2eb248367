/** The window and the popover: each made when it is first wanted, hidden when closed, gone when hidden for long. */
import { join } from "node:path";
import { app, type BrowserWindow, type BrowserWindowConstructorOptions, screen } from "electron";
import { keepHidden } from "./hidden-window.ts";
import { placePopover, type Rectangle } from "./places.ts";
import { createWindow } from "./window.ts";

export interface Windows {
  openWindow(): void;
  /** Shows it at that place, or hides it where it is shown. */
  togglePopover(anchor: Rectangle | null): void;
  showPopover(anchor: Rectangle | null): void;
  hideAll(): void;
  /** From here on, a close is a close. */
  letGo(): void;
}

const WINDOW: BrowserWindowConstructorOptions = { width: 1180, height: 820, minWidth: 420, minHeight: 480 };
const POPOVER_SIZE = { width: 340, height: 540 };
const POPOVER: BrowserWindowConstructorOptions = {
  ...POPOVER_SIZE,
  frame: false,
  resizable: false,
  movable: false,
  minimizable: false,
  maximizable: false,
  fullscreenable: false,
  skipTaskbar: true,
  alwaysOnTop: true,
  // A panel of macOS floats above other apps without taking their place.
  ...(process.platform === "darwin" ? { type: "panel" } : {}),
};
/** The press that hides a popover by taking its focus is followed by the click on the icon: that click has to close, not open again. */
const SAME_PRESS_MS = 300;

export function createWindows(folder: string, serve: (window: BrowserWindow) => void): Windows {
  let window: BrowserWindow | null = null;
  let popover: BrowserWindow | null = null;
  let hiddenAt = 0;
  let isEnding = false;

  const make = (route: string, look: BrowserWindowConstructorOptions, onGone: () => void): BrowserWindow => {
    const made = createWindow(join(folder, "desktop"), route, look);
    serve(made);
    keepHidden(made, () => isEnding);
    made.on("closed", onGone);
    return made;
  };

  const makePopover = (): BrowserWindow => {
    const made = make("#popover", POPOVER, () => {
      popover = null;
    });
    if (process.platform === "darwin") made.setVisibleOnAllWorkspaces(true, { visibleOnFullScreen: true, skipTransformProcessType: true });
    made.on("blur", () => made.hide());
    made.on("hide", () => {
      hiddenAt = Date.now();
    });
    made.webContents.on("before-input-event", (_event, { type, key }) => {
      if (type === "keyDown" && key === "Escape") made.hide();
    });
    return made;
  };

  const showPopover = (anchor: Rectangle | null): void => {
    popover ??= makePopover();
    const [first, ...rest] = screen.getAllDisplays();
    if (first) popover.setBounds(placePopover(anchor, [first, ...rest], POPOVER_SIZE));
    whenDrawn(popover, (one) => {
      one.show();
      one.focus();
    });
  };

  return {
    showPopover,
    togglePopover(anchor) {
      if (popover?.isVisible()) popover.hide();
      else if (Date.now() - hiddenAt > SAME_PRESS_MS) showPopover(anchor);
    },
    openWindow() {
      popover?.hide();
      window ??= make("", WINDOW, () => {
        window = null;
      });
      whenDrawn(window, (one) => {
        if (one.isMinimized()) one.restore();
        one.show();
        one.focus();
        // Without a Dock icon the app is never in front by itself.
        app.focus({ steal: true });
      });
    },
    hideAll() {
      window?.hide();
      popover?.hide();
    },
    letGo() {
      isEnding = true;
    },
  };
}

/** A window that is shown before its page is drawn flashes white. */
function whenDrawn(window: BrowserWindow, show: (window: BrowserWindow) => void): void {
  if (!window.webContents.isLoading()) show(window);
  else window.once("ready-to-show", () => show(window));
}
