/** Links that leave Thortime: https, to these sites, in the person's own browser. Everything else goes nowhere. */

/** What our pages point at: models and their terms, Ollama, the phone's push service, this project. */
const SITES: ReadonlySet<string> = new Set([
  "huggingface.co",
  "ai.google.dev",
  "ollama.com",
  "ntfy.sh",
  "pushover.net",
  "core.telegram.org",
  "github.com",
  "unsloth.ai",
]);

/** The address to open, or null. Whole host names only: `ollama.com.evil.com` and `evil.com/ollama.com` are none of these. */
export function externalLink(address: string): string | null {
  const url = parse(address);
  if (url === null) return null;
  const isPlain = url.protocol === "https:" && url.username === "" && url.password === "" && url.port === "";
  return isPlain && SITES.has(url.hostname) ? url.href : null;
}

function parse(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
