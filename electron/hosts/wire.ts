/** Chooses the adapters and makes the engine: the one place where composition happens. Tests override single ports. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createAwake } from "../adapters/awake.ts";
import { bootId } from "../adapters/boot.ts";
import { systemClock } from "../adapters/clock.ts";
import { freeBytes } from "../adapters/disk.ts";
import { openHistory } from "../adapters/history.ts";
import { FolderHome } from "../adapters/home.ts";
import { pythonInspector } from "../adapters/inspector.ts";
import { localNotifiers, pushNotifiers } from "../adapters/notifiers.ts";
import { HostNotices } from "../adapters/notify/local.ts";
import { shellNotices } from "../adapters/notify/shell.ts";
import { createOllama } from "../adapters/ollama.ts";
import { createParcels } from "../adapters/parcels.ts";
import { createPerson } from "../adapters/person.ts";
import { PowerBus } from "../adapters/power-bus.ts";
import { findPython } from "../adapters/python-environment.ts";
import { createSensors } from "../adapters/sensors.ts";
import { createSupport } from "../adapters/support.ts";
import { createSystem } from "../adapters/system.ts";
import { KeptTrainers } from "../adapters/trainers.ts";
import { createWorkshop } from "../adapters/workshop.ts";
import { type Fault, toFault } from "../core/faults.ts";
import type { Ports } from "../core/ports.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { examine, forOthers } from "./checks.ts";
import { practiceInput } from "./practice-input.ts";

export interface WireOptions {
  readonly home: string;
  /** The folder that holds `python`, `resources` and `out`: the clone, or the packaged app's resources. */
  readonly root: string;
  readonly version: string;
  /** What a keeper runs to bring an engine back. */
  readonly engineCommand: readonly string[];
  readonly historyWorker: string;
  /** The uv that came along with a packaged app. */
  readonly uv?: string | null;
  readonly quit: () => void;
  readonly report: (error: unknown) => void;
}

export function wire(options: WireOptions, overrides: Partial<Ports> = {}): Engine {
  const home = new FolderHome(options.home);
  const python = () => findPython(options.home);
  const packageFolder = join(options.root, "python");
  const power = new PowerBus();
  const sensors = createSensors({ clock: systemClock, power });
  process.once("exit", () => sensors.close());
  const host = new HostNotices();
  const local = localNotifiers({ host });
  const ports: Ports = {
    clock: systemClock,
    home,
    trainers: new KeptTrainers({ home, python, packageFolder, engineCommand: options.engineCommand }),
    inspector: pythonInspector({ python, packageFolder }),
    parcels: createParcels({ home: options.home, python, packageFolder }),
    ollama: createOllama(process.env),
    history: openHistory(join(options.home, "history.sqlite"), options.historyWorker),
    version: options.version,
    pid: process.pid,
    boot: bootId(),
    freeBytes,
    sensors,
    power,
    awake: createAwake(),
    shells: shellNotices(host, systemClock),
    system: createSystem(),
    support: createSupport({ home, doctor: async () => forOthers(await examine({ home: options.home, root: options.root, env: process.env, python })) }),
    workshop: createWorkshop({ home: options.home, models: join(options.home, "models"), python, packageFolder, uv: options.uv ?? null, env: process.env }),
    person: createPerson({
      home: options.home,
      messages: join(options.root, "resources", "messages"),
      notifiers: (settings) => [local, ...pushNotifiers(settings.push, systemClock)],
    }),
    pythonFault: () => faultOf(() => void python()),
    machine: { metal: process.platform === "darwin" && process.arch === "arm64" },
    practice: () => practiceInput(options.root),
    defaultPrompts: ["en", "tr"].map((language) => join(options.root, "resources", "prompts", `${language}.json`)),
    readText: (path) => readFileSync(path, "utf8"),
    report: options.report,
    quit: options.quit,
    ...overrides,
  };
  return createEngine(ports);
}

function faultOf(action: () => void): Fault | null {
  try {
    action();
    return null;
  } catch (error) {
    return toFault(error);
  }
}
