import { useNight } from "../../use-night.ts";
import { useView, useWords } from "../../use-session.ts";
import { Checks } from "../checks.tsx";
import { Loading } from "../conditions.tsx";
import { FaultLine } from "../fault-line.tsx";

/** The night check of this computer, before there is a run. */
export function NightStep() {
  const { say } = useWords();
  const { night, looking, fault, dismiss, look } = useNight(null, null);
  const online = useView((view) => view.link === "online");
  if (!night) return fault ? <FaultLine fault={fault} onClose={dismiss} /> : <Loading text={say("tonight.looking")} />;
  return (
    <>
      <Checks night={night} onFixed={look} />
      <div className="buttons">
        <button type="button" data-do="look" disabled={looking || !online} aria-busy={looking} onClick={look}>
          {say("tonight.look")}
        </button>
      </div>
    </>
  );
}
