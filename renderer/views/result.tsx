import type { ReactNode } from "react";
import type { Phase } from "../../electron/core/events.ts";
import { againstVerdict, offersOf, verdictOf } from "../../electron/core/selectors.ts";
import type { RunState } from "../../electron/core/state.ts";
import { faultIn, said } from "../../electron/core/words/words.ts";
import { useWords, type Words } from "../use-session.ts";
import { Shown } from "./shown.tsx";

/** The evidence, line by line; a line stands here once its event is in the journal. */
export function Result({ run }: { readonly run: RunState }) {
  const { say } = useWords();
  const lines = [
    run.comparison && <HeldOut key="held-out" run={run} />,
    run.trained && <Trained key="trained" run={run} />,
    (run.gguf || blocked(run, ["after", "merge", "export"])) && <Gguf key="gguf" run={run} />,
    run.reported && <Report key="report" path={run.reported.event.path} />,
    (run.deployed || run.smoke || (run.gguf && blocked(run, ["deploy"]))) && <Ollama key="ollama" run={run} />,
  ].filter(Boolean);
  if (lines.length === 0) return null;
  return (
    <section className="card result" aria-labelledby="result-title">
      <h2 id="result-title">{say("result.title")}</h2>
      <dl>{lines}</dl>
    </section>
  );
}

function Line({ name, label, children }: { readonly name: string; readonly label: string; readonly children: ReactNode }) {
  return (
    <div data-result={name}>
      <dt className="soft">{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function HeldOut({ run }: { readonly run: RunState }) {
  const { say, format } = useWords();
  const verdict = verdictOf(run);
  const { comparison, prepared } = run;
  if (!comparison || !verdict) return null;
  const interval = {
    difference: format.difference(comparison.difference),
    low: format.difference(comparison.low),
    high: format.difference(comparison.high),
    rows: format.integer(comparison.rows),
  };
  return (
    <Line name="held-out" label={say("result.held-out")}>
      <b>
        {format.loss(comparison.before)} → {format.loss(comparison.after)}
      </b>{" "}
      <span className={`verdict verdict-${verdict}`}>{say(`result.${verdict}`)}</span>
      <p className="soft">{say("result.interval", interval)}</p>
      {prepared && prepared.leakedRows > 0 && <p className="soft">{say("result.leaked", { count: format.integer(prepared.leakedRows) })}</p>}
    </Line>
  );
}

function Trained({ run }: { readonly run: RunState }) {
  const { say, format } = useWords();
  const { trained } = run;
  if (!trained) return null;
  return (
    <Line name="train" label={say("result.train")}>
      <b>
        {format.loss(trained.firstLoss)} → {format.loss(trained.lastLoss)}
      </b>
      <p className="soft">{say("result.steps", { steps: format.integer(trained.steps), duration: format.seconds(trained.seconds) })}</p>
    </Line>
  );
}

function Gguf({ run }: { readonly run: RunState }) {
  const { say, format } = useWords();
  const { gguf } = run;
  if (!gguf) return <WhyNot run={run} name="gguf" label={say("result.gguf")} phases={["after", "merge", "export"]} />;
  const detail = { quantization: gguf.quantization, bytes: format.bytes(gguf.bytes), tensors: format.integer(gguf.tensors), architecture: gguf.architecture };
  return (
    <Line name="gguf" label={say("result.gguf")}>
      <code className="path">
        <Shown text={gguf.path} />
      </code>
      <p className="soft">
        <Shown text={say("result.gguf-detail", detail)} />
      </p>
    </Line>
  );
}

function Ollama({ run }: { readonly run: RunState }) {
  const words = useWords();
  const { say, format } = words;
  const { deployed, smoke } = run;
  if (!deployed && !smoke) return <WhyNot run={run} name="ollama" label={say("result.ollama")} phases={["deploy"]} />;
  return (
    <Line name="ollama" label={say("result.ollama")}>
      {deployed && (
        <b>
          <Shown text={say("result.ollama-live", { name: deployed.name })} />
        </b>
      )}
      {againstVerdict(run) && <p className="soft">{say("verdict.against")}</p>}
      {smoke && (
        <figure className="said">
          <figcaption className="soft">
            {smoke.passed ? (
              say("result.smoke", { duration: format.seconds(smoke.seconds) })
            ) : (
              <Shown text={say("result.smoke-failed", { reason: said(words, smoke.reason).text })} />
            )}{" "}
            · <Shown text={smoke.prompt} />
          </figcaption>
          <blockquote>
            <Shown text={smoke.answer} />
          </blockquote>
        </figure>
      )}
    </Line>
  );
}

/** A page of its own, opened from disk: the window shows where it lies. */
function Report({ path }: { readonly path: string }) {
  const { say } = useWords();
  return (
    <Line name="report" label={say("report.path")}>
      <code className="path">
        <Shown text={path} />
      </code>
    </Line>
  );
}

/** One sentence and what to do next. */
function WhyNot({ run, name, label, phases }: { readonly run: RunState; readonly name: string; readonly label: string; readonly phases: readonly Phase[] }) {
  const words = useWords();
  const { say } = words;
  const reason = reasonOf(run, phases, words);
  if (!reason) return null;
  const next = reason.next ?? (offersOf(run).includes("deploy") ? say("result.next-deploy") : null);
  return (
    <Line name={name} label={label}>
      <Shown text={say("result.why-not", { why: reason.why })} />
      {next && (
        <p className="soft">
          <Shown text={next} />
        </p>
      )}
    </Line>
  );
}

function blocked(run: RunState, phases: readonly Phase[]): boolean {
  return phases.some((phase) => run.phases[phase].status === "failed" || run.phases[phase].status === "skipped");
}

function reasonOf(run: RunState, phases: readonly Phase[], words: Words): { why: string; next: string | null } | null {
  for (const phase of phases) {
    const { status, fault, why, held } = run.phases[phase];
    if (status === "skipped" && held && held !== "go") return { why: words.say(`verdict.held.${held}`), next: null };
    if (status === "failed" && fault) {
      const { message, next } = faultIn(words, fault);
      return { why: message, next };
    }
    if (status === "skipped" && why) return { why: said(words, why).text, next: null };
  }
  return null;
}
