import { said } from "../../electron/core/words/words.ts";
import { addressOf, VIEWS } from "../route.ts";
import { LANGUAGES } from "../text.ts";
import { useSession, useView, useWords } from "../use-session.ts";
import { Shown } from "./shown.tsx";

export function Header() {
  return (
    <header className="top">
      <span className="brand">
        <Mark />
        Thortime
      </span>
      <Views />
      <LanguageSwitch />
    </header>
  );
}

/** Plain links: the keyboard, the back button and a bookmark all work as everywhere. */
function Views() {
  const { say } = useWords();
  const view = useView((one) => one.view);
  return (
    <nav className="views" aria-label={say("nav.title")}>
      {VIEWS.map((name) => (
        <a key={name} href={addressOf(name)} aria-current={name === view ? "page" : undefined} data-view={name}>
          {say(`nav.${name}`)}
        </a>
      ))}
    </nav>
  );
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="12" className="track" />
      <path d="M16 4a12 12 0 1 1-11.4 15.7" className="value" />
    </svg>
  );
}

function LanguageSwitch() {
  const { language, say } = useWords();
  const { speak } = useSession();
  return (
    <fieldset className="switch" aria-label={say("app.language")}>
      {LANGUAGES.map((one) => (
        <button key={one} type="button" lang={one} aria-pressed={one === language} title={say(`language.${one}`)} onClick={() => speak(one)}>
          {one.toUpperCase()}
        </button>
      ))}
    </fieldset>
  );
}

export function Footer() {
  const words = useWords();
  const { say } = words;
  const info = useView((view) => view.info);
  if (!info) return null;
  return (
    <footer className="soft">
      <p>{say("app.version", { version: info.version })}</p>
      {info.historyOff !== null && (
        <p>
          <Shown text={say("app.history-off", { reason: said(words, info.historyOff).text })} />
        </p>
      )}
    </footer>
  );
}
