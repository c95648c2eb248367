import type { RunStatus } from "../../electron/core/selectors.ts";
import { useWords } from "../use-session.ts";

/** Share of the training steps; `pathLength` makes the dash a percentage. */
export function Ring({ share, status }: { readonly share: number | null; readonly status: RunStatus }) {
  const { say, format } = useWords();
  const label = share === null ? say("ring.unknown") : say("ring.label", { percent: format.percent(share) });
  return (
    <svg className="ring" viewBox="0 0 100 100" role="img" aria-label={label} data-status={status}>
      <circle className="track" cx="50" cy="50" r="43" />
      {share !== null && share > 0 && (
        <circle className="value" cx="50" cy="50" r="43" pathLength="100" strokeDasharray={`${Math.max(0.5, share * 100)} 100`} transform="rotate(-90 50 50)" />
      )}
      <text x="50" y="50" textAnchor="middle" dominantBaseline="central">
        {share === null ? "–" : format.percent(share)}
      </text>
    </svg>
  );
}
