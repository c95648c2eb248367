import type { Fault } from "../../electron/core/faults.ts";
import { faultIn } from "../../electron/core/words/words.ts";
import { useWords } from "../use-session.ts";
import { Shown } from "./shown.tsx";

/** What was refused, and what to do about it; stands until it is closed. */
export function FaultLine({ fault, onClose }: { readonly fault: Fault | null; readonly onClose: () => void }) {
  const words = useWords();
  if (!fault) return null;
  const { message, next, known } = faultIn(words, fault);
  const lang = known ? undefined : "en";
  return (
    <div className="refused" role="alert">
      <p>
        <strong>
          <Shown text={message} lang={lang} />
        </strong>{" "}
        <Shown text={next} lang={lang} />
      </p>
      <button type="button" className="quiet" onClick={onClose}>
        {words.say("do.dismiss")}
      </button>
    </div>
  );
}
