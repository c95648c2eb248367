/** What lies beside app.asar, read-only: files that other programs read (Python, uv, Electron's tray). Models and Ollama are never packed; they live in the home. */

export interface Resource {
  readonly from: string;
  readonly to: string;
  readonly filter: readonly string[];
}

/** `uv`: the folder with uv and its licences. */
export function resources(uv: string): readonly Resource[] {
  return [
    { from: "python", to: "python", filter: ["pyproject.toml", "uv.lock", "trainer/**/*.py"] },
    { from: "resources", to: "resources", filter: ["prompts.json", "icons/*.png"] },
    { from: "resources/practice", to: "resources/practice", filter: ["*.json", "*.jsonl", "model/*"] },
    { from: uv, to: "uv", filter: ["uv", "LICENSE-*"] },
    { from: "LICENSE", to: "LICENSE.txt", filter: [] },
  ];
}
