/** What lies beside app.asar, read-only: files that other programs read (Python, uv, Electron's tray). Models and Ollama are never packed; they live in the home. */
import { join } from "node:path";

export interface Resource {
  readonly from: string;
  readonly to: string;
  readonly filter: readonly string[];
}

/** `root`: the clone; `uv`: the folder with uv and its licences. */
export function resources(root: string, uv: string): readonly Resource[] {
  const from = (...path: string[]) => join(root, ...path);
  return [
    { from: from("python"), to: "python", filter: ["pyproject.toml", "uv.lock", "trainer/**/*.py"] },
    { from: from("resources"), to: "resources", filter: ["prompts/*.json", "icons/*.png", "messages/*.json"] },
    { from: from("resources", "practice"), to: "resources/practice", filter: ["*.json", "*.jsonl", "model/*"] },
    { from: uv, to: "uv", filter: ["uv", "LICENSE-*"] },
    { from: root, to: ".", filter: ["LICENSE"] },
  ];
}
