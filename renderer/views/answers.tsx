import type { Answer, RunState } from "../../electron/core/state.ts";
import { sayIfKnown } from "../text.ts";
import { useWords } from "../use-session.ts";
import { Shown } from "./shown.tsx";

export function Answers({ run }: { readonly run: RunState }) {
  const { language, say, format } = useWords();
  const categories = [...new Set(run.answers.map((answer) => answer.category))];
  const both = run.answers.filter((answer) => answer.before !== null && answer.after !== null);
  const changed = both.filter((answer) => answer.before !== answer.after).length;
  return (
    <section className="card answers" aria-labelledby="answers-title">
      <div className="card-head">
        <h2 id="answers-title">{say("answers.title")}</h2>
        {both.length > 0 && <p className="soft">{say("answers.changed", { changed: format.integer(changed), total: format.integer(both.length) })}</p>}
      </div>
      {categories.map((category) => (
        <section key={category} aria-label={sayIfKnown(language, `category.${category}`) ?? category}>
          <h3>
            <Shown text={sayIfKnown(language, `category.${category}`) ?? category} />
          </h3>
          {run.answers
            .filter((answer) => answer.category === category)
            .map((answer) => (
              <Pair key={answer.prompt} answer={answer} />
            ))}
        </section>
      ))}
    </section>
  );
}

function Pair({ answer }: { readonly answer: Answer }) {
  const { say } = useWords();
  return (
    <article className="pair">
      <p className="question">
        <Shown text={answer.text} />
      </p>
      <dl>
        <div>
          <dt className="soft">{say("answers.before")}</dt>
          <dd>
            <Said text={answer.before} />
          </dd>
        </div>
        <div>
          <dt className="soft">{say("answers.after")}</dt>
          <dd>
            <Said text={answer.after} />
          </dd>
        </div>
      </dl>
    </article>
  );
}

function Said({ text }: { readonly text: string | null }) {
  const { say, format } = useWords();
  if (text === null) return <span className="soft none">{say("answers.not-asked")}</span>;
  if (text.trim() === "") return <span className="soft none">{say("answers.nothing")}</span>;
  return <Shown text={text} more={(count) => say("answers.cut", { count: format.integer(count) })} />;
}
