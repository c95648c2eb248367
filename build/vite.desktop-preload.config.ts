/** Bundles Electron's preload: one CommonJS file, for the oldest Electron it is tested in (22: Node 16, Chromium 108). */
import { desktopConfig } from "./desktop-config.ts";

// vite takes its configuration as the default export.
export default desktopConfig("preload");
