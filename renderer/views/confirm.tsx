import { useEffect, useId, useRef } from "react";

interface ConfirmProps {
  readonly question: string;
  readonly yes: string;
  readonly no: string;
  /** What the buttons are for, as a test and a style sheet name them. */
  readonly name: string;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

/** In place, with the safe answer focused; Escape is no. */
export function Confirm({ question, yes, no, name, onYes, onNo }: ConfirmProps) {
  const safe = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => safe.current?.focus(), []);
  return (
    <div className="controls confirm" role="alertdialog" aria-labelledby={id} onKeyDown={(event) => event.key === "Escape" && onNo()}>
      <p id={id}>{question}</p>
      <div className="buttons">
        <button type="button" data-do={`${name}-yes`} className="danger" onClick={onYes}>
          {yes}
        </button>
        <button type="button" data-do={`${name}-no`} ref={safe} onClick={onNo}>
          {no}
        </button>
      </div>
    </div>
  );
}
