import type { HomeState } from "../../electron/core/home.ts";
import { statusOf } from "../../electron/core/selectors.ts";
import type { RunState } from "../../electron/core/state.ts";
import { Answers } from "./answers.tsx";
import { Ask } from "./ask.tsx";
import { Blind } from "./blind.tsx";
import { Campaign } from "./campaign.tsx";
import { Charts } from "./charts.tsx";
import { Flags } from "./flags.tsx";
import { Happened } from "./happened.tsx";
import { Hero } from "./hero.tsx";
import { Phases } from "./phases.tsx";
import { Result } from "./result.tsx";
import { Tiles } from "./tiles.tsx";
import { Verdict } from "./verdict.tsx";

/** One run, verdict first. What is over moves up, what is going on stands first while it goes on. */
export function Run({ run, home }: { readonly run: RunState; readonly home: HomeState }) {
  const status = statusOf(run);
  const over = status === "finished" || status === "stopped";
  const asked = run.answers.length > 0;
  const trains = run.step !== null || run.phases.train.status !== "waiting";
  const live = trains && (
    <>
      <Charts run={run} />
      <Tiles run={run} />
    </>
  );
  return (
    <div className="run">
      <Hero run={run} status={status} />
      {!over && <Flags run={run} />}
      <Campaign run={run} home={home} />
      <Phases run={run} />
      {over ? (
        <>
          <Verdict run={run} />
          <Result run={run} />
          {asked && <Answers run={run} />}
          <Blind run={run} />
          <Ask run={run} />
          {live}
        </>
      ) : (
        <>
          {live}
          <Verdict run={run} />
          <Result run={run} />
          {asked && <Answers run={run} />}
          <Blind run={run} />
          <Ask run={run} />
        </>
      )}
      <Happened run={run} />
    </div>
  );
}
