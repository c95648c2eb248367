import { useWords } from "../use-session.ts";
import { type Form, SecretText, Text, Yes } from "./fields.tsx";
import { SendTest } from "./send-test.tsx";

/** Ways to a phone, each off until it is wanted. */
export function Push({ form, unsaved }: { readonly form: Form; readonly unsaved: boolean }) {
  const { say } = useWords();
  const { draft } = form;
  return (
    <fieldset className="card group">
      <legend>
        <h2>{say("settings.group.push")}</h2>
      </legend>
      <p className="soft">{say("settings.about.push")}</p>
      <div className="fields">
        <Yes form={form} field="ntfy" label="ntfy" />
        {draft.ntfy && (
          <>
            <Text form={form} field="ntfyServer" label={say("push.server")} />
            <Topic form={form} />
            <SecretText form={form} field="ntfyToken" label={say("push.token-optional")} />
            <Yes form={form} field="ntfyRemote" label={say("push.remote")} />
          </>
        )}
        <Yes form={form} field="pushover" label="Pushover" />
        {draft.pushover && <SecretText form={form} field="pushoverToken" label={say("push.pushover-token")} />}
        {draft.pushover && <SecretText form={form} field="pushoverUser" label={say("push.pushover-user")} />}
        <Yes form={form} field="telegram" label="Telegram" />
        {draft.telegram && <SecretText form={form} field="telegramToken" label={say("push.telegram-token")} />}
        {draft.telegram && <SecretText form={form} field="telegramChat" label={say("push.telegram-chat")} />}
      </div>
      <SendTest unsaved={unsaved} />
    </fieldset>
  );
}

const TOPIC_BYTES = 12;

/** Who knows the topic reads along: a random one, to be taken into the phone before it is saved. */
function Topic({ form }: { readonly form: Form }) {
  const { say } = useWords();
  const random = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(TOPIC_BYTES));
    form.set("ntfyTopic", `thortime-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`);
  };
  return (
    <>
      <SecretText form={form} field="ntfyTopic" label={say("push.topic")} />
      <button type="button" data-do="random-topic" onClick={random}>
        {say("push.random")}
      </button>
      {form.draft.ntfyTopic && (
        <p className="topic">
          {say("push.new-topic")} <code>{form.draft.ntfyTopic}</code>
        </p>
      )}
    </>
  );
}
