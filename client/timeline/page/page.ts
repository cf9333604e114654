import { statusOf } from "../run-details.ts";
import type { TimelineData } from "../timeline-data.ts";
import { showTable } from "./panels.ts";
import { TimelineView } from "./timeline-view.ts";

/** The script of a timeline's page: shows the data that the page contains. */

function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${id}`);
}

const data: TimelineData = JSON.parse(element("data", HTMLScriptElement).text);
const view = new TimelineView(
  {
    view: element("view", HTMLElement),
    room: element("room", HTMLElement),
    chart: element("chart", HTMLCanvasElement),
    tip: element("tip", HTMLElement),
    details: element("details", HTMLElement),
    legend: element("legend", HTMLElement),
  },
  data,
);

const tools: [id: string, act: () => void][] = [
  ["in", () => view.zoom(1)],
  ["out", () => view.zoom(-1)],
  ["all", () => view.showAll()],
  ["next", () => view.nextFailure()],
];
for (const [id, act] of tools) element(id, HTMLButtonElement).addEventListener("click", act);
element("next", HTMLButtonElement).disabled = data.columns.start.every((_, run) => statusOf(data, run) === "ok");
const by = element("by", HTMLSelectElement);
by.addEventListener("change", () => view.colorBy(by.value === "status" ? "status" : "name"));
showTable(element("table", HTMLElement), data);
