/** A window that is closed only hides; hidden for long enough it goes, and its memory with it. */

/** What of a BrowserWindow this needs. */
export interface Hideable {
  isDestroyed(): boolean;
  isVisible(): boolean;
  hide(): void;
  destroy(): void;
  on(event: "close", listener: (event: { preventDefault(): void }) => void): unknown;
  on(event: "show" | "hide" | "closed", listener: () => void): unknown;
}

export const HIDDEN_MS = 10 * 60_000;

/** `mayClose`: the app is ending, and a close is one. */
export function keepHidden(window: Hideable, mayClose: () => boolean, limitMs: number = HIDDEN_MS): void {
  let timer: NodeJS.Timeout | null = null;
  const stay = () => {
    if (timer) clearTimeout(timer);
    timer = null;
  };
  const leave = () => {
    stay();
    timer = setTimeout(() => {
      if (!window.isDestroyed() && !window.isVisible()) window.destroy();
    }, limitMs);
  };
  window.on("close", (event) => {
    if (mayClose()) return;
    event.preventDefault();
    window.hide();
  });
  window.on("hide", leave);
  window.on("show", stay);
  window.on("closed", stay);
}
