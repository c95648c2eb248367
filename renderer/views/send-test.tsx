import { useState } from "react";
import type { Delivered } from "../../electron/core/notice.ts";
import { whyText } from "../../electron/core/words/why.ts";
import { useCall } from "../use-call.ts";
import { useView, useWords } from "../use-session.ts";
import { FaultLine } from "./fault-line.tsx";
import { Shown } from "./shown.tsx";

const PUSH: readonly string[] = ["ntfy", "pushover", "telegram"];
const NAMES: Readonly<Record<string, string>> = { ntfy: "ntfy", pushover: "Pushover", telegram: "Telegram" };

/** One message by everything that is saved, and what became of it. `unsaved`: what stands in the form would not be what is tried. */
export function SendTest({ unsaved }: { readonly unsaved: boolean }) {
  const { say } = useWords();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [delivered, setDelivered] = useState<readonly Delivered[]>([]);
  const send = async () => {
    setDelivered([]);
    const done = await call("notify-test", {});
    if (done) setDelivered(done.reply.delivered);
  };
  return (
    <div className="send-test">
      <button type="button" data-do="notify-test" disabled={busy || !online || unsaved} aria-busy={busy} onClick={send}>
        {say("push.test")}
      </button>
      <div role="status" className="test-result">
        <p className="soft">{busy ? say("push.test.sending") : say(unsaved ? "push.test.save-first" : "push.test.about")}</p>
        {delivered.map((one) => (
          <Result key={one.backend} one={one} />
        ))}
      </div>
      <FaultLine fault={fault} onClose={dismiss} />
    </div>
  );
}

function Result({ one: { backend, ok, why } }: { readonly one: Delivered }) {
  const words = useWords();
  const { say } = words;
  const way = PUSH.includes(backend) ? (NAMES[backend] ?? backend) : say("push.way.computer");
  const reason = why === null || ok ? "" : whyText(words, why);
  return (
    <p data-delivered={backend} data-ok={ok} className={ok ? "delivered" : "wrong"}>
      <Shown text={ok ? say("push.test.ok", { way }) : say("push.test.failed", { way, why: reason })} />
    </p>
  );
}
