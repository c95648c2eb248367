/** `node deploy-engine.ts FOLDER`: an engine of its own on a night's home, with the real Ollama that OLLAMA_HOST names, for a test to kill. */
import { createOllama } from "../../electron/adapters/ollama.ts";
import { Night } from "../engine/night.ts";

const night = new Night(process.argv[2]);
night.start({ ollama: createOllama(process.env) });
process.stdout.write("started\n");
