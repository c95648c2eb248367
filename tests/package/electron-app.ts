/** A stand-in for Electron.app: its folders, its property lists and a binary with Electron's fuse wire, nothing that runs. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What @electron/fuses looks for in the binary, followed by the wire's version, its length, and one character per fuse (0 off, 1 on, r removed). */
const SENTINEL = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";
/** As Electron 45 comes: nine fuses, the dangerous ones on. */
const WIRE = Buffer.concat([Buffer.from(SENTINEL), Buffer.from([1, 9]), Buffer.from("101100111")]);
/** A Mach-O header (64 bit, arm64), so that whoever looks takes it for a program. */
const MACH_O = Buffer.from("cffaedfe0c0000010000000002000000", "hex");
const HELPERS = ["Electron Helper", "Electron Helper (GPU)", "Electron Helper (Plugin)", "Electron Helper (Renderer)"];

interface Asar {
  createPackage(from: string, to: string): Promise<void>;
}

/** Returns the folder that holds Electron.app. `packager`: the folder of `providePackager`. */
export async function makeElectronApp(folder: string, packager: string): Promise<string> {
  const contents = join(folder, "Electron.app", "Contents");
  const write = (path: string, data: string | Buffer, mode = 0o644) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, data, { mode });
  };
  write(join(contents, "Info.plist"), infoPlist("Electron", "com.github.Electron"));
  write(join(contents, "PkgInfo"), "APPL????");
  write(join(contents, "MacOS", "Electron"), MACH_O, 0o755);
  write(join(contents, "Resources", "electron.icns"), "icns");
  write(join(folder, "default-app", "main.js"), "");
  const { createPackage } = createRequire(join(packager, "package.json"))("@electron/asar") as Asar;
  await createPackage(join(folder, "default-app"), join(contents, "Resources", "default_app.asar"));
  for (const language of ["en", "tr", "de", "fr"]) write(join(contents, "Resources", `${language}.lproj`, "locale.pak"), language);
  const framework = join(contents, "Frameworks", "Electron Framework.framework");
  const version = join(framework, "Versions", "A");
  write(join(version, "Electron Framework"), Buffer.concat([MACH_O, Buffer.alloc(4096), WIRE, Buffer.alloc(4096)]), 0o755);
  for (const language of ["en", "tr", "de", "fr"]) write(join(version, "Resources", `${language}.lproj`, "locale.pak"), language);
  symlinkSync("A", join(framework, "Versions", "Current"));
  for (const name of ["Electron Framework", "Resources"]) symlinkSync(join("Versions", "Current", name), join(framework, name));
  for (const helper of HELPERS) {
    const helperContents = join(contents, "Frameworks", `${helper}.app`, "Contents");
    write(join(helperContents, "Info.plist"), infoPlist(helper, "com.github.Electron.helper"));
    write(join(helperContents, "MacOS", helper), MACH_O, 0o755);
  }
  return folder;
}

function infoPlist(name: string, id: string): string {
  const values = { CFBundleExecutable: name, CFBundleIdentifier: id, CFBundleName: name, CFBundlePackageType: "APPL", CFBundleVersion: "45.4.1" };
  const rows = Object.entries(values).map(([key, value]) => `<key>${key}</key><string>${value}</string>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>${rows.join("")}</dict></plist>\n`;
}
