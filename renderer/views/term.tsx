import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from "react";
import { useWords } from "../use-session.ts";

export type TermName = "held-out" | "base-model" | "ollama" | "python" | "checkpoint" | "gguf" | "near" | "loss" | "terms";

const MARGIN_PX = 12;

/** A word of the trade, explained one hover or one focus away; Escape takes the explanation away again, and a pointer may rest on it. */
export function Term({ name }: { readonly name: TermName }) {
  const { say } = useWords();
  const id = useId();
  const tip = useRef<HTMLSpanElement>(null);
  const [open, setOpen] = useState(false);
  useLayoutEffect(() => {
    const box = tip.current;
    if (!open || !box) return;
    box.style.left = "0";
    const { left, right } = box.getBoundingClientRect();
    const over = right - (document.documentElement.clientWidth - MARGIN_PX);
    box.style.left = `${-Math.min(Math.max(0, over), left - MARGIN_PX)}px`;
  }, [open]);
  const onKeyDown = (event: KeyboardEvent) => event.key === "Escape" && setOpen(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the pointer may go on to the explanation without losing it
    <span className="term" onMouseEnter={() => setOpen(true)} onMouseLeave={() => setOpen(false)}>
      <button
        type="button"
        aria-describedby={id}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
        onClick={() => setOpen(true)}
      >
        {say(`term.word.${name}`)}
      </button>
      <span ref={tip} id={id} role="tooltip" className={open ? "tip" : "unseen"}>
        {say(`term.about.${name}`)}
      </span>
    </span>
  );
}
