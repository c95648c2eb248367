/** Where a key takes a slider, as ARIA's own pattern has it; null for every other key. */
const PAGE = 10;

export function targetOf(key: string, at: number, last: number): number | null {
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return at - 1;
    case "ArrowRight":
    case "ArrowUp":
      return at + 1;
    case "PageUp":
      return at + PAGE;
    case "PageDown":
      return at - PAGE;
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}
