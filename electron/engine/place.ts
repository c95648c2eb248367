/** What the first evening needs to know of this computer. Each part may fail by itself. */
import type { Place } from "../core/api.ts";
import type { OllamaPlace } from "../core/jobs.ts";
import type { Ports } from "../core/ports.ts";
import type { Jobs } from "./jobs.ts";

export async function lookAtPlace(ports: Ports, jobs: Jobs): Promise<Place> {
  const { workshop, machine } = ports;
  return {
    ollama: await findOllama(ports),
    python: { fault: ports.pythonFault(), own: workshop.ownPython(), settingUp: jobs.isRunning("python-setup") },
    models: workshop.heldModels(),
    metal: machine.metal,
  };
}

async function findOllama({ ollama, workshop }: Ports): Promise<OllamaPlace> {
  const found = await ollama.available();
  if ("version" in found) return { state: "running", version: found.version, fault: null };
  if (found.fault.kind !== "ollama.absent") return { state: "unusable", version: null, fault: found.fault };
  return { state: (await workshop.hasOllama()) ? "installed" : "absent", version: null, fault: found.fault };
}
