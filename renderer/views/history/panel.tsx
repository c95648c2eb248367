import { type ReactNode, useEffect, useRef } from "react";

/** What is done with a run, under its row; who opened it stands in it. */
export function Panel({ name, label, children }: { readonly name: string; readonly label: string; readonly children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend that stands there twice
    <div ref={box} role="group" tabIndex={-1} className="past-doing panel" data-panel={name} aria-label={label}>
      {children}
    </div>
  );
}
