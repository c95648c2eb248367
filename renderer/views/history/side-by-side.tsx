import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Comparison, SettingValue, Side } from "../../../electron/core/compare.ts";
import type { Line } from "../../../electron/core/verdict/judgement.ts";
import { criterionText, figureText } from "../../../electron/core/words/lines.ts";
import { useCall } from "../../use-call.ts";
import { useView, useWords } from "../../use-session.ts";
import { Loading } from "../conditions.tsx";
import { FaultLine } from "../fault-line.tsx";
import { Shown } from "../shown.tsx";
import { PairPlot } from "./pair-plot.tsx";

const MARKS = { true: "✓", false: "✗", null: "?" } as const;

/** Two runs: what they came to, both curves, what was set differently, both verdicts line by line. */
export function SideBySide({ a, b, onClose }: { readonly a: string; readonly b: string; readonly onClose: () => void }) {
  const { say } = useWords();
  const { fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [both, setBoth] = useState<Comparison | null>(null);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus();
  }, []);
  useEffect(() => {
    if (online) void call("runs-compare", { a, b }).then((done) => done && setBoth(done.reply));
  }, [call, online, a, b]);
  return (
    <section className="card pair-card" aria-labelledby="pair-title">
      <div className="card-head">
        <h2 id="pair-title" ref={title} tabIndex={-1}>
          {say("history.pair")}
        </h2>
        <button type="button" className="quiet" data-do="pair-close" onClick={onClose}>
          {say("do.dismiss")}
        </button>
      </div>
      <FaultLine fault={fault} onClose={dismiss} />
      {both ? <Both both={both} /> : !fault && <Loading text={say("history.loading")} />}
    </section>
  );
}

function Both({ both }: { readonly both: Comparison }) {
  const words = useWords();
  const { say } = words;
  return (
    <>
      <Table both={both} caption={say("pair.figures")}>
        <Figures both={both} />
      </Table>
      <PairPlot both={both} />
      {both.settings.length === 0 ? (
        <p className="soft">{say("pair.alike")}</p>
      ) : (
        <Table both={both} caption={say("pair.settings")}>
          {both.settings.map(({ key, a, b }) => (
            <Row key={key} name="setting" label={<code>{key}</code>} a={<Shown text={setting(a)} />} b={<Shown text={setting(b)} />} />
          ))}
        </Table>
      )}
      {both.lines.length > 0 && (
        <Table both={both} caption={say("pair.lines")}>
          {both.lines.map(({ criterion, a, b }) => {
            const line = a ?? b;
            return line && <Row key={criterion} name="line" label={criterionText(line, words)} a={<Found line={a} />} b={<Found line={b} />} />;
          })}
        </Table>
      )}
    </>
  );
}

function setting(value: SettingValue): string {
  return value === null ? "–" : String(value).slice(0, 200);
}

function Table({ both, caption, children }: { readonly both: Comparison; readonly caption: string; readonly children: ReactNode }) {
  const head = (side: Side, letter: string) => (
    <th scope="col" className={`side-${letter.toLowerCase()}`}>
      {letter}
      <span className="unseen"> {side.name}</span>
    </th>
  );
  return (
    <table className="pair-table">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <td />
          {head(both.a, "A")}
          {head(both.b, "B")}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

interface RowProps {
  readonly name: string;
  readonly label: ReactNode;
  readonly a: ReactNode;
  readonly b: ReactNode;
}

function Row({ name, label, a, b }: RowProps) {
  return (
    <tr data-row={name}>
      <th scope="row">{label}</th>
      <td>{a}</td>
      <td>{b}</td>
    </tr>
  );
}

function Figures({ both: { a, b } }: { readonly both: Comparison }) {
  const { say, format } = useWords();
  const row = (name: string, label: string, show: (side: Side) => ReactNode) => <Row name={name} label={label} a={show(a)} b={show(b)} />;
  const arrow = (first: number | null, last: number | null) => (last === null ? "–" : `${format.loss(first)} → ${format.loss(last)}`);
  return (
    <>
      {row("run", say("nav.run"), (side) => (
        <b>
          <Shown text={side.name} />
        </b>
      ))}
      {row("day", say("pair.day"), (side) => format.day(side.createdAt))}
      {row("status", say("pair.status"), (side) => say(`status.${side.status}`))}
      {row("verdict", say("verdict.title"), (side) =>
        side.decision === null ? say("history.no-verdict") : <b className={`word-${side.decision}`}>{say(`verdict.${side.decision}`)}</b>,
      )}
      {row("loss", say("tile.loss"), (side) => arrow(side.curve[0]?.loss ?? null, side.curve.at(-1)?.loss ?? null))}
      {row("held-out", say("tile.held-out"), (side) => arrow(side.heldOutBefore, side.heldOutAfter))}
      {row("steps", say("tile.step"), (side) => say("history.steps", { done: format.integer(side.steps), total: format.integer(side.totalSteps) }))}
      {row("trained", say("pair.trained"), (side) => (side.trainSeconds > 0 ? format.seconds(side.trainSeconds) : "–"))}
      {row("memory", say("pair.memory"), (side) => format.bytes(side.peakBytes))}
      {row("from", say("pair.from"), (side) => (side.from === null ? "–" : <Shown text={side.from.run} />))}
      {row("ollama", say("pair.ollama"), (side) => (side.deployedAs === null ? "–" : <Shown text={side.deployedAs} />))}
    </>
  );
}

function Found({ line }: { readonly line: Line | null }) {
  const words = useWords();
  if (!line) return "–";
  return (
    <span className={`criterion-${line.passed}`}>
      <span aria-hidden="true" className="mark">
        {MARKS[`${line.passed}`]}
      </span>
      <span className="unseen">{words.say(`verdict.mark.${line.passed}`)}</span> {figureText(line, line.value, words)}
    </span>
  );
}
