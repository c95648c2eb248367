/** Long work of the engine, asked after while it runs. */
import { useEffect, useState } from "react";
import type { Api } from "../electron/core/api.ts";
import type { Job } from "../electron/core/jobs.ts";
import { asFault } from "./session.ts";
import { useSession, useView } from "./use-session.ts";

const LOOK_MS = 400;

/** Null before the first answer, and where there is no such work any more; then `onLost` was called. */
export function useJob(id: string | null, onLost: () => void): Job | null {
  const { api } = useSession();
  const online = useView((view) => view.link === "online");
  const [job, setJob] = useState<Job | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new `onLost` is no new work
  useEffect(() => (id === null || !online ? undefined : poll(api, id, setJob, onLost)), [api, id, online]);
  return job?.id === id ? job : null;
}

/** Until it has ended, or the function returned is called. */
function poll(api: Api, id: string, onJob: (job: Job) => void, onLost: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const look = () => void api.call("job", { id }).then(take, fail);
  const again = () => {
    timer = setTimeout(look, LOOK_MS);
  };
  const take = (job: Job) => {
    if (over) return;
    onJob(job);
    if (job.state === "running") again();
  };
  const fail = (error: unknown) => {
    if (over) return;
    if (asFault(error).kind === "job.unknown") onLost();
    else again();
  };
  look();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
