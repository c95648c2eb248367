import { useEffect } from "react";
import { statusOf } from "../electron/core/selectors.ts";
import { useView, useWords } from "./use-session.ts";
import { EmptyHome, Loading, OfflineBar, Refused } from "./views/conditions.tsx";
import { Guard } from "./views/guard.tsx";
import { Footer, Header } from "./views/header.tsx";
import { Run } from "./views/run.tsx";
import { Runs } from "./views/runs.tsx";

export function App() {
  const { say } = useWords();
  useDocument();
  return (
    <div className="page">
      <a className="skip" href="#run">
        {say("app.skip")}
      </a>
      <Header />
      <OfflineBar />
      <Guard>
        <Body />
      </Guard>
      <Footer />
    </div>
  );
}

function Body() {
  const { say } = useWords();
  const link = useView((view) => view.link);
  const home = useView((view) => view.home);
  const run = useView((view) => view.run);
  const runId = useView((view) => view.runId);
  if (link === "refused")
    return (
      <main id="run">
        <Refused />
      </main>
    );
  if (!home) return <main id="run">{link !== "offline" && <Loading text={say("app.loading")} />}</main>;
  if (home.runs.length === 0)
    return (
      <main id="run">
        <EmptyHome />
      </main>
    );
  return (
    <div className="columns">
      <main id="run" tabIndex={-1}>
        {run ? <Run key={runId} run={run} /> : <Loading text={say("app.loading-run")} />}
      </main>
      <Runs home={home} runId={runId} />
    </div>
  );
}

/** The title says the state, because it is what a tab or a window list shows. */
function useDocument(): void {
  const { language, say } = useWords();
  const status = useView((view) => (view.run ? statusOf(view.run) : null));
  const name = useView((view) => view.run?.name ?? null);
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = status && name ? `${say(`status.${status}`)} · ${name} · Thortime` : "Thortime";
  }, [language, say, status, name]);
}
