import { type FormEvent, useId, useState } from "react";
import type { Command, Input, Preflight } from "../../electron/core/api.ts";
import type { Schedule } from "../../electron/core/evening/schedule.ts";
import { TIME_OF_DAY, type Window } from "../../electron/core/evening/window.ts";
import type { RunState } from "../../electron/core/state.ts";
import { addressOf } from "../route.ts";
import { tidyTime } from "../settings-draft.ts";
import { useCall } from "../use-call.ts";
import { useView, useWords, type Words } from "../use-session.ts";
import { FaultLine } from "./fault-line.tsx";
import { Wake } from "./wake.tsx";

interface NightProps {
  readonly run: RunState | null;
  readonly schedule: Schedule | null;
  readonly night: Preflight;
}

/** The run's window: when it begins by itself, when it ends sealed, and what to do about tonight. */
export function NightCard({ run, schedule, night }: NightProps) {
  const words = useWords();
  const { say, format } = words;
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [changing, setChanging] = useState(false);
  const disabled = busy || !online;
  const ask = <C extends Command>(command: C, input: Input<C>) =>
    void call(command, input).then((done) => {
      if (done) setChanging(false);
    });
  const window = schedule?.window ?? { from: format.clock(night.night.opensAt), to: format.clock(night.night.closesAt) };
  return (
    <section className="card night" aria-labelledby="night-title">
      <h2 id="night-title">{say("night.title")}</h2>
      <p data-night={stateOf(schedule, night)}>
        <b>{run ? nightWords(schedule, night, words) : say("night.no-run", { from: window.from, to: window.to })}</b>
      </p>
      <p className="soft">{say(run ? "night.asleep" : "night.how-to-start")}</p>
      {!run && <code className="command">npx thortime run DATA --tonight</code>}
      {!run && (
        <a className="button start" href={addressOf("welcome")} data-do="guide">
          {say("night.guide")}
        </a>
      )}
      {night.wake && <Wake wake={night.wake} />}
      {run &&
        (changing ? (
          <WindowForm
            window={window}
            disabled={disabled}
            onSet={({ from, to }) => ask("schedule-set", { run: run.id, from, to })}
            onClose={() => setChanging(false)}
          />
        ) : (
          <Buttons run={run} schedule={schedule} night={night} disabled={disabled} ask={ask} onChange={() => setChanging(true)} />
        ))}
      <FaultLine fault={fault} onClose={dismiss} />
    </section>
  );
}

type State = "none" | "waiting" | "skipped" | "under-way" | "ended";

function stateOf(schedule: Schedule | null, { night }: Preflight): State {
  if (!schedule) return "none";
  if (schedule.ended) return "ended";
  if (schedule.started) return "under-way";
  return schedule.skipped === night.night ? "skipped" : "waiting";
}

function nightWords(schedule: Schedule | null, night: Preflight, { say, format }: Words): string {
  const closes = schedule?.started?.closesAt ?? night.night.closesAt;
  return say(`night.${stateOf(schedule, night)}`, { from: format.clock(night.night.opensAt), to: format.clock(closes) });
}

interface ButtonsProps extends NightProps {
  readonly run: RunState;
  readonly disabled: boolean;
  readonly ask: <C extends Command>(command: C, input: Input<C>) => void;
  readonly onChange: () => void;
}

function Buttons({ run, schedule, night, disabled, ask, onChange }: ButtonsProps) {
  const { say } = useWords();
  const button = (name: string, label: string, onClick: () => void, primary = false) => (
    <button type="button" data-do={name} className={primary ? "primary" : ""} disabled={disabled} onClick={onClick}>
      {label}
    </button>
  );
  const state = stateOf(schedule, night);
  // An engine refuses a window while the trainer works, and a skip once the night has begun: neither is offered then.
  const working = run.process?.verb === "train";
  const set = () => ask("schedule-set", { run: run.id });
  return (
    <fieldset className="buttons" aria-label={say("night.title")}>
      {state === "ended" && button("continue", say("night.do-continue"), set, true)}
      {state === "skipped" && button("unskip", say("night.do-unskip"), set)}
      {state === "waiting" && button("skip", say("night.do-skip"), () => ask("schedule-skip", { run: run.id }))}
      {!working && state !== "under-way" && button("window", say(state === "none" ? "night.do-set" : "night.do-change"), onChange)}
      {state !== "none" && button("any-time", say("night.do-clear"), () => ask("schedule-clear", { run: run.id }))}
    </fieldset>
  );
}

interface FormProps {
  readonly window: Window;
  readonly disabled: boolean;
  readonly onSet: (window: Window) => void;
  readonly onClose: () => void;
}

function WindowForm({ window, disabled, onSet, onClose }: FormProps) {
  const { say } = useWords();
  const [written, setWritten] = useState(window);
  const { from, to } = { from: tidyTime(written.from), to: tidyTime(written.to) };
  const wrong = !TIME_OF_DAY.test(from) || !TIME_OF_DAY.test(to) || from === to;
  const id = useId();
  const described = wrong ? { "aria-describedby": id, "aria-invalid": true } : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) onSet({ from, to });
  };
  return (
    <form className="window-form" onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <label>
        {say("settings.from")}
        <input
          {...described}
          type="text"
          inputMode="numeric"
          className="short"
          value={written.from}
          onChange={(event) => setWritten({ ...written, from: event.target.value })}
        />
      </label>
      <label>
        {say("settings.to")}
        <input
          {...described}
          type="text"
          inputMode="numeric"
          className="short"
          value={written.to}
          onChange={(event) => setWritten({ ...written, to: event.target.value })}
        />
      </label>
      <span className="buttons">
        <button type="submit" className="primary" data-do="set-window" disabled={disabled || wrong}>
          {say("night.do-save")}
        </button>
        <button type="button" onClick={onClose}>
          {say("night.do-cancel")}
        </button>
      </span>
      {wrong && (
        <p id={id} className="wrong" role="status">
          {say("wrong.two-times")}
        </p>
      )}
    </form>
  );
}
