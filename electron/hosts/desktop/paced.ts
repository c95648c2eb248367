/** Shows the newest of what comes, at once where it has been quiet, else when `everyMs` have passed since the last; the same twice is shown once. */
export function paced<T>(everyMs: number, isSame: (one: T, other: T) => boolean, show: (value: T) => void): (value: T) => void {
  let shown: { readonly value: T } | null = null;
  let wanted: { readonly value: T } | null = null;
  let isWaiting = false;
  const flush = () => {
    isWaiting = false;
    if (!wanted || (shown && isSame(shown.value, wanted.value))) return;
    shown = wanted;
    isWaiting = true;
    setTimeout(flush, everyMs);
    show(shown.value);
  };
  return (value) => {
    wanted = { value };
    if (!isWaiting) flush();
  };
}
