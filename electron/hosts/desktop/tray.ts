/** The menu-bar icon: how the run is in a few characters, and the way to the window. */
import { join } from "node:path";
import { Menu, nativeImage, Tray } from "electron";
import type { Api, Update } from "../../core/api.ts";
import { EMPTY_HOME, type HomeState, reduceHome } from "../../core/home.ts";
import { reduceAll } from "../../core/reduce.ts";
import { focusedRun, progressOf, statusOf } from "../../core/selectors.ts";
import type { RunState } from "../../core/state.ts";

export interface TrayActions {
  open(): void;
  quit(): void;
}

/** Changing the title more often than this makes macOS lay the whole menu bar out again and again. */
const TITLE_EVERY_MS = 2_000;

export function createTray(resources: string, api: Api, actions: TrayActions): Tray {
  const icon = nativeImage.createFromPath(join(resources, "icons", "trayTemplate.png"));
  icon.setTemplateImage(true);
  const tray = new Tray(icon);
  tray.setContextMenu(
    Menu.buildFromTemplate([{ label: "Open Thortime", click: actions.open }, { type: "separator" }, { label: "Quit (a run goes on)", click: actions.quit }]),
  );
  tray.on("click", actions.open);
  let shown = "";
  let wanted = "";
  let isWaiting = false;
  const show = (): void => {
    isWaiting = false;
    if (tray.isDestroyed() || wanted === shown) return;
    shown = wanted;
    tray.setToolTip(`Thortime: ${shown || "idle"}`);
    if (process.platform === "darwin") tray.setTitle(shown);
  };
  tray.setToolTip("Thortime: idle");
  followNewest(api, (state) => {
    wanted = titleOf(state);
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(show, TITLE_EVERY_MS);
  });
  return tray;
}

export function titleOf(state: RunState | null): string {
  if (!state) return "";
  const status = statusOf(state);
  const progress = progressOf(state);
  const isMoving = status === "training" || status === "resting";
  return isMoving && progress !== null ? `${status} ${Math.floor(100 * progress)}%` : status;
}

/** The run a person would look at first, whichever that is at the time. */
function followNewest(api: Api, onState: (state: RunState | null) => void): void {
  let home: HomeState = EMPTY_HOME;
  let run: string | null = null;
  let cancel: () => void = () => {};
  api.subscribe("home", (update) => {
    home = "snapshot" in update ? update.snapshot : update.entries.reduce(reduceHome, home);
    const newest = focusedRun(home)?.id ?? null;
    if (newest === run) return;
    run = newest;
    cancel();
    let state: RunState | null = null;
    cancel =
      newest === null
        ? () => {}
        : api.subscribe(`run:${newest}`, (one: Update<`run:${string}`>) => {
            if ("snapshot" in one) state = one.snapshot;
            else if (state) state = reduceAll(state, one.entries);
            onState(state);
          });
  });
}
