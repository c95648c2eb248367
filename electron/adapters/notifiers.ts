/** All ways to reach a person: one on this computer (the first that works), and each push service that is set up. */
import type { Clock, Notifier } from "../core/ports.ts";
import { firstOf, type HostNotices, notificationCenter, notifySend, osascript, terminalNotifier } from "./notify/local.ts";
import { type NtfySettings, ntfy } from "./notify/ntfy.ts";
import { type PushoverSettings, pushover } from "./notify/pushover.ts";
import { type TelegramSettings, telegram } from "./notify/telegram.ts";

/** All off unless the user set them up. */
export interface PushSettings {
  readonly ntfy?: NtfySettings;
  readonly pushover?: PushoverSettings;
  readonly telegram?: TelegramSettings;
}

export interface LocalOptions {
  readonly host: HostNotices;
  readonly platform?: NodeJS.Platform;
  readonly terminal?: { readonly isTTY?: boolean; write(text: string): unknown };
}

export function localNotifiers({ host, platform = process.platform, terminal = process.stderr }: LocalOptions): Notifier {
  const system = platform === "darwin" ? [notificationCenter(), osascript()] : platform === "linux" ? [notifySend()] : [];
  return firstOf([host.notifier, ...system, terminalNotifier(terminal)]);
}

export function pushNotifiers(settings: PushSettings, clock: Clock): readonly Notifier[] {
  return [
    ...(settings.ntfy ? [ntfy(settings.ntfy, { clock })] : []),
    ...(settings.pushover ? [pushover(settings.pushover, { clock })] : []),
    ...(settings.telegram ? [telegram(settings.telegram, { clock })] : []),
  ];
}
