/** What Electron 22 lacks of Node 22, which everything else here is written for: the tests run the desktop's bundle in it, under Xvfb. */

function add(target: object, name: string, value: unknown): void {
  if (!(name in target)) Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

add(String.prototype, "toWellFormed", function (this: string): string {
  // A surrogate that stands alone becomes the replacement character.
  return this.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "\uFFFD");
});
add(Array.prototype, "toReversed", function (this: unknown[]): unknown[] {
  return [...this].reverse();
});
