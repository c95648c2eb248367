import { useState } from "react";
import type { VersionRow } from "../../electron/core/api.ts";
import { useCall } from "../use-call.ts";
import { useView, useWords, type Words } from "../use-session.ts";
import { Confirm } from "./confirm.tsx";
import { FaultLine } from "./fault-line.tsx";
import { Shown } from "./shown.tsx";

type Place = "serves" | "kept" | "gone" | "unknown";
const SHAPES: Readonly<Record<Place, string>> = { serves: "●", kept: "○", gone: "–", unknown: "?" };

interface VersionProps {
  readonly row: VersionRow;
  readonly asked: boolean;
  readonly nowMs: number;
  /** A change was made; the sentence says which. */
  readonly onDone: (text: string) => void;
}

/** One model under a name: where it stands, what is known of it, and the way back to it or out. */
export function Version({ row, asked, nowMs, onDone }: VersionProps) {
  const words = useWords();
  const { say } = words;
  const [asking, setAsking] = useState<"undo" | "remove" | null>(null);
  const { busy, fault, call, dismiss } = useCall();
  const reachable = useView((view) => view.link === "online");
  const { name, tag, serves } = row;
  const place: Place = serves ? "serves" : tag !== null ? "kept" : asked ? "gone" : "unknown";
  const undo = async () => {
    setAsking(null);
    if (await call("version-undo", { name })) onDone(say("deploy.undone", { name }));
  };
  const remove = async (gone: string) => {
    setAsking(null);
    const removed = await call("version-remove", { tag: gone });
    if (removed) onDone(freed(gone, removed.reply.freedBytes, words));
  };
  return (
    <li className={`version version-${place}`} data-place={place} data-tag={tag ?? undefined}>
      <span className="mark" aria-hidden="true">
        {SHAPES[place]}
      </span>
      <div className="version-words">
        <p>
          <b>
            <Shown text={tag ?? name} />
          </b>{" "}
          <span className="version-place">{say(`deploy.place.${place}`)}</span>
        </p>
        <Facts row={row} nowMs={nowMs} />
      </div>
      {tag !== null && !serves && asking === null && (
        <div className="buttons">
          {tag.endsWith(":prev") && (
            <button type="button" data-do="undo" disabled={busy || !reachable} onClick={() => setAsking("undo")}>
              {say("deploy.undo")}
            </button>
          )}
          <button type="button" data-do="remove" className="quiet" disabled={busy || !reachable} onClick={() => setAsking("remove")}>
            {say("deploy.remove")}
          </button>
        </div>
      )}
      {asking === "undo" && (
        <Confirm
          name="undo"
          question={say("deploy.undo-ask", { name })}
          yes={say("deploy.undo-yes")}
          no={say("night.do-cancel")}
          onYes={() => void undo()}
          onNo={() => setAsking(null)}
        />
      )}
      {asking === "remove" && tag !== null && (
        <Confirm
          name="remove"
          question={say("deploy.remove-ask", { tag })}
          yes={say("deploy.remove-yes")}
          no={say("night.do-cancel")}
          onYes={() => void remove(tag)}
          onNo={() => setAsking(null)}
        />
      )}
      <FaultLine fault={fault} onClose={dismiss} />
    </li>
  );
}

/** Size, day and run, then what the gate had said. */
function Facts({ row: { bytes, deployed }, nowMs }: { readonly row: VersionRow; readonly nowMs: number }) {
  const { say, format } = useWords();
  const size = bytes === null ? say("deploy.size-unknown") : format.bytes(bytes);
  const facts = deployed ? [size, format.when(deployed.at, nowMs), say("deploy.of-run", { run: deployed.run })] : [size, say("deploy.own")];
  const verdict = deployed?.verdict ?? null;
  return (
    <>
      <p className="facts soft">
        {facts.map((fact) => (
          <span key={fact}>
            <Shown text={fact} />
          </span>
        ))}
      </p>
      {deployed && (
        <p className="soft" data-verdict={verdict ?? "unknown"}>
          {say("verdict.title")}: {verdict === null ? say("verdict.unknown") : <b className={`word-${verdict}`}>{say(`verdict.${verdict}`)}</b>}
          {verdict !== null && verdict !== "go" && ` · ${say("verdict.against")}`}
        </p>
      )}
    </>
  );
}

function freed(tag: string, bytes: number | null, { say, format }: Words): string {
  if (bytes === null) return say("deploy.removed-unknown", { tag });
  return bytes === 0 ? say("deploy.removed-shared", { tag }) : say("deploy.removed", { tag, size: format.bytes(bytes) });
}
