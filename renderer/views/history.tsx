import { useId, useState } from "react";
import type { HomeState } from "../../electron/core/home.ts";
import { said } from "../../electron/core/words/words.ts";
import { addressOf } from "../route.ts";
import { useHistory } from "../use-history.ts";
import { useView, useWords } from "../use-session.ts";
import { Loading } from "./conditions.tsx";
import { FaultLine } from "./fault-line.tsx";
import { PastRow } from "./history/past-row.tsx";
import { SideBySide } from "./history/side-by-side.tsx";
import { TakeIn } from "./history/take-in.tsx";
import { Shown } from "./shown.tsx";

const LONGEST_SEARCH = 200;

/** Every run of the home: found again, set side by side, tried again, carried away, deleted. */
export function History({ home }: { readonly home: HomeState }) {
  const { say } = useWords();
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [pair, setPair] = useState<readonly [string, string] | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const past = useHistory(home, search);
  const there = chosen.filter((id) => home.runs.some((run) => run.id === id));
  const choose = (run: string, yes: boolean) => setChosen(yes ? [...there, run] : there.filter((one) => one !== run));
  const close = () => setPair(null);
  return (
    <div className="history">
      <h1>{say("history.title")}</h1>
      {past.off !== null && <Off reason={past.off} />}
      <p role="status" className={done === null ? "unseen" : "done"}>
        {done !== null && <Shown text={done} />}
      </p>
      <FaultLine fault={past.fault} onClose={past.dismiss} />
      {pair !== null && <SideBySide key={pair.join(" ")} a={pair[0]} b={pair[1]} onClose={close} />}
      {home.runs.length === 0 ? (
        <Nothing />
      ) : (
        <section className="card" aria-labelledby="runs-title">
          <h2 id="runs-title">{say("runs.title")}</h2>
          <Search value={search} onChange={setSearch} />
          <Choice chosen={there} onPair={setPair} onNone={() => setChosen([])} />
          <List past={past} search={search} chosen={there} onChoose={choose} onDone={setDone} />
        </section>
      )}
      <TakeIn />
    </div>
  );
}

function Off({ reason }: { readonly reason: string }) {
  const words = useWords();
  return (
    <p className="bar" data-history-off>
      <strong>
        <Shown text={words.say("app.history-off", { reason: said(words, reason).text })} />
      </strong>{" "}
      {words.say("history.off-next")}
    </p>
  );
}

function Nothing() {
  const { say } = useWords();
  return (
    <section className="card" data-empty>
      <p>{say("history.empty")}</p>
      <p>
        <a className="button" href={addressOf("welcome")}>
          {say("night.guide")}
        </a>
      </p>
    </section>
  );
}

function Search({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  const { say } = useWords();
  const id = useId();
  return (
    <div className="search">
      <label htmlFor={id} className="soft">
        {say("history.search")}
      </label>
      <input
        id={id}
        type="search"
        className="wide"
        maxLength={LONGEST_SEARCH}
        spellCheck={false}
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

interface ChoiceProps {
  readonly chosen: readonly string[];
  readonly onPair: (pair: readonly [string, string]) => void;
  readonly onNone: () => void;
}

/** Two are set side by side; a third cannot be chosen. */
function Choice({ chosen, onPair, onNone }: ChoiceProps) {
  const { say } = useWords();
  const online = useView((view) => view.link === "online");
  const [a, b] = chosen;
  const hint = (["history.choose-two", "history.choose-one", "history.chosen"] as const)[chosen.length] ?? "history.chosen";
  return (
    <div className="choice">
      <p role="status" className="soft">
        {say(hint)}
      </p>
      <div className="buttons">
        <button
          type="button"
          className="primary"
          data-do="pair"
          disabled={a === undefined || b === undefined || !online}
          onClick={() => a !== undefined && b !== undefined && onPair([a, b])}
        >
          {say("history.pair")}
        </button>
        {chosen.length > 0 && (
          <button type="button" className="quiet" data-do="choose-none" onClick={onNone}>
            {say("history.choose-none")}
          </button>
        )}
      </div>
    </div>
  );
}

interface ListProps {
  readonly past: ReturnType<typeof useHistory>;
  readonly search: string;
  readonly chosen: readonly string[];
  readonly onChoose: (run: string, yes: boolean) => void;
  readonly onDone: (text: string) => void;
}

function List({ past: { runs, fault, showMore }, search, chosen, onChoose, onDone }: ListProps) {
  const { say } = useWords();
  if (runs === null) return fault ? null : <Loading text={say("history.loading")} />;
  if (runs.length === 0)
    return (
      <p role="status" data-no-match>
        <Shown text={say(search === "" ? "history.loading" : "history.no-match", { text: search })} />
      </p>
    );
  return (
    <>
      <ul className="past-runs">
        {runs.map((past) => (
          <PastRow
            key={past.run}
            past={past}
            chosen={chosen.includes(past.run)}
            full={chosen.length >= 2}
            onChoose={(yes) => onChoose(past.run, yes)}
            onDone={onDone}
          />
        ))}
      </ul>
      {showMore && (
        <button type="button" data-do="more-runs" onClick={showMore}>
          {say("history.more")}
        </button>
      )}
    </>
  );
}
