import type { ReactNode } from "react";
import { Term, type TermName } from "./term.tsx";

const SHAPES = { fine: "✓", look: "!", note: "i" } as const;

interface ToolProps {
  readonly name: string;
  readonly state: keyof typeof SHAPES;
  readonly title: string;
  readonly term: TermName | null;
  readonly children: ReactNode;
}

/** A card with a state: shape, title, what to do. */
export function Tool({ name, state, title, term, children }: ToolProps) {
  return (
    <section className={`card find find-${state}`} data-tool={name} data-state={state}>
      <span className="mark" aria-hidden="true">
        {SHAPES[state]}
      </span>
      <div className="find-words">
        <h2>{title}</h2>
        {children}
        {term && (
          <p className="terms">
            <Term name={term} />
          </p>
        )}
      </div>
    </section>
  );
}
