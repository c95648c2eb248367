/** The report's one style sheet: for a screen in light and dark, and for A4. Contrast of every pair is at least 4.5 : 1 (held by axe in tests/browser). */
export const STYLE = `
:root { color-scheme: light dark;
  --bg: #f4f4f2; --panel: #fff; --ink: #1c1c1e; --soft: #5f5f65; --line: #dedcd6; --accent: #3452cf; --area: #3452cf26;
  --good: #22693e; --good-fill: #e9f4ed; --bad: #ab241c; --bad-fill: #fcedec; --rest: #a4470f; --rest-fill: #fcf0e7; --calm: #ececea; }
@media (prefers-color-scheme: dark) { :root {
  --bg: #19191b; --panel: #232326; --ink: #f2f2f3; --soft: #a9a9b1; --line: #3d3d43; --accent: #9db1ff; --area: #9db1ff30;
  --good: #7ccf9b; --good-fill: #20352a; --bad: #ff9b92; --bad-fill: #44292a; --rest: #f0a067; --rest-fill: #3d2e24; --calm: #333337; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); overflow-wrap: anywhere;
  font: 15px/1.5 system-ui, -apple-system, "SF Pro Text", "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
main { max-width: 840px; margin: 0 auto; padding: 28px 20px 48px; }
header { margin-bottom: 16px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0; }
h2 { font-size: 17px; margin: 0 0 10px; }
h3 { font-size: 15px; margin: 16px 0 6px; }
p { margin: 0 0 8px; } p:last-child { margin-bottom: 0; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.soft { color: var(--soft); } .small { font-size: 13px; }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; margin: 0 0 14px; }
.word { font-size: 34px; line-height: 1.15; font-weight: 700; margin: 0; }
.verdict { border-left: 8px solid var(--soft); }
.verdict.go { border-left-color: var(--good); } .go .word { color: var(--good); }
.verdict.no-go { border-left-color: var(--bad); } .no-go .word { color: var(--bad); }
.verdict.your-call, .verdict.needs { border-left-color: var(--rest); } .your-call .word, .needs .word { color: var(--rest); }
.next { background: var(--calm); border-radius: 8px; padding: 12px 14px; margin-top: 14px; }
code { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.next code { display: inline-block; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 3px 9px; }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1px; background: var(--line); padding: 0; overflow: hidden; }
.tiles div { background: var(--panel); padding: 12px 16px; }
.tiles dt { color: var(--soft); font-size: 13px; } .tiles dd { margin: 0; } .tiles b { font-size: 19px; display: block; font-variant-numeric: tabular-nums; }
dl { margin: 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 6px 10px 6px 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: 13px; }
tbody th { font-weight: 500; }
.number { text-align: right; padding-right: 0; white-space: nowrap; } th.number + .number, td.number + .number { padding-left: 14px; }
.mark { width: 26px; font-weight: 700; }
.true .mark, .good { color: var(--good); } .false .mark, .false .found, .bad { color: var(--bad); } .null .mark, .rest { color: var(--rest); }
ul { margin: 0; padding-left: 20px; } li { margin: 3px 0; }
.evidence { list-style: none; padding: 0; } .evidence li { margin: 2px 0; }
.log { list-style: none; padding: 0; } .log li { display: grid; grid-template-columns: 92px 1fr; gap: 10px; margin: 0; padding: 3px 0; }
.log time { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft); } svg .end { text-anchor: end; } svg .middle { text-anchor: middle; } svg text.bad { fill: var(--bad); text-anchor: middle; font-weight: 700; }
.grid { stroke: var(--line); stroke-width: 1; } .axis { stroke: var(--soft); stroke-width: 1; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.train { stroke: var(--accent); } .train-area { fill: var(--area); } .line.held-out { stroke: var(--rest); stroke-dasharray: 5 3; } circle.held-out { fill: var(--rest); }
.line.heat { stroke: var(--bad); } .heat-area { fill: var(--bad-fill); } .line.pace { stroke: var(--accent); stroke-dasharray: 2 3; } .sealed { stroke: var(--good); stroke-width: 3; }
.key { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0 0; padding: 0; list-style: none; font-size: 13px; color: var(--soft); }
.key span { display: inline-block; width: 18px; height: 0; border-top: 3px solid; vertical-align: middle; margin-right: 6px; }
.key .k-train { border-color: var(--accent); } .key .k-held-out { border-color: var(--rest); border-top-style: dashed; } .key .k-sealed { border-color: var(--good); } .key .k-heat { border-color: var(--bad); } .key .k-pace { border-color: var(--accent); border-top-style: dotted; }
.pair { margin: 0 0 12px; break-inside: avoid; }
.pair > p { font-weight: 600; margin-bottom: 4px; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; }
.side { border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; min-width: 0; }
.side h4 { font-size: 13px; font-weight: 500; margin: 0 0 3px; color: var(--soft); display: flex; justify-content: space-between; gap: 12px; }
.side h4 span:first-child { white-space: nowrap; } .side h4 span + span { text-align: right; }
.said { white-space: pre-wrap; margin: 0; }
ins { text-decoration: none; background: var(--good-fill); color: var(--good); border-radius: 3px; padding: 0 2px; }
.acting { font: 11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--rest); background: var(--rest-fill); border-radius: 3px; padding: 0 3px; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 14px; } .two section { margin: 0; } .two { margin-bottom: 14px; }
.facts div { display: grid; grid-template-columns: minmax(110px, 38%) 1fr; gap: 10px; padding: 4px 0; border-top: 1px solid var(--line); } .facts div:first-child { border-top: 0; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; }
.settings { columns: 2; column-gap: 28px; } .settings div { break-inside: avoid; grid-template-columns: 1fr auto; } .settings div:first-child { border-top: 1px solid var(--line); }
footer { color: var(--soft); font-size: 13px; margin-top: 18px; }
@media (max-width: 620px) { .sides, .two { grid-template-columns: 1fr; } .tiles { grid-template-columns: 1fr 1fr; } .settings { columns: 1; } .log li { grid-template-columns: 1fr; gap: 0; } }
@page { size: A4; margin: 14mm; }
@media print {
  :root { color-scheme: light; --bg: #fff; --panel: #fff; --ink: #000; --soft: #4a4a4f; --line: #c9c8c4; --accent: #3452cf; --area: #3452cf26;
    --good: #1d5b36; --good-fill: #e9f4ed; --bad: #9c1d16; --bad-fill: #fcedec; --rest: #8d3b0a; --rest-fill: #fcf0e7; --calm: #f1f1ef; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  section { padding: 10px 14px; margin-bottom: 9px; border-radius: 6px; }
  .compact, tr, figure, .side, .facts div, .log li { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .two { margin-bottom: 9px; gap: 9px; }
}
`;
