import { useEffect, useState } from "react";
import type { Removal, RemovalWarning } from "../../../electron/core/removal.ts";
import { useCall } from "../../use-call.ts";
import { useWords } from "../../use-session.ts";
import { Loading } from "../conditions.tsx";
import { Confirm } from "../confirm.tsx";
import { FaultLine } from "../fault-line.tsx";
import { Shown } from "../shown.tsx";
import { Panel } from "./panel.tsx";

interface DeleteProps {
  readonly run: string;
  readonly name: string;
  readonly onDone: (text: string) => void;
  readonly onClose: () => void;
}

/** What would go is looked at and named first; then it is asked about; then it goes. */
export function DeleteRun({ run, name, onDone, onClose }: DeleteProps) {
  const { say, format } = useWords();
  const { busy, fault, call, dismiss } = useCall();
  const [removal, setRemoval] = useState<Removal | null>(null);
  useEffect(() => {
    void call("run-delete", { run }).then((done) => done && setRemoval(done.reply));
  }, [call, run]);
  const remove = async () => {
    const done = await call("run-delete", { run, really: true });
    if (done) onDone(say("delete.done", { run: name, size: format.bytes(done.reply.bytes) }));
  };
  return (
    <Panel name="delete" label={say("history.delete")}>
      {removal && <Parts removal={removal} />}
      {removal && !busy && (
        <Confirm
          name="delete"
          question={say("delete.ask", { run: name, size: format.bytes(removal.bytes) })}
          yes={say("delete.yes")}
          no={say("night.do-cancel")}
          onYes={() => void remove()}
          onNo={onClose}
        />
      )}
      {busy && <Loading text={say(removal ? "delete.deleting" : "delete.looking")} />}
      <FaultLine fault={fault} onClose={removal ? dismiss : onClose} />
    </Panel>
  );
}

function Parts({ removal: { folder, parts, warnings } }: { readonly removal: Removal }) {
  const { say, format } = useWords();
  return (
    <>
      <p className="soft">
        {say("delete.folder")} <code className="path">{folder}</code>
      </p>
      <ul className="parts soft" data-parts>
        {parts.map((part) => (
          <li key={part.name}>
            <Shown text={part.name} /> <span>{format.bytes(part.bytes)}</span>
          </li>
        ))}
      </ul>
      {warnings.map((one) => (
        <p key={one.kind === "child" ? one.run : one.name} data-stays={one.kind}>
          <Warning one={one} />
        </p>
      ))}
    </>
  );
}

function Warning({ one }: { readonly one: RemovalWarning }) {
  const { say } = useWords();
  if (one.kind === "child") return <Shown text={say("delete.child", { run: one.run })} />;
  return <Shown text={say(one.answers ? "delete.answers" : "delete.deployed", { name: one.name })} />;
}
