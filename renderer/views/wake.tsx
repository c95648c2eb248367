import { useRef, useState } from "react";
import type { Wake as Commands } from "../../electron/core/evening/window.ts";
import { useWords } from "../use-session.ts";

/** A sleeping Mac wakes by `pmset` only, which asks for a password: offered to be typed, never done. */
export function Wake({ wake }: { readonly wake: Commands }) {
  const { say } = useWords();
  return (
    <details className="wake">
      <summary>{say("night.wake-show")}</summary>
      <p className="soft">{say("night.wake")}</p>
      <Line name="once" label={say("night.wake-once")} command={wake.once} />
      <Line name="nightly" label={say("night.wake-nightly")} command={wake.nightly} />
      <Line name="undo" label={say("night.wake-undo")} command={wake.undo} />
    </details>
  );
}

type Copied = "no" | "yes" | "marked";

function Line({ name, label, command }: { readonly name: string; readonly label: string; readonly command: string }) {
  const { say } = useWords();
  const box = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState<Copied>("no");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(command);
      setCopied("yes");
    } catch {
      // Not every window may write to the clipboard; every person may.
      if (box.current) getSelection()?.selectAllChildren(box.current);
      setCopied("marked");
    }
  };
  return (
    <div className="wake-line" data-wake={name}>
      <span>{label}</span>
      <code ref={box} className="command">
        {command}
      </code>
      <button type="button" data-do={`copy-${name}`} aria-label={`${say("night.copy")}: ${label}`} onClick={copy}>
        {say("night.copy")}
      </button>
      <span role="status" className="soft">
        {copied === "yes" && say("night.copied")}
        {copied === "marked" && say("night.copy-yourself")}
      </span>
    </div>
  );
}
