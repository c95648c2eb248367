/** What both charts share: the life of a uPlot in its box, its colours from the style sheet, and the marks above a plot. */
import type uPlot from "uplot";

export function colorsOf(box: HTMLElement): (name: string) => string {
  return (name) => getComputedStyle(box).getPropertyValue(`--${name}`).trim();
}

export function axisOf(box: HTMLElement) {
  return { stroke: colorsOf(box)("soft"), font: `12px ${getComputedStyle(box).fontFamily}`, ticks: { show: false } };
}

export function widthOf(box: HTMLElement): number {
  return Math.max(200, box.clientWidth);
}

/** Returns what ends it. */
export function keepSized(chart: uPlot, box: HTMLElement, height: number): () => void {
  const sized = new ResizeObserver(() => chart.setSize({ width: widthOf(box), height }));
  sized.observe(box);
  return () => {
    sized.disconnect();
    chart.destroy();
  };
}

/** A triangle above the plot for each checkpoint, at its place on the x axis. */
export function drawCheckpoints(u: uPlot, places: readonly number[], color: string): void {
  const { ctx, bbox } = u;
  const px = devicePixelRatio;
  ctx.save();
  ctx.fillStyle = color;
  for (const place of places) {
    const x = u.valToPos(place, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x - 4 * px, bbox.top - 12 * px);
    ctx.lineTo(x + 4 * px, bbox.top - 12 * px);
    ctx.lineTo(x, bbox.top - 5 * px);
    ctx.fill();
  }
  ctx.restore();
}

/** Room above and below; a flat curve gets some height. */
export function spread(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const margin = Math.max((high - low) * 0.08, Math.abs(high) * 0.02, 1e-3);
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}
