import { el, setText } from "./dom.ts";
import { JobPage } from "./job-page.ts";
import { Overview } from "./overview.ts";
import { DashboardServer } from "./server.ts";
import { PageState } from "./state.ts";
import { TaskPage } from "./task-page.ts";
import { placeOf, type View, type ViewContext } from "./view.ts";

/** The script of the dashboard's page: shows what the server sends, and sends what the user asks for. */

const server = new DashboardServer();
const state = new PageState();
const cluster = el("a", { href: "#/", class: "cluster" });
const connection = el("span", { class: "connection", role: "status" });
const news = el("p", { class: "news", role: "status", hidden: "" });
const trouble = el("p", { class: "news trouble", role: "alert", hidden: "" });
const main = el("main");

const context: ViewContext = {
  state,
  server,
  announce(text, place) {
    news.hidden = false;
    news.replaceChildren(el("span", {}, text));
    if (place !== undefined) news.append(" ", el("a", { href: place }, "Show it"));
  },
};

let view: View | undefined;
let shownPlace = "";
let isAsked = false;

/** Asks for a new frame; several requests get the same one. */
function ask(): void {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    show();
  });
}

function show(): void {
  setText(cluster, state.cluster || "cluster");
  setText(connection, state.isConnected ? "live" : "not connected");
  connection.classList.toggle("is-live", state.isConnected);
  trouble.hidden = state.trouble === "";
  setText(trouble, state.trouble);
  view?.update();
  document.title = [view?.title(), "fantail"].filter(Boolean).join(" · ");
}

/** Shows the place that the address names. */
function go(): void {
  const place = placeOf(location.hash);
  const job = place.name === "overview" ? undefined : place.job;
  const name = place.name === "task" ? place.task : `${place.name} ${job}`;
  if (name !== shownPlace) {
    shownPlace = name;
    view = makeView(place);
    main.replaceChildren(view.element);
    if (news.querySelector("a")?.getAttribute("href") === location.hash) news.hidden = true;
    scrollTo(0, 0);
  }
  if (view instanceof JobPage && place.name === "job") view.choose(place.tab);
  listen(job);
  ask();
}

function makeView(place: ReturnType<typeof placeOf>): View {
  if (place.name === "overview") return new Overview(context);
  if (place.name === "job") return new JobPage(context, place.job);
  return new TaskPage(context, place.job, place.task);
}

/** Receives events while the page is visible. While no page is visible, the server reads nothing. */
function listen(job: string | undefined): void {
  if (document.visibilityState === "hidden") {
    server.leave();
    state.isConnected = false;
    return;
  }
  if (state.job?.id !== job) state.forgetJob();
  const take = (event: { name: string; data: string }) => {
    state.take(event);
    ask();
  };
  server.listen(job, take, (isConnected) => {
    state.isConnected = isConnected;
    ask();
  });
}

const title = el("header", {}, el("strong", {}, "fantail"), cluster, connection);
document.getElementById("app")?.append(title, trouble, news, main);
if (server.hasKey) {
  addEventListener("hashchange", go);
  document.addEventListener("visibilitychange", go);
  addEventListener("keydown", ({ key, target }) => {
    if (key === "Escape" && target instanceof Element && !target.closest("dialog")) history.back();
  });
  go();
} else {
  const how = "Open the address that `fantail dashboard` or `client.dashboard()` gave: this one lacks its key.";
  main.append(el("p", { class: "empty shown" }, how));
}
