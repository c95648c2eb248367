import { useCallback, useEffect, useState } from "react";
import type { Clearing, Storage as Kept } from "../../electron/core/storage.ts";
import { addressOf } from "../route.ts";
import { useCall } from "../use-call.ts";
import { useView, useWords } from "../use-session.ts";
import { Loading } from "./conditions.tsx";
import { Confirm } from "./confirm.tsx";
import { FaultLine } from "./fault-line.tsx";
import { Shown } from "./shown.tsx";

const MOST_RUNS = 8;

/** Where everything lies, what takes the room, what can be cleared away, and how all of it goes. */
export function Storage() {
  const { say, format } = useWords();
  const { fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [kept, setKept] = useState<Kept | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const look = useCallback(() => void call("storage", {}).then((reply) => reply && setKept(reply.reply)), [call]);
  useEffect(() => {
    if (online) look();
  }, [look, online]);
  const onCleared = ({ bytes }: Clearing) => {
    setDone(say("storage.cleared", { size: format.bytes(bytes) }));
    look();
  };
  return (
    <section className="card storage" aria-labelledby="storage-title">
      <h2 id="storage-title">{say("storage.title")}</h2>
      <p role="status" className={done === null ? "unseen" : "done"}>
        {done}
      </p>
      {kept ? (
        <>
          <Used kept={kept} />
          <Clear kept={kept} onCleared={onCleared} />
          <Everything home={kept.home} />
        </>
      ) : (
        !fault && <Loading text={say("storage.looking")} />
      )}
      <FaultLine fault={fault} onClose={dismiss} />
    </section>
  );
}

function Used({ kept }: { readonly kept: Kept }) {
  const { say, format } = useWords();
  const { runs, models, ollamaBytes } = kept;
  const [shown, rest] = [runs.slice(0, MOST_RUNS), runs.slice(MOST_RUNS)];
  const sum = (some: Kept["runs"]) => some.reduce((total, run) => total + run.bytes, 0);
  return (
    <>
      <p>
        <code className="path">{kept.home}</code>
      </p>
      <p>{say("storage.sum", { size: format.bytes(kept.totalBytes), free: format.bytes(kept.freeBytes) })}</p>
      <dl className="rooms">
        <Room name="runs" label={say("storage.runs", { count: format.integer(runs.length) })} bytes={sum(runs)} />
        {shown.map((run) => (
          <Room key={run.run} name="run" label={`${run.name} · ${format.day(run.at)}`} bytes={run.bytes} inner />
        ))}
        {rest.length > 0 && <Room name="rest" label={say("storage.smaller", { count: format.integer(rest.length) })} bytes={sum(rest)} inner />}
        <Room name="models" label={say("storage.models")} bytes={kept.modelsBytes} />
        {models.map((model) => (
          <Room key={model.source} name="model" label={model.source} bytes={model.bytes} inner />
        ))}
        <Room name="python" label={say("storage.python")} bytes={kept.pythonBytes} />
        <Room name="other" label={say("storage.other")} bytes={kept.otherBytes} />
      </dl>
      <p className="soft">
        {ollamaBytes === null ? say("storage.ollama-unknown") : say("storage.ollama", { size: format.bytes(ollamaBytes) })}{" "}
        <a href={addressOf("history")}>{say("storage.delete-runs")}</a>
      </p>
    </>
  );
}

interface RoomProps {
  readonly name: string;
  readonly label: string;
  readonly bytes: number;
  readonly inner?: boolean;
}

function Room({ name, label, bytes, inner = false }: RoomProps) {
  const { format } = useWords();
  return (
    <div className={inner ? "room room-inner" : "room"} data-room={name}>
      <dt>
        <Shown text={label} />
      </dt>
      <dd>{format.bytes(bytes)}</dd>
    </div>
  );
}

/** Named first, asked about, then done. */
function Clear({ kept, onCleared }: { readonly kept: Kept; readonly onCleared: (clearing: Clearing) => void }) {
  const { say, format } = useWords();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [asking, setAsking] = useState<Clearing | null>(null);
  const clearable = kept.runs.reduce((total, run) => total + run.clearableBytes, 0);
  const clear = async () => {
    setAsking(null);
    const done = await call("storage-clear", { really: true });
    if (done) onCleared(done.reply);
  };
  return (
    <div className="clear">
      <p className="soft">{say(clearable > 0 ? "storage.clear-about" : "storage.clear-nothing")}</p>
      {clearable > 0 && asking === null && (
        <button
          type="button"
          data-do="clear"
          disabled={busy || !online}
          aria-busy={busy}
          onClick={() => void call("storage-clear", {}).then((looked) => looked && setAsking(looked.reply))}
        >
          {say("storage.clear", { size: format.bytes(clearable) })}
        </button>
      )}
      {asking && (
        <>
          <ul className="parts soft" data-clearing>
            {asking.runs.map((run) => (
              <li key={run.run}>
                <span>
                  <Shown text={run.run} />
                  /export
                </span>
                <span>{format.bytes(run.bytes)}</span>
              </li>
            ))}
          </ul>
          <Confirm
            name="clear"
            question={say("storage.clear-ask", { size: format.bytes(asking.bytes) })}
            yes={say("storage.clear-yes")}
            no={say("night.do-cancel")}
            onYes={() => void clear()}
            onNo={() => setAsking(null)}
          />
        </>
      )}
      <FaultLine fault={fault} onClose={dismiss} />
    </div>
  );
}

function Everything({ home }: { readonly home: string }) {
  const { say } = useWords();
  return (
    <details className="everything">
      <summary>{say("storage.remove-all")}</summary>
      <ol>
        <li>
          {say("storage.remove-models")} <a href={addressOf("deploy")}>{say("nav.deploy")}</a>
        </li>
        <li>{say("storage.remove-quit")}</li>
        <li>
          {say("storage.remove-folder")} <code className="path">{home}</code>
        </li>
        <li>{say("storage.remove-app")}</li>
      </ol>
    </details>
  );
}
