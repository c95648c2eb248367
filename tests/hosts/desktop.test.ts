/** The menu-bar app's rules that need no Electron: where the popover stands, when an icon is hidden, which links leave, how long windows are kept. */
import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { externalLink } from "../../electron/hosts/desktop/external.ts";
import { HIDDEN_MS, keepHidden } from "../../electron/hosts/desktop/hidden-window.ts";
import { paced } from "../../electron/hosts/desktop/paced.ts";
import { anchorOf, type Display, isIconHidden, placePopover } from "../../electron/hosts/desktop/places.ts";

const laptop: Display = { bounds: { x: 0, y: 0, width: 1512, height: 982 }, workArea: { x: 0, y: 38, width: 1512, height: 860 } };
const beside: Display = { bounds: { x: -1920, y: -200, width: 1920, height: 1080 }, workArea: { x: -1920, y: -175, width: 1920, height: 1055 } };
const size = { width: 340, height: 456 };

describe("the popover's place", () => {
  test("under the icon, centred", () => {
    expect(placePopover({ x: 1000, y: 5, width: 40, height: 24 }, [laptop], size)).toEqual({ x: 850, y: 38, ...size });
  });

  test("whole on screen at both ends of the bar", () => {
    expect(placePopover({ x: 1490, y: 5, width: 22, height: 24 }, [laptop], size).x).toBe(1512 - 340);
    expect(placePopover({ x: 2, y: 5, width: 22, height: 24 }, [laptop], size).x).toBe(0);
  });

  test("on the display that was clicked", () => {
    expect(placePopover({ x: -400, y: -198, width: 40, height: 22 }, [laptop, beside], size)).toEqual({ x: -550, y: -172, ...size });
  });

  test("above an icon at the bottom; in the corner where no icon is known; no larger than the screen", () => {
    expect(placePopover({ x: 700, y: 900, width: 24, height: 24 }, [laptop], size).y).toBe(440);
    expect(placePopover(null, [laptop], size)).toEqual({ x: 1172, y: 42, ...size });
    const small: Display = { bounds: { x: 0, y: 0, width: 300, height: 300 }, workArea: { x: 0, y: 20, width: 300, height: 280 } };
    expect(placePopover(null, [small], size)).toEqual({ x: 0, y: 20, width: 300, height: 280 });
  });

  test("by the icon where the system tells it, else by the pointer, else unknown", () => {
    const icon = { x: 10, y: 0, width: 20, height: 20 };
    expect(anchorOf(icon, { x: 5, y: 5 })).toEqual(icon);
    expect(anchorOf({ x: 0, y: 0, width: 0, height: 0 }, { x: 5, y: 6 })).toEqual({ x: 5, y: 6, width: 0, height: 0 });
    expect(anchorOf({ x: 0, y: 0, width: 0, height: 0 }, null)).toBeNull();
  });
});

describe("an icon that macOS hides", () => {
  test.each([
    ["in the bar", { x: 1281, y: 0, width: 32, height: 33 }, false],
    ["in another display's bar", { x: -500, y: -199, width: 32, height: 24 }, false],
    ["in a bar that has moved up", { x: 1281, y: -33, width: 32, height: 33 }, false],
    ["parked at the foot of the screen", { x: 0, y: 982, width: 32, height: 22 }, true],
    ["at its lower left corner", { x: -1, y: 940, width: 38, height: 24 }, true],
    ["without a size", { x: 0, y: 0, width: 0, height: 0 }, true],
    ["on no display", { x: 5000, y: 0, width: 32, height: 24 }, true],
  ])("%s", (_name, bounds, hidden) => {
    expect(isIconHidden(bounds, [laptop, beside])).toBe(hidden);
  });
});

describe("row 43: links that leave", () => {
  test.each(["https://ollama.com/library/gemma2", "https://huggingface.co/google/gemma-2-2b?x=1#terms"])("%s", (address) => {
    expect(externalLink(address)).toBe(address);
  });

  test.each([
    "http://ollama.com/",
    "https://ollama.com.evil.example/",
    "https://evil.example/ollama.com",
    "https://ollama.com@evil.example/",
    "https://me:secret@ollama.com/",
    "https://ollama.com:8443/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "x-apple.systempreferences:com.apple.preference",
    "app://thortime/index.html",
    "//ollama.com",
    "",
  ])("not %s", (address) => {
    expect(externalLink(address)).toBeNull();
  });
});

describe("time", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  class Window extends EventEmitter {
    visible = true;
    destroyed = false;
    isDestroyed = () => this.destroyed;
    isVisible = () => this.visible;
    hide() {
      this.visible = false;
      this.emit("hide");
    }
    show() {
      this.visible = true;
      this.emit("show");
    }
    destroy() {
      this.destroyed = true;
      this.emit("closed");
    }
  }

  test("a closed window hides, and goes when it was hidden for ten minutes without a break", () => {
    const window = new Window();
    keepHidden(window, () => false);
    const preventDefault = vi.fn();
    window.emit("close", { preventDefault });
    expect([preventDefault.mock.calls.length, window.visible]).toEqual([1, false]);
    vi.advanceTimersByTime(HIDDEN_MS - 1);
    window.show();
    vi.advanceTimersByTime(HIDDEN_MS);
    expect(window.destroyed).toBe(false);
    window.hide();
    vi.advanceTimersByTime(HIDDEN_MS - 1);
    expect(window.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(window.destroyed).toBe(true);
  });

  test("while the app ends, a close is a close", () => {
    const window = new Window();
    keepHidden(window, () => true);
    const preventDefault = vi.fn();
    window.emit("close", { preventDefault });
    expect([preventDefault.mock.calls.length, window.visible]).toEqual([0, true]);
  });

  test("the bar is drawn at once, then at most every two seconds, on change only, and always with the newest", () => {
    const shown: string[] = [];
    const show = paced<string>(
      2_000,
      (one, other) => one === other,
      (value) => shown.push(value),
    );
    show("a");
    for (const value of ["b", "c", "d"]) show(value);
    expect(shown).toEqual(["a"]);
    vi.advanceTimersByTime(1_999);
    expect(shown).toEqual(["a"]);
    vi.advanceTimersByTime(1);
    expect(shown).toEqual(["a", "d"]);
    vi.advanceTimersByTime(10_000);
    show("d");
    expect(shown).toEqual(["a", "d"]);
    show("e");
    expect(shown).toEqual(["a", "d", "e"]);
  });
});
