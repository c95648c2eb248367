/** electron-builder opens the app to unencrypted loads from anywhere, for an updater that Thortime does not have. */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

interface Plist {
  parse(text: string): Record<string, unknown>;
  build(value: Record<string, unknown>): string;
}

export function withoutArbitraryLoads(app: string, packager: string): void {
  const path = join(app, "Contents", "Info.plist");
  const { parse, build } = createRequire(join(packager, "package.json"))("plist") as Plist;
  const { NSAppTransportSecurity: _open, ...info } = parse(readFileSync(path, "utf8"));
  writeFileSync(path, build(info));
}
