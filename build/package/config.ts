/** electron-builder's configuration: macOS on Apple silicon, from the staged folder. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { FUSES } from "./fuses.ts";
import { withoutArbitraryLoads } from "./info-plist.ts";
import { resources } from "./resources.ts";
import { signing } from "./signing.ts";
import type { PackedContext } from "./types.ts";

export interface PackageInput {
  readonly root: string;
  readonly output: string;
  readonly uv: string;
  /** The folder of `providePackager`. */
  readonly packager: string;
  readonly electronVersion: string;
  /** A folder with an unpacked Electron.app; null lets electron-builder fetch the version named. */
  readonly electronDist: string | null;
  readonly env: NodeJS.ProcessEnv;
}

export function packageConfig(input: PackageInput): object {
  const here = join(input.root, "build", "package");
  return {
    appId: "dev.thortime.app",
    productName: "Thortime",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder's own placeholders.
    artifactName: "Thortime-${version}-${arch}.${ext}",
    directories: { output: input.output, buildResources: here },
    electronVersion: input.electronVersion,
    ...(input.electronDist === null ? {} : { electronDist: input.electronDist }),
    electronLanguages: ["en", "tr"],
    // The one native package ships its binaries; nothing is compiled, and the staged folder is already complete.
    npmRebuild: false,
    beforeBuild: async () => false,
    files: ["**/*"],
    asar: { smartUnpack: false },
    // A native library cannot be loaded out of an archive, and the thread that loads it stands beside it.
    asarUnpack: ["node_modules/better-sqlite3/**", "out/desktop/history-worker.cjs"],
    extraResources: resources(input.root, input.uv),
    electronFuses: FUSES,
    // Electron's own demonstration app has no business in ours.
    afterExtract: ({ appOutDir }: PackedContext) => rmSync(join(appOutDir, "Electron.app", "Contents", "Resources", "default_app.asar"), { force: true }),
    afterPack: ({ appOutDir }: PackedContext) => withoutArbitraryLoads(join(appOutDir, "Thortime.app"), input.packager),
    mac: {
      icon: join(here, "icon.icns"),
      category: "public.app-category.developer-tools",
      minimumSystemVersion: "14.0",
      darkModeSupport: true,
      gatekeeperAssess: false,
      // LSUIElement: a menu-bar app has no Dock icon. Alerts stay until they are dismissed: a night's news must be there in the morning.
      extendInfo: { LSUIElement: true, NSUserNotificationAlertStyle: "alert" },
      ...signing(input.env, join(here, "entitlements.plist")),
    },
    dmg: { sign: false },
  };
}
