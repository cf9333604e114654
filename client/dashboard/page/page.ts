import { el, setText } from "./dom.ts";
import { JobPage } from "./job-page.ts";
import { Overview } from "./overview.ts";
import { DashboardServer } from "./server.ts";
import { PageState } from "./state.ts";
import { TaskPage } from "./task-page.ts";
import { routeOf, type View, type ViewContext } from "./view.ts";

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
  announce(text, link) {
    news.hidden = false;
    news.replaceChildren(el("span", {}, text));
    if (link !== undefined) news.append(" ", el("a", { href: link }, "Show it"));
  },
};

let view: View | undefined;
let shownRoute = "";
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

/** Shows the view that the address names. */
function go(): void {
  const route = routeOf(location.hash);
  const job = route.name === "overview" ? undefined : route.job;
  const name = route.name === "task" ? route.task : `${route.name} ${job}`;
  if (name !== shownRoute) {
    shownRoute = name;
    view = makeView(route);
    main.replaceChildren(view.element);
    if (news.querySelector("a")?.getAttribute("href") === location.hash) news.hidden = true;
    scrollTo(0, 0);
  }
  if (view instanceof JobPage && route.name === "job") view.choose(route.tab);
  listen(job);
  ask();
}

function makeView(route: ReturnType<typeof routeOf>): View {
  if (route.name === "overview") return new Overview(context);
  if (route.name === "job") return new JobPage(context, route.job);
  return new TaskPage(context, route.job, route.task);
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
