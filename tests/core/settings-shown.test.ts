/** No secret of the settings leaves the engine; what a client sends back changes what it names and nothing else. */
import { describe, expect, test } from "vitest";
import { DEFAULT_SETTINGS, type Settings, settingsSchema } from "../../electron/core/settings.ts";
import { merged, SECRETS, withoutSecrets } from "../../electron/core/settings-shown.ts";

const SET: Settings = {
  ...DEFAULT_SETTINGS,
  push: {
    ntfy: { server: "https://ntfy.sh", topic: "SECRET-topic", token: "SECRET-token", remoteControl: true },
    pushover: { token: "SECRET-app", user: "SECRET-user" },
    telegram: { token: "SECRET-bot", chat: "SECRET-chat" },
  },
};
const push = (change: object) => settingsSchema.parse(merged(SET, { push: change })).push;

describe("what is shown", () => {
  test("every secret is true and nothing more; the rest is as it is", () => {
    const shown = withoutSecrets(SET);
    expect(JSON.stringify(shown)).not.toContain("SECRET");
    expect(shown.push).toEqual({
      ntfy: { server: "https://ntfy.sh", topic: true, token: true, remoteControl: true },
      pushover: { token: true, user: true },
      telegram: { token: true, chat: true },
    });
    expect({ ...shown, push: {} }).toEqual({ ...SET, push: {} });
    expect(withoutSecrets(DEFAULT_SETTINGS).push).toEqual({});
  });

  test("a field of a way that is added to the schema is a secret or stands here", () => {
    const plain = { ntfy: ["server", "remoteControl"], pushover: [], telegram: [] };
    for (const way of ["ntfy", "pushover", "telegram"] as const)
      expect(Object.keys(settingsSchema.def.shape.push.def.innerType.def.shape[way].def.innerType.def.shape).sort()).toEqual(
        [...SECRETS[way], ...plain[way]].sort(),
      );
  });
});

describe("what comes back", () => {
  test("the shown settings themselves change nothing", () => {
    expect(settingsSchema.parse(merged(SET, { ...withoutSecrets(SET) }))).toEqual(SET);
  });

  test.each<[string, object, object]>([
    ["one field", { ntfy: { remoteControl: false } }, { ...SET.push, ntfy: { ...SET.push.ntfy, remoteControl: false } }],
    ["a new secret", { telegram: { token: "new" } }, { ...SET.push, telegram: { token: "new", chat: "SECRET-chat" } }],
    ["a secret taken away", { ntfy: { token: null } }, { ...SET.push, ntfy: { server: "https://ntfy.sh", topic: "SECRET-topic", remoteControl: true } }],
    ["a way taken away", { pushover: null }, { ntfy: SET.push.ntfy, telegram: SET.push.telegram }],
    [
      "masked secrets beside a new address",
      { ntfy: { server: "https://a.b", topic: true, token: true } },
      { ...SET.push, ntfy: { ...SET.push.ntfy, server: "https://a.b" } },
    ],
  ])("%s", (_name, change, wanted) => {
    expect(push(change)).toEqual(wanted);
  });

  test("a mask is no secret: where none is kept, it is missing", () => {
    expect(settingsSchema.safeParse(merged(DEFAULT_SETTINGS, { push: { pushover: { token: true, user: true } } })).success).toBe(false);
    expect(settingsSchema.safeParse(merged(SET, { push: { ntfy: { topic: null } } })).success).toBe(false);
  });

  test("an address that holds a name and password is refused: it would be shown", () => {
    expect(settingsSchema.safeParse(merged(SET, { push: { ntfy: { server: "https://me:SECRET@ntfy.sh" } } })).success).toBe(false);
    expect(settingsSchema.safeParse(merged(SET, { push: { ntfy: { server: "https://ntfy.sh/?auth=SECRET" } } })).success).toBe(false);
  });

  test("what is no way, no object or a prototype's key is for the schema to refuse", () => {
    for (const change of [{ smoke: { signal: 1 } }, { ntfy: 7 }, { constructor: { a: 1 } }])
      expect(settingsSchema.safeParse(merged(SET, { push: change })).success, JSON.stringify(change)).toBe(false);
    expect(settingsSchema.safeParse(merged(SET, { push: 7 })).success).toBe(false);
  });
});
