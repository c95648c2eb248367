/** Who signs: nobody in particular (ad hoc, runs on the Mac that made it), or a Developer ID whose credentials stand in the environment. */
import type { MacConfiguration } from "./types.ts";

/** The names are electron-builder's own; see https://www.electron.build/code-signing and https://www.electron.build/mac#notarize. */
const CERTIFICATE = ["CSC_LINK", "CSC_NAME"];
const NOTARY = [
  ["APPLE_API_KEY", "APPLE_API_KEY_ID", "APPLE_API_ISSUER"],
  ["APPLE_ID", "APPLE_APP_SPECIFIC_PASSWORD", "APPLE_TEAM_ID"],
  ["APPLE_KEYCHAIN_PROFILE"],
];

export function signing(env: NodeJS.ProcessEnv, entitlements: string): Partial<MacConfiguration> {
  const has = (name: string) => (env[name] ?? "") !== "";
  // The hardened runtime loads only libraries of one team, and an ad-hoc signature names none: Electron's own framework would be refused.
  if (!CERTIFICATE.some(has)) return { identity: "-", hardenedRuntime: false, notarize: false };
  const notarize = NOTARY.some((names) => names.every(has));
  return { hardenedRuntime: true, entitlements, entitlementsInherit: entitlements, notarize };
}
