import type { Place } from "../../../electron/core/api.ts";
import { setFirstRun, useFirstRun } from "../../first-run.ts";
import { useCall } from "../../use-call.ts";
import { useJob } from "../../use-job.ts";
import { usePlace } from "../../use-place.ts";
import { useView, useWords } from "../../use-session.ts";
import { Loading } from "../conditions.tsx";
import { FaultLine } from "../fault-line.tsx";
import { JobLine } from "../job-line.tsx";
import { Tool } from "../tool.tsx";

/** What Thortime uses on this computer: Ollama, where the finished model goes, and Python, which does the training. */
export function Tools() {
  const { say } = useWords();
  const { place, fault, dismiss, look } = usePlace();
  if (!place) return fault ? <FaultLine fault={fault} onClose={dismiss} /> : <Loading text={say("tools.looking")} />;
  return (
    <div className="tools">
      <OllamaTool ollama={place.ollama} onLook={look} />
      <PythonTool python={place.python} onLook={look} />
      {!place.metal && (
        <Tool name="metal" state="note" term={null} title={say("tools.no-metal")}>
          <p>{say("tools.no-metal-text")}</p>
        </Tool>
      )}
    </div>
  );
}

const OLLAMA_DOWNLOAD = "https://ollama.com/download";

function OllamaTool({ ollama, onLook }: { readonly ollama: Place["ollama"]; readonly onLook: () => void }) {
  const { say } = useWords();
  const { state, version, fault } = ollama;
  return (
    <Tool name="ollama" state={state === "running" ? "fine" : "look"} term="ollama" title={say(`tools.ollama.${state}`, { version: version ?? "" })}>
      <p>{say(`tools.ollama-next.${state}`)}</p>
      {state === "unusable" && <FaultLine fault={fault} onClose={onLook} />}
      {state === "absent" && (
        <p>
          <a href={OLLAMA_DOWNLOAD} target="_blank" rel="noreferrer">
            ollama.com/download
          </a>
        </p>
      )}
    </Tool>
  );
}

function PythonTool({ python, onLook }: { readonly python: Place["python"]; readonly onLook: () => void }) {
  const { say } = useWords();
  const { pythonJob } = useFirstRun();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const job = useJob(pythonJob, () => setFirstRun({ pythonJob: null }));
  const missing = python.fault !== null;
  const setUp = async () => {
    const started = await call("python-setup", {});
    if (started) setFirstRun({ pythonJob: started.reply.id });
    onLook();
  };
  return (
    <Tool name="python" state={missing ? "look" : "fine"} term="python" title={say(missing ? "tools.python.missing" : "tools.python.ready")}>
      <p>{say(missing ? "tools.python-next.missing" : "tools.python-next.ready")}</p>
      {missing && job?.state !== "running" && (
        <button type="button" className="primary" data-do="set-up-python" disabled={busy || !online} onClick={() => void setUp()}>
          {say("tools.python-set-up")}
        </button>
      )}
      <JobLine job={job} onClear={() => setFirstRun({ pythonJob: null })} />
      <FaultLine fault={fault} onClose={dismiss} />
    </Tool>
  );
}
