/** The names that main and preload share. */

/** Where the renderer lives; a scheme of our own, because pages from files have no origin. */
export const SCHEME = "app";
export const ORIGIN = `${SCHEME}://thortime`;

/** Text of one api message, both ways. */
export const MESSAGE = "thortime:message";
/** Characters the renderer has taken: without it, main could not see a renderer that stands still. */
export const TAKEN = "thortime:taken";
/** The renderer asks for the window: the popover's way to it. Carries nothing. */
export const OPEN = "thortime:open";
