/** The application menu: nobody sees it without a Dock icon, but on a Mac ⌘C, ⌘W and ⌘Q come from it, and its usual Quit would not ask. */
import { Menu } from "electron";
import type { Speech } from "./dialogs.ts";

export function setAppMenu({ say }: Speech, quit: () => void): void {
  const own = { label: "Thortime", submenu: [{ label: say("bar.quit"), accelerator: "Command+Q", click: quit }] };
  const isMac = process.platform === "darwin";
  Menu.setApplicationMenu(isMac ? Menu.buildFromTemplate([own, { role: "editMenu" }, { role: "windowMenu" }]) : null);
}
