import type { Answer, RunState } from "../../electron/core/state.ts";
import { sayIfKnown } from "../text.ts";
import { useWords } from "../use-session.ts";
import { Shown } from "./shown.tsx";

/** The same questions before and after, side by side; until there is an after, no column waits for it. */
export function Answers({ run }: { readonly run: RunState }) {
  const { language, say, format } = useWords();
  const categories = [...new Set(run.answers.map((answer) => answer.category))];
  const both = run.answers.filter((answer) => answer.before !== null && answer.after !== null);
  const changed = both.filter((answer) => answer.before !== answer.after).length;
  const twoSided = run.answers.some((answer) => answer.after !== null);
  const daily = run.answers.some((answer) => answer.baseline !== null) ? (run.baseline?.name ?? say("answers.baseline")) : null;
  return (
    <section className={`card answers ${twoSided ? "two-sided" : ""} ${daily === null ? "" : "three-sided"}`} aria-labelledby="answers-title">
      <div className="card-head">
        <h2 id="answers-title">{say(twoSided ? "answers.title" : "answers.title-before")}</h2>
        {both.length > 0 && <p className="soft">{say("answers.changed", { changed: format.integer(changed), total: format.integer(both.length) })}</p>}
      </div>
      {twoSided && (
        <p className="columns-head soft" aria-hidden="true">
          <span>{say("answers.before")}</span>
          <span>{say("answers.after")}</span>
          {daily !== null && (
            <span>
              <Shown text={daily} />
            </span>
          )}
        </p>
      )}
      {categories.map((category) => {
        const name = sayIfKnown(language, `category.${category}`) ?? category;
        return (
          <section key={category} aria-label={name}>
            <h3>
              <Shown text={name} />
            </h3>
            {run.answers
              .filter((answer) => answer.category === category)
              .map((answer) => (
                <Pair key={answer.prompt} answer={answer} twoSided={twoSided} daily={daily} />
              ))}
          </section>
        );
      })}
    </section>
  );
}

function Pair({ answer, twoSided, daily }: { readonly answer: Answer; readonly twoSided: boolean; readonly daily: string | null }) {
  const { say } = useWords();
  const { before, after, baseline, text } = answer;
  return (
    <dl className="pair" data-prompt={answer.prompt}>
      <dt className="question">
        <Shown text={text} />
      </dt>
      <dd className={after !== null && before !== after ? "soft" : ""}>
        <span className="side soft">{say("answers.before")}</span>
        <Said text={before} />
      </dd>
      {twoSided && (
        <dd className={before === after ? "soft" : ""}>
          <span className="side soft">{say("answers.after")}</span>
          <Said text={after} />
        </dd>
      )}
      {daily !== null && (
        <dd>
          <span className="side soft">
            <Shown text={daily} />
          </span>
          <Said text={baseline} />
        </dd>
      )}
    </dl>
  );
}

function Said({ text }: { readonly text: string | null }) {
  const { say, format } = useWords();
  if (text === null) return <span className="none">{say("answers.not-asked")}</span>;
  if (text.trim() === "") return <span className="none">{say("answers.nothing")}</span>;
  return <Shown text={text} more={(count) => say("answers.cut", { count: format.integer(count) })} />;
}
