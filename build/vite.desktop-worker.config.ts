/** Bundles the history's thread for the packaged app: one CommonJS file beside the archive. */
import { desktopConfig } from "./desktop-config.ts";

// vite takes its configuration as the default export.
export default desktopConfig("history-worker");
