/** The icon in the menu bar: draws what `core/menu-bar.ts` says, on change only, and passes on what is clicked. */
import { join } from "node:path";
import { Menu, type MenuItemConstructorOptions, type NativeImage, nativeImage, screen, Tray } from "electron";
import type { Bar, BarAction, BarIcon, BarItem } from "../../core/menu-bar.ts";
import { paced } from "./paced.ts";
import { anchorOf, isIconHidden, type Rectangle } from "./places.ts";

export interface TrayActions {
  /** A left click, and where the icon is. */
  click(anchor: Rectangle | null): void;
  choose(action: BarAction): void;
}

export interface BarTray {
  show(bar: Bar): void;
  anchor(): Rectangle | null;
  /** Only macOS can tell; elsewhere false. */
  isHidden(): boolean;
  destroy(): void;
}

/** Changing the title more often than this makes macOS lay the whole menu bar out again and again. */
const SHOW_EVERY_MS = 2_000;
const isMac = process.platform === "darwin";

/** `icons`: the folder of resources/icons. */
export function createTray(icons: string, actions: TrayActions): BarTray {
  const images = new Map<BarIcon, NativeImage>();
  const imageOf = (icon: BarIcon): NativeImage => {
    const image = images.get(icon) ?? nativeImage.createFromPath(join(icons, `tray-${icon}Template.png`));
    image.setTemplateImage(true);
    images.set(icon, image);
    return image;
  };
  const tray = new Tray(imageOf("idle"));
  let shown: Bar | null = null;
  let menu: Menu | null = null;

  const anchor = (): Rectangle | null => anchorOf(tray.getBounds(), isMac ? null : screen.getCursorScreenPoint());
  const draw = (bar: Bar): void => {
    if (tray.isDestroyed()) return;
    if (bar.icon !== shown?.icon) tray.setImage(imageOf(bar.icon));
    if (bar.tooltip !== shown?.tooltip) tray.setToolTip(bar.tooltip);
    if (isMac && bar.title !== shown?.title) tray.setTitle(bar.title, { fontType: "monospacedDigit" });
    if (!isSame(bar.menu, shown?.menu)) {
      menu = Menu.buildFromTemplate(template(bar, actions.choose));
      // On a Mac a menu that is set would take the left click too.
      if (!isMac) tray.setContextMenu(menu);
    }
    shown = bar;
  };

  // macOS reports a second click within its double-click time as that alone.
  for (const click of ["click", "double-click"] as const) tray.on(click as "click", () => actions.click(anchor()));
  if (isMac) tray.on("right-click", () => menu && tray.popUpContextMenu(menu));
  return {
    show: paced(SHOW_EVERY_MS, isSame, draw),
    anchor,
    isHidden: () => isMac && isIconHidden(tray.getBounds(), screen.getAllDisplays()),
    destroy: () => void (tray.isDestroyed() || tray.destroy()),
  };
}

function template({ menu }: Bar, choose: (action: BarAction) => void): MenuItemConstructorOptions[] {
  return menu.flatMap((group, index) => [...(index > 0 ? [{ type: "separator" } as const] : []), ...group.map((item) => entry(item, choose))]);
}

function entry({ action, label, enabled, checked }: BarItem, choose: (action: BarAction) => void): MenuItemConstructorOptions {
  // `&` in a label would mark a key on Linux and Windows.
  const shared = { label: label.replaceAll("&", "&&"), enabled, ...(checked === null ? {} : { type: "checkbox" as const, checked }) };
  return action === null ? shared : { ...shared, id: action, click: () => choose(action) };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
