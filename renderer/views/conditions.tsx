/** What stands where a run would: nothing yet, not reached, not let in. */
import { useView, useWords } from "../use-session.ts";

const OPEN_AGAIN = "npx thortime serve";
const PRACTICE = "npx thortime practice";

export function Loading({ text }: { readonly text: string }) {
  return (
    <div className="condition" role="status">
      <span className="spinner" aria-hidden="true" />
      <p className="soft">{text}</p>
    </div>
  );
}

export function EmptyHome() {
  const { say } = useWords();
  return (
    <div className="condition">
      <h1>{say("empty.title")}</h1>
      <p>{say("empty.text")}</p>
      <code className="command">{PRACTICE}</code>
    </div>
  );
}

export function Refused() {
  const { say } = useWords();
  return (
    <div className="condition" role="alert">
      <h1>{say("link.refused")}</h1>
      <p>{say("link.refused-next")}</p>
      <code className="command">{OPEN_AGAIN}</code>
    </div>
  );
}

export function OfflineBar() {
  const { say } = useWords();
  const offline = useView((view) => view.link === "offline");
  // The region stands always, so that a screen reader hears what comes into it.
  return (
    <div role="status" className={offline ? "bar" : "bar-none"}>
      {offline && (
        <p>
          <strong>{say("link.offline")}</strong> {say("link.offline-next")}
        </p>
      )}
    </div>
  );
}
