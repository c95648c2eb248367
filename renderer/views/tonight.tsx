import type { Preflight } from "../../electron/core/api.ts";
import { campaignOf, nextPhase } from "../../electron/core/campaign-view.ts";
import type { HomeState } from "../../electron/core/home.ts";
import { summary } from "../../electron/core/preflight/checks.ts";
import type { RunState } from "../../electron/core/state.ts";
import { addressOf } from "../route.ts";
import { useNight } from "../use-night.ts";
import { useView, useWords, type Words } from "../use-session.ts";
import { Campaign } from "./campaign.tsx";
import { Checks } from "./checks.tsx";
import { Loading } from "./conditions.tsx";
import { FaultLine } from "./fault-line.tsx";
import { Fit } from "./fit.tsx";
import { NightCard } from "./night-card.tsx";
import { Shown } from "./shown.tsx";

/** What stands between now and the morning: whether anything has to be mended, when it begins, when it will be done. */
export function Tonight({ home }: { readonly home: HomeState }) {
  const words = useWords();
  const { say } = words;
  const shown = useView((view) => view.run);
  const run = shown && shown.ended === null ? shown : null;
  const schedule = home.schedules.find((one) => one.run === run?.id) ?? null;
  const { night, looking, fault, dismiss, look } = useNight(run, schedule);
  return (
    <div className="tonight">
      <section className={`hero-plain tone-${toneOf(night)}`} aria-labelledby="tonight-title">
        <div className="hero-words">
          {run && (
            <p className="hero-top">
              <span className="run-name">
                <Shown text={run.name} />
              </span>
              <span className="soft">{say(`kind.${run.kind}`)}</span>
            </p>
          )}
          <h1 id="tonight-title">{headline(night, run, words)}</h1>
          {night && <p className="soft">{counts(night, words)}</p>}
          <FaultLine fault={fault} onClose={dismiss} />
        </div>
        <a className="button" href={addressOf("doctor")} data-do="doctor">
          {say("tonight.doctor")}
        </a>
        <button type="button" data-do="look" disabled={looking} aria-busy={looking} onClick={look}>
          {say("tonight.look")}
        </button>
      </section>
      {shown && !isOver(shown, home) && <Campaign run={shown} home={home} />}
      {night ? (
        <>
          <NightCard run={run} schedule={schedule} night={night} />
          <Fit run={run} night={night} />
          <Checks night={night} onFixed={look} />
        </>
      ) : (
        !fault && <Loading text={say("tonight.looking")} />
      )}
    </div>
  );
}

/** A campaign whose last phase is done has nothing to say of tonight. */
function isOver(run: RunState, home: HomeState): boolean {
  const phases = campaignOf(run, home);
  return phases === null || nextPhase(phases) === null;
}

function toneOf(night: Preflight | null): "calm" | "good" | "bad" {
  if (!night) return "calm";
  return summary(night.checks).fixes > 0 ? "bad" : "good";
}

function headline(night: Preflight | null, run: RunState | null, { say, format }: Words): string {
  if (!night) return say("tonight.title");
  const { fixes } = summary(night.checks);
  if (fixes > 0) return say("tonight.fixes", { count: format.integer(fixes) });
  return say(run ? "tonight.ready" : "tonight.ready-machine");
}

function counts({ checks }: Preflight, { say, format }: Words): string {
  const { warnings, unknown } = summary(checks);
  const parts = [
    warnings > 0 ? say("tonight.warnings", { count: format.integer(warnings) }) : null,
    unknown > 0 ? say("tonight.unknown", { count: format.integer(unknown) }) : null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(" · ") : say("tonight.all-known");
}
