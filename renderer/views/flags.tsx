import { flagsOf } from "../../electron/core/notices/flags.ts";
import { bodyOf, titleOf } from "../../electron/core/notices/words.ts";
import type { RunState } from "../../electron/core/state.ts";
import { CATALOGUES } from "../text.ts";
import { useView, useWords } from "../use-session.ts";
import { inWords } from "../values.ts";
import { Shown } from "./shown.tsx";

/** What is wrong with the night now, by the engine's own rules; a flag that is told above already is not said twice. */
export function Flags({ run }: { readonly run: RunState }) {
  const words = useWords();
  const { language, say } = words;
  const told = useView((view) => view.home?.notices ?? null);
  if (run.phases.train.status !== "running") return null;
  // A temperature over red counts after a minute by the engine's own stopwatch: that flag comes as its notice, the tile shows the degrees at once.
  const flags = flagsOf(run, { redSeconds: 0, celsius: null, logErrors: 0, forecastSeconds: run.forecast?.highSeconds ?? null }).filter(
    ({ kind }) => !told?.some((one) => one.run === run.id && one.seenAt === null && one.key === `flag-${kind}`),
  );
  if (flags.length === 0) return null;
  return (
    <section className="card flags" aria-labelledby="flags-title">
      <h2 id="flags-title">{say("flags.title")}</h2>
      <ul>
        {flags.map((flag) => {
          const { kind } = flag;
          const said = { key: `flag-${kind}`, values: inWords({ run: run.name, ...flag.values }, words) };
          return (
            <li key={kind} data-flag={kind}>
              <span className="shape" aria-hidden="true">
                ⚑
              </span>
              <p>
                <strong>
                  <Shown text={titleOf(said, CATALOGUES[language])} />
                </strong>{" "}
                <Shown text={bodyOf(said, CATALOGUES[language])} />
              </p>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
