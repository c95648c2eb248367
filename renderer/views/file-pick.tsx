import { type DragEvent, type ReactNode, useId, useRef, useState } from "react";
import { knowsPaths, pathOfFile } from "../link.ts";
import { useWords } from "../use-session.ts";

interface PickProps {
  readonly name: string;
  readonly label: ReactNode;
  readonly hint: string;
  readonly placeholder?: string;
  readonly path: string;
  readonly wrong?: string | null;
  readonly onPath: (path: string) => void;
}

/** A file on this computer: dropped, chosen, or its path written. A browser does not say where a dropped file lies, so there the path is written. */
export function FilePick({ name, label, hint, placeholder = "~/rows.jsonl", path, wrong = null, onPath }: PickProps) {
  const { say } = useWords();
  const id = useId();
  const chooser = useRef<HTMLInputElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [unknown, setUnknown] = useState<string | null>(null);
  const take = (file: File | undefined) => {
    if (!file) return;
    const found = pathOfFile(file);
    setUnknown(found ? null : file.name);
    if (found) onPath(found);
    else field.current?.focus();
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  const onDragOver = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; button and field are the first
    <div className={over ? "pick pick-over" : "pick"} data-pick={name} onDrop={onDrop} onDragOver={onDragOver} onDragLeave={() => setOver(false)}>
      <div className="pick-label">
        <label htmlFor={id}>{label}</label>
      </div>
      <p id={`${id}-hint`} className="soft">
        {hint}
      </p>
      <div className="pick-row">
        <input
          ref={field}
          id={id}
          type="text"
          className="wide"
          spellCheck={false}
          autoComplete="off"
          placeholder={placeholder}
          value={path}
          aria-invalid={wrong !== null}
          aria-describedby={`${id}-hint ${id}-note`}
          onChange={(event) => onPath(event.target.value)}
        />
        {knowsPaths() && (
          <>
            <input ref={chooser} type="file" className="unseen" tabIndex={-1} aria-hidden="true" onChange={(event) => take(event.target.files?.[0])} />
            <button type="button" data-do={`choose-${name}`} onClick={() => chooser.current?.click()}>
              {say("pick.choose")}
            </button>
          </>
        )}
      </div>
      <p id={`${id}-note`} className={wrong ? "wrong" : "soft"} role="status">
        {wrong ?? (unknown === null ? "" : say("pick.unknown", { file: unknown }))}
      </p>
    </div>
  );
}
