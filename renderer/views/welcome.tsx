import { type ReactNode, useEffect, useRef } from "react";
import { STEPS, type Step, setFirstRun, useFirstRun } from "../first-run.ts";
import { addressOf } from "../route.ts";
import { useCall } from "../use-call.ts";
import { useSession, useView, useWords } from "../use-session.ts";
import { DataDoctor } from "./doctor.tsx";
import { FaultLine } from "./fault-line.tsx";
import { Hello } from "./welcome/hello.tsx";
import { ModelStep } from "./welcome/model.tsx";
import { NightStep } from "./welcome/night.tsx";
import { StartStep } from "./welcome/start.tsx";
import { Tools } from "./welcome/tools.tsx";

const BODIES: Readonly<Record<Step, () => ReactNode>> = { hello: Hello, tools: Tools, data: DataDoctor, model: ModelStep, night: NightStep, start: StartStep };

/** The first evening, one thing at a time; nothing here has to be done, and every step can be gone back to. */
export function Welcome() {
  const { say, format } = useWords();
  const { step } = useFirstRun();
  const at = STEPS.indexOf(step);
  const title = useRef<HTMLHeadingElement>(null);
  const before = useRef(step);
  useEffect(() => {
    if (before.current === step) return;
    before.current = step;
    title.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [step]);
  const Body = BODIES[step];
  const [back, next] = [STEPS[at - 1], STEPS[at + 1]];
  return (
    <div className="guide" data-step={step}>
      <ol className="steps" aria-label={say("welcome.steps")}>
        {STEPS.map((one, index) => (
          <li key={one} data-state={index < at ? "done" : index === at ? "now" : "later"}>
            <button type="button" aria-current={one === step ? "step" : undefined} onClick={() => setFirstRun({ step: one })}>
              <span className="step-number" aria-hidden="true">
                {index < at ? "✓" : format.integer(index + 1)}
              </span>
              <span className="step-name">{say(`welcome.step.${one}`)}</span>
            </button>
          </li>
        ))}
      </ol>
      <div>
        <p className="soft">{say("welcome.of", { at: format.integer(at + 1), all: format.integer(STEPS.length) })}</p>
        <h1 ref={title} tabIndex={-1}>
          {say(`welcome.title.${step}`)}
        </h1>
        <p className="lead">{say(`welcome.lead.${step}`)}</p>
      </div>
      <Body />
      <div className="steps-buttons">
        {back && (
          <button type="button" data-do="back" onClick={() => setFirstRun({ step: back })}>
            {say("welcome.back")}
          </button>
        )}
        {next && (
          <button type="button" className={step === "hello" ? "" : "primary"} data-do="next" onClick={() => setFirstRun({ step: next })}>
            {say(step === "hello" ? "welcome.own" : "welcome.next")}
          </button>
        )}
        {step === "hello" && <Practise />}
      </div>
    </div>
  );
}

/** Three minutes through every real part, with nothing to choose. */
export function Practise() {
  const { say } = useWords();
  const { choose } = useSession();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const start = async () => {
    const started = await call("practice-start", {});
    if (!started) return;
    choose(started.reply.run);
    location.hash = addressOf("run");
  };
  return (
    <>
      <button type="button" className="primary" data-do="practise" disabled={busy || !online} aria-busy={busy} onClick={() => void start()}>
        {say("welcome.practise")}
      </button>
      <FaultLine fault={fault} onClose={dismiss} />
    </>
  );
}
