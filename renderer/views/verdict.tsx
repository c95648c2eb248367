import { againstVerdict } from "../../electron/core/selectors.ts";
import type { RunState } from "../../electron/core/state.ts";
import { deployLines } from "../../electron/core/verdict/deploy-lines.ts";
import type { Line } from "../../electron/core/verdict/judgement.ts";
import { baselineText, categoryName, categoryText, criterionText, earlyText, figureText, takenText } from "../../electron/core/words/lines.ts";
import { useWords } from "../use-session.ts";
import { BlindLine } from "./blind.tsx";
import { Shown } from "./shown.tsx";

const MARKS = { true: "✓", false: "✗", null: "?" } as const;

/** The gate's word, then each line it stands on: what was asked, what was found, and what made it fail. */
export function Verdict({ run }: { readonly run: RunState }) {
  const words = useWords();
  const { say } = words;
  const { judged } = run;
  if (!judged) return null;
  const categories = judged.categories ?? [];
  const notes = [takenText(judged, words), earlyText(judged, words), baselineText(run.baseline, words)].filter((text) => text !== null);
  return (
    <section className="card verdict-card" aria-labelledby="verdict-title">
      <h2 id="verdict-title">{say("verdict.title")}</h2>
      <p className={`decision decision-${judged.decision}`} data-decision={judged.decision}>
        <b>{say(`verdict.${judged.decision}`)}</b> {say(`verdict.${judged.decision}.text`)}
      </p>
      {run.picks.length > 0 && (
        <p data-blind>
          <BlindLine run={run} />
        </p>
      )}
      {againstVerdict(run) && <p data-against>{say("verdict.against")}</p>}
      <ul className="criteria">
        {[...judged.lines, ...deployLines(run)].map((line) => (
          <Criterion key={line.criterion} line={line} run={run} />
        ))}
      </ul>
      {categories.length > 0 && (
        <dl className="categories">
          {categories.map((grade) => (
            <div key={grade.category} data-category={grade.category}>
              <dt>
                <Shown text={categoryName(grade.category, words)} />
              </dt>
              <dd className="soft">
                <Shown text={categoryText(grade, run.baseline?.name ?? null, words)} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {notes.map((text) => (
        <p key={text} className="soft">
          <Shown text={text} />
        </p>
      ))}
      {judged.decision !== "go" && judged.levers.length > 0 && (
        <p className="soft">{say("verdict.try", { levers: judged.levers.map((lever) => say(`verdict.lever.${lever}`)).join(" · ") })}</p>
      )}
    </section>
  );
}

export function Criterion({ line, run }: { readonly line: Line; readonly run: RunState }) {
  const words = useWords();
  const { say, format } = words;
  const { criterion, passed, value, low, high, evidence } = line;
  const mark = MARKS[`${passed}`];
  return (
    <li data-criterion={criterion} className={`criterion criterion-${passed}`}>
      <span aria-hidden="true" className="mark">
        {mark}
      </span>
      <span className="unseen">{say(`verdict.mark.${passed}`)}</span>
      <span>
        {criterionText(line, words)}{" "}
        {low !== undefined && high !== undefined && <span className="soft">{say("verdict.interval", { low: format.loss(low), high: format.loss(high) })}</span>}
        {passed === false && evidence.length > 0 && (
          <ul className="soft evidence">
            {evidence.map((found) => (
              <li key={`${found.prompt}-${found.check}-${found.text}`}>
                {say(`verdict.check.${found.check}`)} <Shown text={run.answers.find((answer) => answer.prompt === found.prompt)?.text ?? found.prompt} />
                {found.text !== "" && (
                  <>
                    {" — "}
                    <Shown text={found.text} />
                  </>
                )}
              </li>
            ))}
          </ul>
        )}
      </span>
      <b className="found">{figureText(line, value, words)}</b>
    </li>
  );
}
