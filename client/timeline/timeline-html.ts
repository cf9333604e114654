import { createHash } from "node:crypto";
import { escaped, scriptJson } from "./markup.ts";
import { PAGE_SCRIPT } from "./page-script.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { colorRules } from "./timeline-colors.ts";
import type { TimelineData } from "./timeline-data.ts";
import { summaryOf } from "./timeline-summary.ts";

const KEYS: [keys: string, does: string][] = [
  ["← →", "previous or next run of the engine"],
  ["↑ ↓", "the engine above or below"],
  ["+ −", "zoom in or out"],
  ["Shift ← →", "move the visible part"],
  ["Enter", "zoom to the run"],
  ["0", "show everything"],
  ["Escape", "select nothing"],
];

/**
 * Builds the page of a timeline: one file that requests nothing. Its policy lets the browser run only this script, so
 * nothing that a task wrote can run.
 */
export function timelineHtml(data: TimelineData): string {
  const { line } = summaryOf(data);
  const hash = createHash("sha256").update(PAGE_SCRIPT).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const help = KEYS.map(([keys, does]) => `<div><dt><kbd>${keys}</kbd></dt><dd>${does}</dd></div>`).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>fantail timeline</title>
<style>${colorRules(":root")}${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>Timeline</h1>
<p>${escaped(line)}. First task submitted at <time>${new Date(data.from).toISOString()}</time>.</p>
</header>
<div id="tools" role="toolbar" aria-label="View">
<button type="button" id="in" title="Zoom in (+)">Zoom in</button>
<button type="button" id="out" title="Zoom out (−)">Zoom out</button>
<button type="button" id="all" title="Show everything (0)">Show all</button>
<button type="button" id="next" title="Select the next run that did not succeed">Next failure</button>
<label>Color by <select id="by"><option value="name">function or label</option><option value="status">outcome</option></select></label>
</div>
<ul id="legend" aria-label="Colors"></ul>
<noscript><p>This page draws the timeline with a script. Allow scripts, or write the timeline to a .svg file.</p></noscript>
<main>
<div id="view"><div id="room"><canvas id="chart" tabindex="0" role="application" aria-roledescription="timeline" aria-label="Timeline with a row per engine" aria-describedby="keys"></canvas></div></div>
<div id="tip" aria-hidden="true" hidden></div>
<section id="details" aria-live="polite" aria-label="Selected run"><p>Point at a run, or press an arrow key in the chart.</p></section>
</main>
<details><summary>Keys</summary><dl id="keys">${help}</dl><p>Turn the wheel with Ctrl to zoom, with Shift to move. Drag to move.</p></details>
<details><summary>Table by function or label</summary><div id="table"></div></details>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}
