import { useEffect, useRef } from "react";
import { assertNever } from "../electron/core/faults.ts";
import type { HomeState } from "../electron/core/home.ts";
import { statusOf } from "../electron/core/selectors.ts";
import type { ViewName } from "./route.ts";
import { useView, useWords } from "./use-session.ts";
import { Loading, OfflineBar, Refused } from "./views/conditions.tsx";
import { Deploy } from "./views/deploy.tsx";
import { Doctor } from "./views/doctor.tsx";
import { Guard } from "./views/guard.tsx";
import { Footer, Header } from "./views/header.tsx";
import { History } from "./views/history.tsx";
import { Run } from "./views/run.tsx";
import { Runs } from "./views/runs.tsx";
import { Settings } from "./views/settings.tsx";
import { Standing } from "./views/standing.tsx";
import { Tonight } from "./views/tonight.tsx";
import { Welcome } from "./views/welcome.tsx";

export function App() {
  const { say } = useWords();
  const main = useRef<HTMLElement>(null);
  useDocument();
  useArrival(main);
  return (
    <div className="page">
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {say("app.skip")}
      </button>
      <Header />
      <OfflineBar />
      <Guard>
        <main id="main" tabIndex={-1} ref={main}>
          <Body />
        </main>
      </Guard>
      <Footer />
    </div>
  );
}

/** Who follows a link to another view stands at its beginning, and hears it. */
function useArrival(main: { readonly current: HTMLElement | null }): void {
  const view = useView((one) => one.view);
  const before = useRef(view);
  useEffect(() => {
    if (before.current === view) return;
    before.current = view;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [view, main]);
}

function Body() {
  const { say } = useWords();
  const link = useView((one) => one.link);
  const view = useView((one) => one.view);
  const home = useView((one) => one.home);
  if (link === "refused") return <Refused />;
  if (!home) return link === "offline" ? null : <Loading text={say("app.loading")} />;
  return (
    <>
      <Standing home={home} />
      <Chosen view={view} home={home} />
    </>
  );
}

function Chosen({ view, home }: { readonly view: ViewName; readonly home: HomeState }) {
  switch (view) {
    case "tonight":
      return <Tonight home={home} />;
    case "deploy":
      return <Deploy home={home} />;
    case "history":
      return <History home={home} />;
    case "settings":
      return <Settings />;
    case "doctor":
      return <Doctor />;
    case "welcome":
      return <Welcome />;
    case "run":
      // Where nothing ever ran there is nothing to show but how to begin.
      return home.runs.length === 0 ? <Welcome /> : <RunView home={home} />;
    default:
      return assertNever(view);
  }
}

function RunView({ home }: { readonly home: HomeState }) {
  const { say } = useWords();
  const run = useView((one) => one.run);
  const runId = useView((one) => one.runId);
  return (
    <div className="columns">
      <div className="chosen">{run ? <Run key={runId} run={run} home={home} /> : <Loading text={say("app.loading-run")} />}</div>
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
