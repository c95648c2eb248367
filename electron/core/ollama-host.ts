/** Where Ollama is, from `OLLAMA_HOST`, read as Ollama itself reads it (envconfig.Host). Only this computer is spoken to. */

export type OllamaHost = { readonly host: string; readonly port: number } | { readonly remote: string } | { readonly unreadable: string };

const DEFAULT_PORT = 11434;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|0:0:0:0:0:0:0:1)$/i;

export function parseOllamaHost(setting: string | undefined): OllamaHost {
  const text = (setting ?? "").trim();
  if (text === "") return { host: "127.0.0.1", port: DEFAULT_PORT };
  const [, scheme, rest] = /^(?:([a-z]+):\/\/)?(.*)$/is.exec(text) ?? [];
  const authority = (rest ?? "").replace(/\/+$/, "");
  if (authority.includes("/") || authority.includes("@") || (scheme !== undefined && !/^https?$/i.test(scheme))) return { unreadable: text };
  const parts = isBareIpv6(authority) ? [authority, authority] : /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d+))?$/.exec(authority);
  if (parts === null) return { unreadable: text };
  const [, bracketed, plain, portText] = parts;
  const host = bracketed ?? plain ?? "";
  const port = portText === undefined ? defaultPort(scheme) : Number(portText);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return { unreadable: text };
  return place(host, port, scheme, text);
}

function place(host: string, port: number, scheme: string | undefined, text: string): OllamaHost {
  // A server may listen on every address; we reach it on the loopback one.
  if (host === "" || host === "0.0.0.0") return { host: "127.0.0.1", port };
  if (host === "::") return { host: "::1", port };
  if (!LOOPBACK.test(host)) return /^[\w.:-]+$/.test(host) ? { remote: host } : { unreadable: text };
  // Ollama itself speaks no TLS: https on this computer is some gateway in front of who knows what.
  return scheme?.toLowerCase() === "https" ? { unreadable: text } : { host, port };
}

function isBareIpv6(authority: string): boolean {
  return !authority.includes("[") && (authority.match(/:/g)?.length ?? 0) > 1;
}

function defaultPort(scheme: string | undefined): number {
  if (scheme === undefined) return DEFAULT_PORT;
  return scheme.toLowerCase() === "https" ? 443 : 80;
}
