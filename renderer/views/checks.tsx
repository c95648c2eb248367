import type { Preflight } from "../../electron/core/api.ts";
import type { Check, Verdict } from "../../electron/core/preflight/checks.ts";
import { checkText } from "../../electron/core/words/checks.ts";
import { sayIfKnown } from "../text.ts";
import { useCall } from "../use-call.ts";
import { useView, useWords } from "../use-session.ts";
import { inWords } from "../values.ts";
import { FaultLine } from "./fault-line.tsx";
import { Shown } from "./shown.tsx";

const SHAPES: Readonly<Record<Verdict, string>> = { fix: "✗", warning: "!", unknown: "?", ok: "✓" };
const ORDER: readonly Verdict[] = ["fix", "warning", "unknown", "ok"];
const isOfPlan = ({ id }: Check) => id.startsWith("plan-");

/** Every line of the night check, what has to be mended first; the plan's own warnings apart, because nothing in the room mends them. */
export function Checks({ night, onFixed }: { readonly night: Preflight; readonly onFixed: () => void }) {
  const { say, format } = useWords();
  const sorted = [...night.checks].sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const ofPlan = sorted.filter(isOfPlan);
  return (
    <>
      {ofPlan.length > 0 && (
        <section className="card" aria-labelledby="plan-title">
          <h2 id="plan-title">{say("tonight.plan")}</h2>
          <List checks={ofPlan} onFixed={onFixed} />
        </section>
      )}
      <section className="card" aria-labelledby="checks-title">
        <h2 id="checks-title">{say("tonight.checks")}</h2>
        <List checks={sorted.filter((one) => !isOfPlan(one))} onFixed={onFixed} />
        {night.memory && (
          <p className="soft memory-parts">
            {say("tonight.memory", {
              peak: format.bytes(night.memory.peakBytes),
              weights: format.bytes(night.memory.weightsBytes),
              batch: format.bytes(night.memory.peakBytes - night.memory.weightsBytes - night.memory.adapterBytes),
            })}
          </p>
        )}
      </section>
    </>
  );
}

function List({ checks, onFixed }: { readonly checks: readonly Check[]; readonly onFixed: () => void }) {
  const { busy, fault, call, dismiss } = useCall();
  const reachable = useView((view) => view.link === "online");
  const fix = async (what: NonNullable<Check["fixable"]>) => {
    if (await call("preflight-fix", { fix: what })) onFixed();
  };
  return (
    <>
      <ul className="checks">
        {checks.map((check) => (
          <Line key={`${check.id} ${check.key}`} check={check} disabled={busy || !reachable} onFix={fix} />
        ))}
      </ul>
      <FaultLine fault={fault} onClose={dismiss} />
    </>
  );
}

interface LineProps {
  readonly check: Check;
  readonly disabled: boolean;
  readonly onFix: (what: NonNullable<Check["fixable"]>) => void;
}

function Line({ check, disabled, onFix }: LineProps) {
  const words = useWords();
  const { language, say } = words;
  const { fixable, verdict, id } = check;
  return (
    <li className={`check check-${verdict}`} data-check={id} data-verdict={verdict}>
      <span className="mark" aria-hidden="true">
        {SHAPES[verdict]}
      </span>
      <span className="check-words">
        <span className="check-name">
          <b>{say(`check.verdict.${verdict}`)}</b> <span className="soft">{sayIfKnown(language, `check.name.${id}`) ?? id}</span>
        </span>
        <Shown text={checkText(words, check, (values) => inWords(values, words))} />
      </span>
      {fixable && (
        <button type="button" data-fix={fixable} disabled={disabled} onClick={() => onFix(fixable)}>
          {say(`fix.${fixable}`)}
        </button>
      )}
    </li>
  );
}
