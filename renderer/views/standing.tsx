import { useState } from "react";
import type { HomeState } from "../../electron/core/home.ts";
import { type Told, unseen } from "../../electron/core/notices/ledger.ts";
import { bodyOf, titleOf } from "../../electron/core/notices/words.ts";
import { CATALOGUES } from "../text.ts";
import { useCall } from "../use-call.ts";
import { useNow, useView, useWords } from "../use-session.ts";
import { inWords } from "../values.ts";
import { FaultLine } from "./fault-line.tsx";
import { Shown } from "./shown.tsx";

const FIRST_SHOWN = 3;

/** What was told and not seen yet stands on top of every view, what needs its person first. */
export function Standing({ home }: { readonly home: HomeState }) {
  const { say, format } = useWords();
  const { busy, fault, call, dismiss } = useCall();
  const reachable = useView((view) => view.link === "online");
  const [all, setAll] = useState(false);
  const standing = unseen(home.notices).filter((one) => one.level !== "quiet");
  const sorted = [...standing.filter((one) => one.level === "urgent"), ...standing.filter((one) => one.level !== "urgent")];
  const rest = sorted.length - FIRST_SHOWN;
  if (sorted.length === 0) return null;
  const see = (id: string | null) => void call("notice-seen", { id });
  return (
    <section className="standing" aria-label={say("standing.title")}>
      <ul>
        {(all ? sorted : sorted.slice(0, FIRST_SHOWN)).map((one) => (
          <Notice key={one.id} told={one} disabled={busy || !reachable} onSeen={() => see(one.id)} />
        ))}
      </ul>
      {sorted.length > 1 && (
        <p className="standing-all">
          {rest > 0 && (
            <button type="button" className="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? say("standing.fewer") : say("standing.more", { count: format.integer(rest) })}
            </button>
          )}
          <button type="button" className="quiet" data-do="seen-all" disabled={busy || !reachable} onClick={() => see(null)}>
            {say("standing.seen-all")}
          </button>
        </p>
      )}
      <FaultLine fault={fault} onClose={dismiss} />
    </section>
  );
}

const SHAPES = { urgent: "!", good: "✓", normal: "•" } as const;

/** That you can sleep is good news; what is urgent is not. */
function toneOf({ level, key }: Told): keyof typeof SHAPES {
  if (level === "urgent") return "urgent";
  return (key.startsWith("first-half-hour") && !key.endsWith("-no-end")) || key === "deployed" || key === "finished-better" ? "good" : "normal";
}

function Notice({ told, disabled, onSeen }: { readonly told: Told; readonly disabled: boolean; readonly onSeen: () => void }) {
  const words = useWords();
  const { language, say, format } = words;
  const nowMs = useNow(60_000);
  const tone = toneOf(told);
  const said = { key: told.key, values: inWords(told.values, words) };
  const title = titleOf(said, CATALOGUES[language]);
  return (
    <li className={`notice notice-${tone}`} data-notice={told.key}>
      <span className="shape" aria-hidden="true">
        {SHAPES[tone]}
      </span>
      <p>
        <strong>
          <Shown text={title} />
        </strong>{" "}
        <Shown text={bodyOf(said, CATALOGUES[language])} />{" "}
        <time className="soft" dateTime={new Date(told.at).toISOString()}>
          {format.when(told.at, nowMs)}
        </time>
      </p>
      <button type="button" data-do="seen" disabled={disabled} onClick={onSeen} aria-label={say("standing.seen-one", { title })}>
        {say("standing.seen")}
      </button>
    </li>
  );
}
