/**
 * `node deploy-engine.ts FOLDER [undo NAME]`: an engine of its own on a night's home, with the real Ollama that OLLAMA_HOST names, for a test
 * to kill; `undo`: it is asked for that at once.
 */
import { createOllama } from "../../electron/adapters/ollama.ts";
import { Night } from "../engine/night.ts";

const [folder, command, name = ""] = process.argv.slice(2);
const night = new Night(folder);
night.start({ ollama: createOllama(process.env) });
process.stdout.write("started\n");
if (command === "undo") await night.call("version-undo", { name });
