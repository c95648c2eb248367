import { Component, type ReactNode } from "react";
import { useWords } from "../use-session.ts";

/** A defect in a view must not leave a white window: it says so, and that the run goes on. */
export class Guard extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { say } = useWords();
  return (
    <main id="main" className="condition" role="alert">
      <h1>{say("app.broken")}</h1>
      <p>{say("app.broken-next")}</p>
      <button type="button" className="primary" onClick={() => location.reload()}>
        {say("app.reload")}
      </button>
    </main>
  );
}
