/** The lines of the last gate: what the candidate in Ollama was found to be, beside what was asked. */
import type { RunState } from "../state.ts";
import type { CriterionName, Line } from "./judgement.ts";

type Tested = Pick<RunState, "parity" | "latency" | "persona">;

export function deployLines({ parity, latency, persona }: Tested): readonly Line[] {
  return [
    ...(parity ? parityLines(parity) : []),
    ...(latency ? [line("latency", latency.seconds, latency.limitSeconds, "below", { count: latency.promptTokens })] : []),
    ...(persona && persona.asked > 0
      ? [line("persona-repeats", persona.passed / persona.asked, persona.limit, "at-least", { count: persona.asked, evidence: persona.evidence })]
      : []),
  ];
}

/** A line that is asked for and does not hold, or is not known: a person has to say that they want the model all the same. */
export function holdsBack(state: Tested): boolean {
  return deployLines(state).some(({ limit, passed }) => limit !== null && passed !== true);
}

function parityLines(parity: NonNullable<RunState["parity"]>): Line[] {
  const { template, agreement, limit, tokens, adapterLoss, ggufLoss, lossTokens, evidence } = parity;
  const shown = template.difference ? [template.difference] : [];
  const differences = (list: typeof evidence) =>
    list.map(({ prompt, expected, found }) => ({ prompt, check: "other-text" as const, text: `${JSON.stringify(expected)} → ${JSON.stringify(found)}` }));
  const loss = adapterLoss === null || ggufLoss === null ? null : ggufLoss - adapterLoss;
  return [
    { ...line("template-parity", template.same ? 1 : 0, 1, "at-least", { count: template.checked }), evidence: differences(shown) },
    { ...line("token-agreement", agreement, limit, "at-least", { count: tokens }), evidence: differences(evidence) },
    ...(loss === null ? [] : [line("loss-parity", loss, null, "below", { count: lossTokens })]),
  ];
}

function line(criterion: CriterionName, value: number | null, limit: number | null, side: "at-least" | "below", more: Partial<Line>): Line {
  const holds = (known: number, asked: number) => (side === "below" ? known < asked : known >= asked);
  // Where nothing is asked for, a figure is only told.
  const passed = limit === null ? true : value === null ? null : holds(value, limit);
  return { criterion, value, limit, passed, count: 0, evidence: [], ...more };
}
