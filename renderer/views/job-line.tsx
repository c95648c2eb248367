import type { Job } from "../../electron/core/jobs.ts";
import { useCall } from "../use-call.ts";
import { useNow, useView, useWords, type Words } from "../use-session.ts";
import { FaultLine } from "./fault-line.tsx";

const BYTES: ReadonlySet<string> = new Set(["read", "download"]);

/** How far long work is: a bar, a sentence, and a way to stop it. What went wrong stands until it is begun again. */
export function JobLine({ job, onClear }: { readonly job: Job | null; readonly onClear: () => void }) {
  const words = useWords();
  const now = useNow(1000);
  const { busy, call } = useCall();
  const online = useView((view) => view.link === "online");
  if (!job || job.state === "done") return null;
  if (job.state !== "running") return <FaultLine fault={job.fault} onClose={onClear} />;
  const { progress } = job;
  const share = progress?.total ? Math.min(1, progress.done / progress.total) : null;
  const label = words.say(`job.${progress?.task ?? "begin"}`);
  return (
    <div className="job" data-job={job.kind}>
      <div className="job-words">
        <p role="status">{label}</p>
        <p className="soft">{[details(job, words), words.format.seconds(Math.max(0, Math.round((now - job.startedAt) / 1000)))].filter(Boolean).join(" · ")}</p>
      </div>
      {share === null ? <progress aria-label={label} /> : <progress aria-label={label} value={share} max={1} />}
      <button type="button" data-do="stop-job" disabled={busy || !online} onClick={() => void call("job-stop", { id: job.id })}>
        {words.say("job.stop")}
      </button>
    </div>
  );
}

function details({ progress }: Job, { format, say }: Words): string {
  if (!progress?.total) return "";
  if (!BYTES.has(progress.task)) return say("job.of", { done: format.integer(progress.done), total: format.integer(progress.total) });
  return say("job.of", { done: format.bytes(progress.done), total: format.bytes(progress.total) });
}
