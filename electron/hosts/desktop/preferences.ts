/** What of settings.json the menu bar needs: the language, and whether the app comes with the login. */
import { app } from "electron";
import type { Api, Command, Input, Replies } from "../../core/api.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../core/settings.ts";

export interface Preferences {
  readonly language: Settings["language"];
  readonly openAtLogin: boolean;
}

/** In a clone the login item would be a bare Electron. */
const hasLoginItem = () => process.platform === "darwin" && app.isPackaged;

function systemLanguage(): Settings["language"] {
  return app.getLocale().startsWith("tr") ? "tr" : "en";
}

export interface PreferenceKeeper {
  now(): Preferences;
  /** Asks the engine again. */
  look(): Promise<void>;
  toggleLogin(): Promise<void>;
}

export function keepPreferences(api: Api, onChange: () => void): PreferenceKeeper {
  let now: Preferences = DEFAULT_SETTINGS;
  let isFirst = true;
  const take = ({ language, openAtLogin }: Preferences): void => {
    if (language === now.language && openAtLogin === now.openAtLogin) return;
    if (hasLoginItem() && openAtLogin !== now.openAtLogin) app.setLoginItemSettings({ openAtLogin });
    now = { language, openAtLogin };
    onChange();
  };
  const set = async (openAtLogin: boolean): Promise<void> => take((await api.call("settings-set", { change: { openAtLogin } })).settings);
  return {
    now: () => now,
    async look() {
      const { settings, language } = await api.call("settings", {});
      // A first start speaks as the system does, and so do notices and windows from then on.
      if (language === null) await api.call("settings-set", { change: { language: systemLanguage() } });
      const told = hasLoginItem() ? app.getLoginItemSettings().openAtLogin : settings.openAtLogin;
      // A person may have taken the login item away in System Settings: that is their newest word.
      if (isFirst && told !== settings.openAtLogin) await set(told);
      else take({ ...settings, language: language === null ? systemLanguage() : settings.language });
      isFirst = false;
    },
    toggleLogin: () => set(!now.openAtLogin),
  };
}

/** The api for our windows: what is set there shows in the menu bar at once. */
export function noticing(api: Api, onSettings: () => void): Api {
  return {
    async call<C extends Command>(command: C, input: Input<C>): Promise<Replies[C]> {
      const reply = await api.call(command, input);
      if (command === "settings-set") onSettings();
      return reply;
    },
    subscribe: (topic, listener) => api.subscribe(topic, listener),
  };
}
