import { useId, useState } from "react";
import type { Inspection } from "../../electron/core/doctor.ts";
import { type Card, fixedName, type Mend } from "../doctor-cards.ts";
import { setFirstRun, useFirstRun } from "../first-run.ts";
import { useCall } from "../use-call.ts";
import { useJob } from "../use-job.ts";
import { useView, useWords } from "../use-session.ts";
import { FaultLine } from "./fault-line.tsx";
import { JobLine } from "./job-line.tsx";
import { Shown } from "./shown.tsx";

const WISHES: readonly Exclude<Mend, "always">[] = ["conflicts", "near", "personal"];

/** A corrected copy beside the original, with what is changed in it chosen first. */
export function DoctorFix({ report, cards }: { readonly report: Inspection; readonly cards: readonly Card[] }) {
  const { say } = useWords();
  const { fixJob } = useFirstRun();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [train, heldOut] = report.files;
  const [out, setOut] = useState(() => fixedName(train?.path ?? ""));
  const [wished, setWished] = useState<ReadonlySet<Mend>>(new Set());
  const id = useId();
  const job = useJob(fixJob, () => setFirstRun({ fixJob: null }));
  const offered = WISHES.filter((wish) => cards.some((card) => card.mend === wish));
  if (!train || !cards.some((card) => card.mend !== null)) return null;
  const wish = (name: Mend, on: boolean) => setWished(new Set(on ? [...wished, name] : [...wished].filter((one) => one !== name)));
  const write = async () => {
    const fix = { out, conflicts: wished.has("conflicts"), near: wished.has("near"), personal: wished.has("personal") };
    const started = await call("inspect", { data: train.path, heldOut: heldOut?.path ?? null, fix });
    if (started) setFirstRun({ fixJob: started.reply.id });
  };
  const written = job?.state === "done" ? (job.inspection?.fix ?? null) : null;
  return (
    <section className="card fix" aria-labelledby="fix-title">
      <h2 id="fix-title">{say("fixing.title")}</h2>
      <p className="soft">{say("fixing.about")}</p>
      {offered.map((name) => (
        <label key={name} className="yes">
          <input type="checkbox" data-wish={name} checked={wished.has(name)} onChange={(event) => wish(name, event.target.checked)} />
          {say(`fixing.${name}`)}
        </label>
      ))}
      <div className="pick-row">
        <label htmlFor={id}>{say("fixing.out")}</label>
        <input id={id} type="text" className="wide" spellCheck={false} value={out} onChange={(event) => setOut(event.target.value)} />
        <button type="button" data-do="fix" disabled={busy || !online || out.trim() === "" || job?.state === "running"} onClick={() => void write()}>
          {say("fixing.write")}
        </button>
      </div>
      <JobLine job={job} onClear={() => setFirstRun({ fixJob: null })} />
      <FaultLine fault={fault} onClose={dismiss} />
      {written && <Written fix={written} />}
    </section>
  );
}

function Written({ fix }: { readonly fix: NonNullable<Inspection["fix"]> }) {
  const { say, format } = useWords();
  const [train, heldOut] = fix.files;
  // Where every held-out row had leaked, none is left: a part of the rows is kept aside instead.
  const use = () => setFirstRun({ data: train?.to ?? "", heldOut: heldOut && heldOut.rows > 0 ? heldOut.to : "", inspectJob: null, fixJob: null });
  return (
    <div className="written" role="status">
      <p>
        <b>{say("fixing.written", { count: format.integer(fix.changes) })}</b>
      </p>
      <ul className="examples">
        {fix.files.map((file) => (
          <li key={file.to}>
            <Shown text={file.to} /> <span className="soft">{say("doctor.rows", { count: format.integer(file.rows) })}</span>
          </li>
        ))}
        <li className="soft">
          {say("fixing.list")} <Shown text={fix.list} />
        </li>
      </ul>
      <button type="button" className="primary" data-do="use-fixed" onClick={use}>
        {say("fixing.use")}
      </button>
    </div>
  );
}
