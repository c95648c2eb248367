/** What a desktop shell tells the engine: only Electron hears of sleep and mains, and only a shell can show a notice of the app's own. */
import { z } from "zod";

export const POWER_EVENTS = ["suspend", "resume", "on-ac", "on-battery"] as const;
/** A headless engine hears nothing and polls. */
export type PowerEvent = (typeof POWER_EVENTS)[number];

const noticeId = z.string().min(1).max(400);

export const shellNoteSchema = z.discriminatedUnion("kind", [
  /** It lives and shows notices; said again and again, at least each `SHELL_NOTE_EVERY_S`. */
  z.strictObject({ kind: z.literal("here") }),
  z.strictObject({ kind: z.literal("power"), event: z.enum(POWER_EVENTS) }),
  z.strictObject({ kind: z.literal("notice-shown"), id: noticeId }),
  z.strictObject({ kind: z.literal("notice-failed"), id: noticeId, why: z.string().max(200) }),
]);
export type ShellNote = z.output<typeof shellNoteSchema>;

export const SHELL_NOTE_EVERY_S = 20;
/** Not heard of for so long, it is gone: nobody waits for it any more. */
export const SHELL_GONE_S = 65;
