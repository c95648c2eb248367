/** The menu-bar app put together: the icon follows the run, the menu acts on it, the windows come and go. */
import { join } from "node:path";
import { app } from "electron";
import { readCatalogue } from "../../adapters/person.ts";
import type { Command, Input } from "../../core/api.ts";
import type { Fault } from "../../core/faults.ts";
import { EMPTY_HOME } from "../../core/home.ts";
import { type BarAction, menuBar } from "../../core/menu-bar.ts";
import type { Offer } from "../../core/selectors.ts";
import type { Place } from "../place.ts";
import type { SteadyApi } from "../steady.ts";
import { setAppMenu } from "./app-menu.ts";
import { ask, type Speech, speechOf, tell } from "./dialogs.ts";
import { type Focus, followFocus } from "./follow-focus.ts";
import { keepPreferences, noticing, type PreferenceKeeper } from "./preferences.ts";
import { askToLeave } from "./quit.ts";
import { serveWindows } from "./serve-window.ts";
import { type BarTray, createTray } from "./tray.ts";
import { createWindows, type Windows } from "./windows.ts";

/** Temperatures age and settings are changed elsewhere: looked at this often without being told. */
const LOOK_MS = 15_000;
/** A new icon has no place in the bar for a moment. */
const PLACED_MS = 2_000;

/** Made after `ready`. */
export class Shell {
  private readonly resources: string;
  private readonly api: SteadyApi;
  private readonly leave: () => void;
  private readonly preferences: PreferenceKeeper;
  private readonly windows: Windows;
  private readonly tray: BarTray;
  private speech: Speech;
  private focus: Focus = { home: EMPTY_HOME, run: null };
  private offline: Fault | null = null;
  private isAsking = false;

  /** `leave`: a person asked to quit and nothing speaks against it. */
  constructor(place: Place, api: SteadyApi, leave: () => void) {
    this.resources = join(place.root, "resources");
    this.api = api;
    this.leave = leave;
    this.speech = this.speechIn("en");
    this.preferences = keepPreferences(api, () => this.onPreferences());
    const served = noticing(api, () => this.look());
    this.windows = createWindows(
      place.out,
      serveWindows(served, () => this.openWindow()),
    );
    const choose = (action: BarAction) => this.act(action);
    this.tray = createTray(join(this.resources, "icons"), { click: (anchor) => this.windows.togglePopover(anchor), choose });
    this.begin();
  }

  openWindow(): void {
    this.windows.openWindow();
  }

  /** Null: there is an engine. */
  setOffline(fault: Fault | null): void {
    this.offline = fault;
    this.draw();
  }

  /** Takes the icon away and lets windows close. */
  end(): void {
    this.windows.letGo();
    this.tray.destroy();
  }

  private begin(): void {
    setAppMenu(this.speech, () => this.act("quit"));
    this.draw();
    followFocus(this.api, (focus) => {
      this.focus = focus;
      this.draw();
    });
    setInterval(() => {
      this.draw();
      this.look();
    }, LOOK_MS).unref();
    this.api.ready().then(
      () => this.look(),
      (error: unknown) => tell(error, this.speech),
    );
    this.greet();
  }

  /** Started by a hand, it shows that it is there; started by the login, it stays out of the way. */
  private greet(): void {
    const isMac = process.platform === "darwin";
    if (isMac && app.getLoginItemSettings().wasOpenedAtLogin) return;
    if (isMac) setTimeout(() => this.showWhereSeen(), PLACED_MS);
    else this.windows.showPopover(null);
  }

  private showWhereSeen(): void {
    if (this.tray.isHidden()) {
      this.windows.openWindow();
      const { speech } = this;
      void ask({ message: speech.say("bar.hidden"), detail: speech.say("bar.hidden-next"), buttons: [speech.say("bar.understood")], cancel: 0 });
    } else {
      this.windows.showPopover(this.tray.anchor());
    }
  }

  private draw(): void {
    const { speech } = this;
    const clock = new Intl.DateTimeFormat(speech.language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const { openAtLogin } = this.preferences.now();
    const view = { run: this.focus.run, offline: this.offline?.message ?? null, openAtLogin, nowMs: Date.now() };
    this.tray.show(menuBar(view, { ...speech, clock: (atMs) => clock.format(atMs) }));
  }

  private look(): void {
    // Without an engine the settings stay as they were last known.
    this.preferences.look().catch(() => {});
  }

  private onPreferences(): void {
    const { language } = this.preferences.now();
    if (language !== this.speech.language) this.speech = this.speechIn(language);
    setAppMenu(this.speech, () => this.act("quit"));
    this.draw();
  }

  private speechIn(language: Speech["language"]): Speech {
    return speechOf(language, readCatalogue(join(this.resources, "messages"), language));
  }

  private act(action: BarAction): void {
    this.perform(action).catch((error: unknown) => tell(error, this.speech));
  }

  private async perform(action: BarAction): Promise<void> {
    if (action === "open") this.openWindow();
    else if (action === "login") await this.preferences.toggleLogin();
    else if (action === "quit") await this.once(() => this.quit());
    else if (action !== "stop" || (await this.once(() => this.confirmStop()))) await this.command(action);
  }

  private async command(offer: Offer): Promise<void> {
    const { run } = this.focus;
    if (run) await this.api.call<Command>(`run-${offer}`, { run: run.id } as Input<Command>);
  }

  private async confirmStop(): Promise<boolean> {
    const { say } = this.speech;
    return (await ask({ message: say("do.stop-ask"), buttons: [say("do.stop-yes"), say("do.stop-no")], cancel: 1 })) === 0;
  }

  private async quit(): Promise<void> {
    const chosen = await askToLeave(this.api, this.focus.home, this.speech);
    if (chosen === "keep") this.windows.hideAll();
    if (chosen === "quit") this.leave();
  }

  /** One question at a time: the menu stays usable beside an open dialog. */
  private async once<T>(question: () => Promise<T>): Promise<T | null> {
    if (this.isAsking) return null;
    this.isAsking = true;
    return await question().finally(() => {
      this.isAsking = false;
    });
  }
}
