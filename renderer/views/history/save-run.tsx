import { useId, useState } from "react";
import { useCall } from "../../use-call.ts";
import { useView, useWords } from "../../use-session.ts";
import { FaultLine } from "../fault-line.tsx";

interface SaveProps {
  readonly run: string;
  readonly name: string;
  readonly onDone: (text: string) => void;
  readonly onClose: () => void;
}

/** The run as one new file of this computer. */
export function SaveRun({ run, name, onDone, onClose }: SaveProps) {
  const { say, format } = useWords();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [path, setPath] = useState(`~/${name}.tar.gz`);
  const id = useId();
  const save = async () => {
    const done = await call("run-pack", { run, path });
    if (done) onDone(say("save.done", { path: done.reply.path, size: format.bytes(done.reply.bytes) }));
  };
  return (
    <div className="past-doing" data-save={run}>
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
          {say("night.do-cancel")}
        </button>
      </div>
      <FaultLine fault={fault} onClose={dismiss} />
    </div>
  );
}
