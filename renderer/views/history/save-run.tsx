import { useId, useState } from "react";
import { useCall } from "../../use-call.ts";
import { useView, useWords } from "../../use-session.ts";
import { FaultLine } from "../fault-line.tsx";
import { Shown } from "../shown.tsx";
import { Panel } from "./panel.tsx";

interface SaveProps {
  readonly run: string;
  readonly name: string;
  readonly onClose: () => void;
}

/** The run as one new file of this computer. */
export function SaveRun({ run, name, onClose }: SaveProps) {
  const { say, format } = useWords();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [path, setPath] = useState(`~/${name}.tar.gz`);
  const [done, setDone] = useState<string | null>(null);
  const id = useId();
  const save = async () => {
    setDone(null);
    const saved = await call("run-pack", { run, path: path.trim() });
    if (saved) setDone(say("save.done", { path: saved.reply.path, size: format.bytes(saved.reply.bytes) }));
  };
  return (
    <Panel name="save" label={say("history.save")}>
      <div className="field">
        <label htmlFor={id}>{say("save.to")}</label>
        <input
          id={id}
          type="text"
          className="wide"
          spellCheck={false}
          autoComplete="off"
          aria-describedby={`${id}-hint`}
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        <p id={`${id}-hint`} className="soft">
          {say("save.hint")}
        </p>
      </div>
      {busy && <progress aria-label={say("save.busy")} />}
      <div className="buttons">
        <button
          type="button"
          className="primary"
          data-do="save-yes"
          disabled={busy || !online || path.trim() === ""}
          aria-busy={busy}
          onClick={() => void save()}
        >
          {say("save.do")}
        </button>
        <button type="button" data-do="save-no" onClick={onClose}>
          {say(done === null ? "night.do-cancel" : "do.dismiss")}
        </button>
      </div>
      <p role="status" className={done === null ? "unseen" : "done"}>
        {done !== null && <Shown text={done} />}
      </p>
      <FaultLine fault={fault} onClose={dismiss} />
    </Panel>
  );
}
