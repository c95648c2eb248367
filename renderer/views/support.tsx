import { useId, useState } from "react";
import { useCall } from "../use-call.ts";
import { useView, useWords } from "../use-session.ts";
import { FaultLine } from "./fault-line.tsx";
import { Shown } from "./shown.tsx";

/** One file to send along with a question, with nothing of its person's in it. */
export function Support() {
  const { say, format } = useWords();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [path, setPath] = useState(() => `~/thortime-support-${new Date().toISOString().slice(0, 10)}.tar.gz`);
  const [done, setDone] = useState<string | null>(null);
  const id = useId();
  const write = async () => {
    setDone(null);
    const written = await call("support", { path: path.trim() });
    if (written) setDone(say("support.done", { path: written.reply.path, size: format.bytes(written.reply.bytes) }));
  };
  return (
    <section className="card support" aria-labelledby="support-title">
      <h2 id="support-title">{say("support.title")}</h2>
      <p className="soft">{say("support.about")}</p>
      <div className="field">
        <label htmlFor={id}>{say("save.to")}</label>
        <input id={id} type="text" className="wide" spellCheck={false} autoComplete="off" value={path} onChange={(event) => setPath(event.target.value)} />
      </div>
      <button type="button" data-do="support" disabled={busy || !online || path.trim() === ""} aria-busy={busy} onClick={() => void write()}>
        {say("support.do")}
      </button>
      <p role="status" className={done === null ? "unseen" : "done"}>
        {done !== null && <Shown text={done} />}
      </p>
      <FaultLine fault={fault} onClose={dismiss} />
    </section>
  );
}
