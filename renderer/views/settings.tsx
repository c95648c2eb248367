import { type FormEvent, useRef, useState } from "react";
import type { ShownSettings } from "../../electron/core/settings-shown.ts";
import { addressOf } from "../route.ts";
import { changeOf, type Draft, draftOf, type Field, wrongFields } from "../settings-draft.ts";
import { useCall } from "../use-call.ts";
import { useSession, useView, useWords } from "../use-session.ts";
import { Clouds } from "./clouds.tsx";
import { Loading } from "./conditions.tsx";
import { FaultLine } from "./fault-line.tsx";
import { type Form, Number_, Select, Text, Time, Yes } from "./fields.tsx";
import { OwnPython } from "./own-python.tsx";
import { Push } from "./push.tsx";
import { Said } from "./said.tsx";
import { Storage } from "./storage.tsx";
import { Support } from "./support.tsx";

/** What a person sets once. */
export function Settings() {
  const { say } = useWords();
  const read = useView((view) => view.settings);
  return (
    <div className="settings">
      <h1>{say("settings.title")}</h1>
      {read?.problem && (
        <p className="bar" role="status">
          <Said text={read.problem} />
        </p>
      )}
      {read ? <SettingsForm settings={read.settings} /> : <Loading text={say("app.loading")} />}
      <OwnPython />
      <Storage />
      <Support />
      <a className="button start" href={addressOf("welcome")} data-do="guide">
        {say("settings.guide")}
      </a>
    </div>
  );
}

function SettingsForm({ settings }: { readonly settings: ShownSettings }) {
  const { say, language } = useWords();
  const { keepSettings } = useSession();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [changed, setChanged] = useState<Partial<Draft>>({});
  const [tried, setTried] = useState(false);
  const [saved, setSaved] = useState(false);
  const box = useRef<HTMLFormElement>(null);
  const draft: Draft = { ...draftOf({ ...settings, language }), ...changed };
  const wrong = wrongFields(draft, settings);
  const form: Form = {
    draft,
    settings,
    wrong: tried ? wrong : new Set<Field>(),
    set: (field, value) => {
      setSaved(false);
      setChanged({ ...changed, [field]: value });
    },
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong.size > 0) {
      // After the messages stand, so that the field is heard with its own.
      requestAnimationFrame(() => box.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    const done = await call("settings-set", { change: changeOf(draft, settings) });
    if (!done) return;
    keepSettings(done.reply);
    setChanged({});
    setTried(false);
    setSaved(true);
  };
  return (
    <form ref={box} onSubmit={submit} noValidate>
      <Group name="night">
        <Time form={form} field="windowFrom" label={say("settings.from")} />
        <Time form={form} field="windowTo" label={say("settings.to")} />
        <Yes form={form} field="sleepDisplay" label={say("settings.sleep-display")} />
        <Yes form={form} field="unloadOllama" label={say("settings.unload-ollama")} />
      </Group>
      <Group name="heat">
        <Number_ form={form} field="target" label={say("settings.target")} unit="°C" />
        <Number_ form={form} field="red" label={say("settings.red")} unit="°C" />
        <Number_ form={form} field="battery" label={say("settings.battery")} unit="%" />
      </Group>
      <Group name="notices">
        <Select
          form={form}
          field="language"
          label={say("settings.language")}
          options={[
            ["en", say("language.en")],
            ["tr", say("language.tr")],
          ]}
        />
        <Yes form={form} field="quiet" label={say("settings.quiet")} />
        {draft.quiet && <Time form={form} field="quietFrom" label={say("settings.from")} />}
        {draft.quiet && <Time form={form} field="quietTo" label={say("settings.to")} />}
        {draft.quiet && <Yes form={form} field="urgent" label={say("settings.urgent")} />}
        <Number_ form={form} field="digest" label={say("settings.digest")} unit={say("settings.hours")} />
      </Group>
      <Push form={form} unsaved={Object.keys(changed).length > 0} />
      <Group name="cost">
        <Text form={form} field="currency" label={say("settings.currency")} />
        <Number_ form={form} field="perKwh" label={say("settings.per-kwh")} unit="/ kWh" />
      </Group>
      <Clouds form={form} />
      <div className="save">
        <button type="submit" className="primary" data-do="save" disabled={busy || !online || Object.keys(changed).length === 0} aria-busy={busy}>
          {say("settings.save")}
        </button>
        <p role="status" className="soft">
          {saved && say("settings.saved")}
          {tried && wrong.size > 0 && say("settings.look")}
        </p>
      </div>
      <FaultLine fault={fault} onClose={dismiss} />
    </form>
  );
}

function Group({ name, children }: { readonly name: "night" | "heat" | "notices" | "cost"; readonly children: React.ReactNode }) {
  const { say } = useWords();
  return (
    <fieldset className="card group">
      <legend>
        <h2>{say(`settings.group.${name}`)}</h2>
      </legend>
      <p className="soft">{say(`settings.about.${name}`)}</p>
      <div className="fields">{children}</div>
    </fieldset>
  );
}
