import type { Inspection } from "../../electron/core/doctor.ts";
import { type Card, cardsOf, type Example, fileName, type Weight } from "../doctor-cards.ts";
import { sayIfKnown } from "../text.ts";
import { useWords, type Words } from "../use-session.ts";
import { DoctorFix } from "./doctor-fix.tsx";
import { Shown } from "./shown.tsx";

const SHAPES: Readonly<Record<Weight | "fine", string>> = { stop: "✗", look: "!", note: "i", fine: "✓" };

export function DoctorReport({ report }: { readonly report: Inspection }) {
  const words = useWords();
  const { say, format } = words;
  const cards = cardsOf(report);
  const serious = cards.filter((card) => card.weight !== "note").length;
  return (
    <>
      <section className="card found" aria-labelledby="found-title" data-found={serious}>
        <h2 id="found-title" tabIndex={-1}>
          {serious === 0 ? say("doctor.clean") : say("doctor.found", { count: format.integer(serious) })}
        </h2>
        <ul className="files">
          {report.files.map((file) => (
            <li key={file.path}>
              <b>
                <Shown text={fileName(file.path)} />
              </b>{" "}
              <span className="soft">{fileWords(file, words)}</span>
            </li>
          ))}
        </ul>
        <p>{expectation(report, words)}</p>
      </section>
      {cards.length > 0 && (
        <ul className="finds" aria-label={say("doctor.finds")}>
          {cards.map((card) => (
            <Find key={card.key} card={card} />
          ))}
        </ul>
      )}
      <DoctorFix report={report} cards={cards} />
    </>
  );
}

function fileWords({ rows, bytes, formats, languages }: Inspection["files"][number], { say, format, language }: Words): string {
  const spoken = Object.entries(languages?.counts ?? {}).map(
    ([name, count]) => `${sayIfKnown(language, `doctor.language.${name}`) ?? name} ${format.integer(count)}`,
  );
  return [say("doctor.rows", { count: format.integer(rows) }), format.bytes(bytes), Object.keys(formats).join(", "), ...spoken].filter(Boolean).join(" · ");
}

/** What the rows themselves keep training from: the floor, in plain words. */
function expectation({ conflicts, expectation: { floor } }: Inspection, { say, format }: Words): string {
  const top = conflicts.top[0];
  if (!top) return say("doctor.no-floor");
  const values = {
    rows: format.integer(top.rows),
    answers: format.integer(top.answers),
    questions: format.integer(conflicts.questions),
    all: format.integer(conflicts.rows),
  };
  const shared = [say("doctor.floor", values), conflicts.questions > 1 ? say("doctor.floor-all", values) : ""].filter(Boolean).join(" ");
  if (floor.perToken !== null) return `${shared} ${say("doctor.floor-token", { floor: format.loss(floor.perToken) })}`;
  return floor.perAnswer === null ? shared : `${shared} ${say("doctor.floor-answer", { floor: format.loss(floor.perAnswer) })}`;
}

function Find({ card }: { readonly card: Card }) {
  const { say, format } = useWords();
  const values = { count: format.integer(card.count), of: format.integer(card.of), file: card.file ?? "" };
  return (
    <li className={`card find find-${card.weight}`} data-find={card.kind}>
      <span className="mark" aria-hidden="true">
        {SHAPES[card.weight]}
      </span>
      <div className="find-words">
        <p className="find-weight">
          <b>{say(`doctor.weight.${card.weight}`)}</b>
          {card.file && (
            <span className="soft">
              <Shown text={card.file} />
            </span>
          )}
        </p>
        <h3>{say(`doctor.title.${card.kind}`, values)}</h3>
        <p>{say(`doctor.why.${card.kind}`, values)}</p>
        {card.examples.length > 0 && (
          <ul className="examples">
            {card.examples.map((example) => (
              <li key={`${example.line} ${example.like ?? ""} ${example.bad ?? ""}`}>
                <ExampleWords example={example} kind={card.kind} />
              </li>
            ))}
          </ul>
        )}
        {card.mend && <p className="soft">{say(`doctor.mend.${card.mend}`)}</p>}
      </div>
    </li>
  );
}

function ExampleWords({ example: { line, like, bad, question }, kind }: { readonly example: Example; readonly kind: Card["kind"] }) {
  const { say, format, language } = useWords();
  const values = { line: format.integer(line), like: format.integer(like ?? 0) };
  if (question) {
    return (
      <>
        <Shown text={question.text} />{" "}
        <span className="soft">{say("doctor.example.question", { rows: format.integer(question.rows), answers: format.integer(question.answers) })}</span>
      </>
    );
  }
  if (bad) return <>{say("doctor.example.bad", { ...values, why: sayIfKnown(language, `doctor.bad.${bad}`) ?? bad })}</>;
  if (like === null) return <>{say("doctor.example.line", values)}</>;
  return <>{say(kind === "leaks" || kind === "near-leaks" ? "doctor.example.leak" : "doctor.example.repeat", values)}</>;
}
