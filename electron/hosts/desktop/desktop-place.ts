/** Where the running Electron finds Thortime's files, and what starts an engine from here. */
import { app } from "electron";
import { findPlace, type Place, packagedPlace } from "../place.ts";
import type { Mode } from "./mode.ts";

/**
 * Packaged: the app is its own engine. In a clone a Node that is named by THORTIME_NODE (`npm start` does) is; without one it is this
 * Electron, started as it was started.
 */
export function desktopPlace(mode: Mode): Place {
  if (app.isPackaged) return packagedPlace(app.getAppPath(), process.execPath);
  const node = process.env["THORTIME_NODE"];
  const place = findPlace(app.getAppPath(), node);
  return node ? place : { ...place, engine: [process.execPath, ...mode.start, "--engine"] };
}
