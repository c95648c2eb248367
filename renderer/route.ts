/** Which view stands: in the fragment as `#/tonight`, which never looks like the token's `#token=…`; the last one is kept for the next time. */
export const VIEWS = ["tonight", "run", "deploy", "history", "settings"] as const;
/** Reached from within other views. */
const INNER_VIEWS = ["doctor", "welcome"] as const;
const ALL = [...VIEWS, ...INNER_VIEWS] as const;
export type ViewName = (typeof ALL)[number];

const VIEW_KEY = "thortime.view";

/** Null where the fragment names none. */
function viewIn(fragment: string): ViewName | null {
  return ALL.find((name) => fragment === addressOf(name)) ?? null;
}

export function addressOf(name: ViewName): string {
  return `#/${name}`;
}

export function firstView(): ViewName {
  const kept = localStorage.getItem(VIEW_KEY);
  return viewIn(location.hash) ?? VIEWS.find((name) => name === kept) ?? "run";
}

/** Links change the fragment, and so do the browser's own buttons: both come by here. A fragment that names no view changes nothing. */
export function followAddress(onView: (name: ViewName) => void): void {
  addEventListener("hashchange", () => {
    const name = viewIn(location.hash);
    if (!name) return;
    if (VIEWS.some((one) => one === name)) localStorage.setItem(VIEW_KEY, name);
    onView(name);
  });
}
