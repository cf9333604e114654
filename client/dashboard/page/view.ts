import type { DashboardServer } from "./server.ts";
import type { PageState } from "./state.ts";

/** What a view works with. */
export interface ViewContext {
  state: PageState;
  server: DashboardServer;
  /** Announces something that has happened, with a link to a part of the page, if there is one. */
  announce(text: string, link?: string): void;
}

/** A part of the page that fills it: the overview, a job or a task. */
export interface View {
  element: HTMLElement;
  /** Title of the window. */
  title(): string;
  /** Shows the state as it is now. */
  update(): void;
}

/** A view of the page, as its address names it after `#`. */
export type Route =
  | { name: "overview" }
  | { name: "job"; job: string; tab: string }
  | { name: "task"; job: string; task: string };

/** Parses the part of an address after `#`. */
export function routeOf(hash: string): Route {
  const [, kind, id = "", tab = ""] = hash.split("/");
  if (kind === "job" && id !== "") return { name: "job", job: id, tab };
  if (kind === "task" && id !== "") return { name: "task", job: id.split(".")[0] ?? "", task: id };
  return { name: "overview" };
}
