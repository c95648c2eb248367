/** What a person set, read afresh each time it is needed: they may edit the file by hand. */
import type { SettingsReply } from "../core/api.ts";
import { fault } from "../core/faults.ts";
import type { Ports } from "../core/ports.ts";
import { readSettings, type Settings, settingsSchema } from "../core/settings.ts";
import { merged, withoutSecrets } from "../core/settings-shown.ts";

export function settingsOf(ports: Ports): Settings {
  return readSettings(ports.person.readSettings()).settings;
}

/** As a client may see them. */
export function showSettings(ports: Ports): SettingsReply {
  const { settings, ...read } = readSettings(ports.person.readSettings());
  return { settings: withoutSecrets(settings), ...read };
}

/** Refused whole where a key is wrong; the file keeps what was not named. */
export function changeSettings(ports: Ports, change: Readonly<Record<string, unknown>>): SettingsReply {
  const before = readSettings(ports.person.readSettings());
  const parsed = settingsSchema.safeParse(merged(before.settings, change));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const key = issue?.code === "unrecognized_keys" ? issue.keys.join(", ") : (issue?.path.join(".") ?? "");
    throw fault("usage.setting", `The setting ${key} cannot be used (${issue?.message ?? "invalid"}).`, "Correct it and try again.");
  }
  const language = "language" in change ? parsed.data.language : before.language;
  // A language that nobody chose is not written down as if somebody had.
  const written = { ...parsed.data, language: language ?? undefined };
  ports.person.writeSettings(`${JSON.stringify(written, null, 2)}\n`);
  return { settings: withoutSecrets(parsed.data), problem: null, language };
}
