import { type FormEvent, useId, useState } from "react";
import type { RunState } from "../../electron/core/state.ts";
import { faultIn } from "../../electron/core/words/words.ts";
import { type Reply, useAsk } from "../use-ask.ts";
import { useCall } from "../use-call.ts";
import { useView, useWords } from "../use-session.ts";
import { FaultLine } from "./fault-line.tsx";
import { Shown } from "./shown.tsx";

const MOST_CHARACTERS = 8_000;

/** One question, both answers as they come: the model that answers today beside the one that would take its place. */
export function Ask({ run }: { readonly run: RunState }) {
  const { say } = useWords();
  const reachable = useView((view) => view.link === "online");
  const [question, setQuestion] = useState("");
  const [asked, setAsked] = useState("");
  const old = useAsk(run.id, "old");
  const next = useAsk(run.id, "new");
  const field = useId();
  if (run.gguf === null) return null;
  const busy = [old, next].some(({ reply }) => reply !== null && !reply.done);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const text = question.trim();
    if (text === "" || busy) return;
    setAsked(text);
    old.ask(text);
    next.ask(text);
  };
  return (
    <section className="card ask" aria-labelledby="ask-title">
      <h2 id="ask-title">{say("ask.title")}</h2>
      <p className="soft">{say("ask.about")}</p>
      <form onSubmit={submit}>
        <label htmlFor={field}>{say("ask.question")}</label>
        <textarea id={field} rows={2} maxLength={MOST_CHARACTERS} value={question} onChange={(event) => setQuestion(event.target.value)} />
        <button type="submit" className="primary" data-do="ask" disabled={!reachable || busy || question.trim() === ""}>
          {say(busy ? "ask.answering" : "ask.do")}
        </button>
      </form>
      {asked !== "" && (
        <div className="replies">
          <Answer run={run.id} question={asked} label={say("ask.old")} of="old" reply={old.reply} />
          <Answer key={asked} run={run.id} question={asked} label={say("ask.new")} of="new" reply={next.reply} />
        </div>
      )}
    </section>
  );
}

interface AnswerProps {
  readonly run: string;
  readonly question: string;
  readonly label: string;
  readonly of: "old" | "new";
  readonly reply: Reply | null;
}

function Answer({ run, question, label, of, reply }: AnswerProps) {
  const words = useWords();
  const { say, format } = words;
  if (reply === null) return null;
  const { model, text, done, seconds, fault } = reply;
  const refused = fault && faultIn(words, fault);
  return (
    <article data-reply={of} aria-busy={!done}>
      <h3>
        {label}
        {model !== null && (
          <>
            {" · "}
            <Shown text={model} />
          </>
        )}
      </h3>
      {(text !== "" || fault === null) && (
        <blockquote aria-live="polite">
          {text === "" ? <span className="none">{say(done ? "answers.nothing" : "ask.waiting")}</span> : <Shown text={text} />}
        </blockquote>
      )}
      {refused && (
        <p className="soft">
          <Shown text={`${refused.message} ${refused.next}`} lang={refused.known ? undefined : "en"} />
        </p>
      )}
      {done && seconds !== null && fault === null && <p className="soft">{say("ask.took", { duration: format.seconds(seconds) })}</p>}
      {done && of === "new" && fault === null && <Correct run={run} question={question} rejected={text} />}
    </article>
  );
}

/** A bad answer becomes a row of the next data set, in its person's words. */
function Correct({ run, question, rejected }: { readonly run: string; readonly question: string; readonly rejected: string }) {
  const { say } = useWords();
  const { busy, fault, call, dismiss } = useCall();
  const [text, setText] = useState<string | null>(null);
  const [kept, setKept] = useState(false);
  const field = useId();
  if (kept) return <output className="soft">{say("ask.kept")}</output>;
  if (text === null)
    return (
      <button type="button" data-do="correct" onClick={() => setText(rejected)}>
        {say("ask.correct")}
      </button>
    );
  const keep = async () => {
    const done = await call("correction-add", { run, question, rejected, corrected: text.trim() });
    if (done) setKept(true);
  };
  return (
    <div className="correct">
      <label htmlFor={field}>{say("ask.better")}</label>
      {/* biome-ignore lint/a11y/noAutofocus: it was opened by a press of a button to be written into */}
      <textarea id={field} rows={3} autoFocus value={text} onChange={(event) => setText(event.target.value)} />
      <FaultLine fault={fault} onClose={dismiss} />
      <div className="buttons">
        <button type="button" className="primary" data-do="keep" disabled={busy || text.trim() === "" || text.trim() === rejected.trim()} onClick={keep}>
          {say("ask.keep")}
        </button>
        <button type="button" onClick={() => setText(null)}>
          {say("ask.leave")}
        </button>
      </div>
    </div>
  );
}
