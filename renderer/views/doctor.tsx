import type { Inspection } from "../../electron/core/doctor.ts";
import { setFirstRun, useFirstRun } from "../first-run.ts";
import { addressOf } from "../route.ts";
import { useCall } from "../use-call.ts";
import { useJob } from "../use-job.ts";
import { useView, useWords } from "../use-session.ts";
import { DoctorReport } from "./doctor-report.tsx";
import { FaultLine } from "./fault-line.tsx";
import { FilePick } from "./file-pick.tsx";
import { JobLine } from "./job-line.tsx";
import { Term } from "./term.tsx";

/** The data doctor as a page of its own. */
export function Doctor() {
  const { say } = useWords();
  return (
    <div className="guide">
      <a className="back" href={addressOf("tonight")}>
        ← {say("nav.tonight")}
      </a>
      <h1>{say("doctor.title")}</h1>
      <p className="soft">{say("doctor.about")}</p>
      <DataDoctor />
    </div>
  );
}

/** Pick files, have them read, see what was found, write a corrected copy. The files are only read. */
export function DataDoctor() {
  const { say } = useWords();
  const { data, heldOut, near, languages, inspectJob } = useFirstRun();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const job = useJob(inspectJob, () => setFirstRun({ inspectJob: null }));
  const running = job?.state === "running";
  const look = async () => {
    const started = await call("inspect", { data, heldOut: heldOut.trim() === "" ? null : heldOut, near, languages });
    if (started) setFirstRun({ inspectJob: started.reply.id, fixJob: null });
  };
  return (
    <>
      <section className="card picks" aria-labelledby="picks-title">
        <h2 id="picks-title">{say("doctor.files")}</h2>
        <FilePick name="data" label={say("doctor.data")} hint={say("doctor.data-hint")} path={data} onPath={(path) => setFirstRun({ data: path })} />
        <FilePick
          name="held-out"
          label={say("doctor.held-out")}
          hint={say("doctor.held-out-hint")}
          path={heldOut}
          onPath={(path) => setFirstRun({ heldOut: path })}
        />
        <p className="terms">
          <Term name="held-out" /> <Term name="near" />
        </p>
        <div className="options">
          <Option checked={near} label={say("doctor.near")} onChange={(value) => setFirstRun({ near: value })} />
          <Option checked={languages} label={say("doctor.languages")} onChange={(value) => setFirstRun({ languages: value })} />
        </div>
        {!running && (
          <div className="buttons">
            <button type="button" className="primary" data-do="inspect" disabled={busy || !online || data.trim() === ""} onClick={() => void look()}>
              {say(job?.state === "done" ? "doctor.look-again" : "doctor.look")}
            </button>
          </div>
        )}
        <JobLine job={job} onClear={() => setFirstRun({ inspectJob: null })} />
        <FaultLine fault={fault} onClose={dismiss} />
      </section>
      {job?.state === "done" && job.inspection && <DoctorReport report={job.inspection} />}
    </>
  );
}

function Option({ checked, label, onChange }: { readonly checked: boolean; readonly label: string; readonly onChange: (value: boolean) => void }) {
  return (
    <label className="yes">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}

/** What the doctor last said of the files that are chosen now; null where they were not looked at. */
export function useInspection(): Inspection | null {
  const { inspectJob } = useFirstRun();
  const job = useJob(inspectJob, () => setFirstRun({ inspectJob: null }));
  return job?.state === "done" ? job.inspection : null;
}
