import { useId, useState } from "react";
import { setFirstRun, useFirstRun } from "../first-run.ts";
import { useCall } from "../use-call.ts";
import { useJob } from "../use-job.ts";
import { usePlace } from "../use-place.ts";
import { useView, useWords } from "../use-session.ts";
import { FaultLine } from "./fault-line.tsx";
import { JobLine } from "./job-line.tsx";

/** "Use my own Python": looked at before it is taken, and refused in one sentence where it does not fit. */
export function OwnPython() {
  const { say } = useWords();
  const { place, look } = usePlace();
  const { pythonJob } = useFirstRun();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [written, setWritten] = useState<string | null>(null);
  const job = useJob(pythonJob, () => setFirstRun({ pythonJob: null }));
  const id = useId();
  const own = place?.python.own ?? null;
  const path = written ?? own ?? "";
  const working = busy || job?.state === "running" || place?.python.settingUp === true;
  const use = async (python: string | null) => {
    const started = await call("python-setup", { own: python });
    if (started) setFirstRun({ pythonJob: started.reply.id });
    setWritten(null);
    look();
  };
  return (
    <section className="card own-python" aria-labelledby="own-python-title">
      <h2 id="own-python-title">{say("own-python.title")}</h2>
      <p className="soft">{say("own-python.about")}</p>
      <p role="status" data-python={own === null ? "found" : "own"}>
        {place && say(own === null ? "own-python.found" : "own-python.own")}
      </p>
      <div className="field">
        <label htmlFor={id}>{say("own-python.path")}</label>
        <input
          id={id}
          type="text"
          className="wide"
          spellCheck={false}
          autoComplete="off"
          placeholder="/opt/homebrew/bin/python3.13"
          value={path}
          onChange={(event) => setWritten(event.target.value)}
        />
      </div>
      <div className="buttons">
        <button type="button" data-do="own-python" disabled={working || !online || path.trim() === ""} onClick={() => void use(path.trim())}>
          {say("own-python.use")}
        </button>
        {own !== null && (
          <button type="button" className="quiet" data-do="find-python" disabled={working || !online} onClick={() => void use(null)}>
            {say("own-python.find")}
          </button>
        )}
      </div>
      <JobLine job={job} onClear={() => setFirstRun({ pythonJob: null })} />
      <FaultLine fault={fault} onClose={dismiss} />
    </section>
  );
}
