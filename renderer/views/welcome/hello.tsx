import { LANGUAGES } from "../../text.ts";
import { useCall } from "../../use-call.ts";
import { useSession, useWords } from "../../use-session.ts";

/** The language of this window and of the notices, and what is about to happen. */
export function Hello() {
  const { language, say } = useWords();
  const { speak, keepSettings } = useSession();
  const { call } = useCall();
  const choose = async (one: (typeof LANGUAGES)[number]) => {
    speak(one);
    const done = await call("settings-set", { change: { language: one } });
    if (done) keepSettings(done.reply);
  };
  return (
    <>
      <fieldset className="card choices">
        <legend>
          <h2>{say("app.language")}</h2>
        </legend>
        {LANGUAGES.map((one) => (
          <label key={one} className="choice" lang={one}>
            <input type="radio" name="language" checked={one === language} data-language={one} onChange={() => void choose(one)} />
            <span>{say(`language.${one}`)}</span>
          </label>
        ))}
      </fieldset>
      <section className="card" aria-labelledby="what-title">
        <h2 id="what-title">{say("hello.what")}</h2>
        <ol className="plain-steps">
          <li>{say("hello.rows")}</li>
          <li>{say("hello.night")}</li>
          <li>{say("hello.morning")}</li>
        </ol>
        <p className="soft">{say("hello.private")}</p>
      </section>
    </>
  );
}
