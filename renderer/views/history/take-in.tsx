import { useState } from "react";
import { useCall } from "../../use-call.ts";
import { useView, useWords } from "../../use-session.ts";
import { FaultLine } from "../fault-line.tsx";
import { FilePick } from "../file-pick.tsx";
import { Shown } from "../shown.tsx";

/** A run that was written to a file, here or on another computer. */
export function TakeIn() {
  const { say } = useWords();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [path, setPath] = useState("");
  const [done, setDone] = useState<string | null>(null);
  const takeIn = async () => {
    setDone(null);
    const taken = await call("run-import", { path: path.trim() });
    if (!taken) return;
    setPath("");
    setDone(say("take-in.done", { run: taken.reply.run }));
  };
  return (
    <section className="card take-in" aria-labelledby="take-in-title">
      <h2 id="take-in-title">{say("take-in.title")}</h2>
      <FilePick name="run" label={say("take-in.file")} hint={say("take-in.hint")} placeholder="~/run.tar.gz" path={path} onPath={setPath} />
      {busy && <progress aria-label={say("take-in.busy")} />}
      <button type="button" data-do="take-in" disabled={busy || !online || path.trim() === ""} aria-busy={busy} onClick={() => void takeIn()}>
        {say("take-in.do")}
      </button>
      <p role="status" className={done === null ? "unseen" : "done"}>
        {done !== null && <Shown text={done} />}
      </p>
      <FaultLine fault={fault} onClose={dismiss} />
    </section>
  );
}
