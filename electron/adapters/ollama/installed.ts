/** Whether Ollama is installed here, running or not: the app of macOS, or the program on the PATH. */
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

const MAC_APPS = ["/Applications/Ollama.app", join(homedir(), "Applications", "Ollama.app")];
/** A Mac app is not given the shell's PATH; Homebrew's and Ollama's own places are looked at all the same. */
const USUAL = ["/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"];

export async function hasOllama(env: NodeJS.ProcessEnv, apps: readonly string[] = MAC_APPS, usual: readonly string[] = USUAL): Promise<boolean> {
  const folders = [...(env["PATH"] ?? "").split(delimiter).filter(Boolean), ...usual];
  const places = [...(process.platform === "darwin" ? apps : []), ...folders.map((folder) => join(folder, "ollama"))];
  const found = await Promise.all(
    places.map((place) =>
      access(place).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
