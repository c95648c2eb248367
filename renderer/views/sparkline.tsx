/** The loss curve in a hand's breadth: no axes, no hover; the sentence that says the same is for those who hear it. */
import type { RunState } from "../../electron/core/state.ts";
import { type CurveData, curveData, summarize } from "../../electron/core/words/curve-data.ts";
import { useWords } from "../use-session.ts";

const [WIDTH, HEIGHT, EDGE] = [300, 44, 2];

export function Sparkline({ run }: { readonly run: RunState }) {
  const words = useWords();
  const path = pathOf(curveData(run));
  if (path === null) return null;
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={summarize(run, words)}>
      <path d={path} />
    </svg>
  );
}

/** Over the run's whole width, so that it shows how far the run is; gaps where the loss was not finite. Null before the second point. */
export function pathOf({ rows, totalSteps }: CurveData): string | null {
  const points = rows.flatMap(({ step, span }) => (span === null ? [] : [{ step, mean: span.mean }]));
  const means = points.flatMap(({ mean }) => (mean === null ? [] : [mean]));
  if (means.length < 2) return null;
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const last = Math.max(totalSteps, points.at(-1)?.step ?? 1, 2);
  const x = (step: number) => EDGE + ((step - 1) / (last - 1)) * (WIDTH - 2 * EDGE);
  const y = (mean: number) => EDGE + (high === low ? 0.5 : (high - mean) / (high - low)) * (HEIGHT - 2 * EDGE);
  let isDrawing = false;
  return points
    .flatMap(({ step, mean }) => {
      const letter = isDrawing ? "L" : "M";
      isDrawing = mean !== null;
      return mean === null ? [] : [`${letter}${x(step).toFixed(1)} ${y(mean).toFixed(1)}`];
    })
    .join("");
}
