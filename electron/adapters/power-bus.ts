/** What a desktop shell hears of the machine (Electron's powerMonitor), passed on to whoever listens here. */
import type { PowerEvents } from "../core/ports.ts";
import { POWER_EVENTS, type PowerEvent } from "../core/shell.ts";

export class PowerBus implements PowerEvents {
  private readonly listeners = new Set<(event: PowerEvent) => void>();

  subscribe(listener: (event: PowerEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(event: PowerEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }
}

/** The part of powerMonitor that is listened to. */
export interface PowerMonitor {
  on(event: PowerEvent, listener: () => void): unknown;
  removeListener(event: PowerEvent, listener: () => void): unknown;
}

/** The function returned stops listening. */
export function listenToMonitor(monitor: PowerMonitor, tell: (event: PowerEvent) => void): () => void {
  const listeners = POWER_EVENTS.map((event) => ({ event, listener: () => tell(event) }));
  for (const { event, listener } of listeners) monitor.on(event, listener);
  return () => {
    for (const { event, listener } of listeners) monitor.removeListener(event, listener);
  };
}
