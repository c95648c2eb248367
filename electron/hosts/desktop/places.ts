/** Where things stand on screens. Pure: what Electron tells goes in, coordinates come out. */

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Display {
  readonly bounds: Rectangle;
  /** Without menu bar and Dock. */
  readonly workArea: Rectangle;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A menu bar beside a camera housing is 37 high; nothing that hangs in one begins lower than this. */
const MENU_BAR_HEIGHT = 60;
const GAP = 4;

/** The icon's own place, or the click's where the system tells none (Linux). Null: neither is known. */
export function anchorOf(icon: Rectangle, pointer: Point | null): Rectangle | null {
  if (icon.width > 0 && icon.height > 0) return icon;
  return pointer && { ...pointer, width: 0, height: 0 };
}

/** Centred under the icon (over it, where the bar lies at the bottom), whole within the work area of the display that the icon is on. */
export function placePopover(anchor: Rectangle | null, displays: readonly [Display, ...Display[]], size: Size): Rectangle {
  const display = displays.find(({ bounds }) => anchor && holds(bounds, centre(anchor))) ?? displays[0];
  const { workArea } = display;
  const width = Math.min(size.width, workArea.width);
  const height = Math.min(size.height, workArea.height);
  const wanted = anchor ?? { x: workArea.x + workArea.width, y: workArea.y, width: 0, height: 0 };
  const isLow = centre(wanted).y > display.bounds.y + display.bounds.height / 2;
  const x = clamp(centre(wanted).x - width / 2, workArea.x, workArea.x + workArea.width - width);
  const y = clamp(isLow ? wanted.y - height - GAP : wanted.y + wanted.height + GAP, workArea.y, workArea.y + workArea.height - height);
  return { x: Math.round(x), y: Math.round(y), width, height };
}

/**
 * macOS 26 lets a person switch an app's icon off, and tells the app nothing: the icon is made all the same and parked at the foot of the
 * screen (seen by others at y = the screen's height, and at its lower left corner). A bar that hides itself moves it above the screen,
 * which is not this.
 */
export function isIconHidden(icon: Rectangle, displays: readonly Display[]): boolean {
  if (icon.width === 0 || icon.height === 0) return true;
  const { x } = centre(icon);
  return !displays.some(
    ({ bounds }) => x >= bounds.x && x < bounds.x + bounds.width && icon.y < bounds.y + MENU_BAR_HEIGHT && icon.y > bounds.y - MENU_BAR_HEIGHT,
  );
}

function centre({ x, y, width, height }: Rectangle): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

function holds({ x, y, width, height }: Rectangle, point: Point): boolean {
  return point.x >= x && point.x < x + width && point.y >= y && point.y < y + height;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
