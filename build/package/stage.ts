/** Puts the files of the app together: what goes into app.asar, and nothing else. One folder is easier to judge than a list of exceptions. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The three bundles hold every package but this one, which finds its native part beside its own files. */
const NATIVE = "better-sqlite3";
const BUNDLES = ["main.cjs", "preload.cjs", "history-worker.cjs"];
const OTHER_PLATFORMS = /^(linux|linuxmusl|win32)-|-x64\.(js|node)$/;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly main: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** `out` has to be built. Returns the folder. */
export function stageApp(root: string, folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  const copy = (path: string, keep: (name: string) => boolean = () => true) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path), { recursive: true, filter: (source) => keep(basename(source)) });
  };
  for (const name of BUNDLES) copy(join("out", "desktop", name));
  copy(join("out", "renderer"), (name) => !name.endsWith(".map"));
  copy(join("out", "stamp"));
  for (const part of ["package.json", "LICENSE", "lib", "prebuilds"]) copy(join("node_modules", NATIVE, part), (name) => !OTHER_PLATFORMS.test(name));
  const { name, version, description, license, main, dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  const kept = { [NATIVE]: dependencies[NATIVE] };
  const manifest = { name, productName: "Thortime", version, description, license, author: "The Thortime authors", main, dependencies: kept };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return folder;
}
