import { button, el } from "./dom.ts";

/** One tab of several. */
export interface Tab {
  id: string;
  title: string;
  element: HTMLElement;
}

/** Tabs; one is shown at a time. Arrow keys move between them. */
export class Tabs {
  readonly element: HTMLElement;
  readonly #tabs: readonly Tab[];
  readonly #buttons = new Map<string, HTMLButtonElement>();
  #chosen = "";

  constructor(label: string, tabs: readonly Tab[], choose: (id: string) => void) {
    this.#tabs = tabs;
    const list = el("div", { role: "tablist", "aria-label": label });
    for (const { id, title, element } of tabs) {
      const made = button(title, () => choose(id), { role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}` });
      this.#buttons.set(id, made);
      list.append(made);
      element.id = `panel-${id}`;
      element.setAttribute("role", "tabpanel");
      element.setAttribute("aria-labelledby", `tab-${id}`);
    }
    list.addEventListener("keydown", ({ key }) => {
      const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
      const at = tabs.findIndex(({ id }) => id === this.#chosen);
      const next = tabs[(at + step + tabs.length) % tabs.length];
      if (step === 0 || !next) return;
      // Do not wait for the address to change: the next key may be pressed before.
      this.choose(next.id);
      choose(next.id);
      this.#buttons.get(next.id)?.focus();
    });
    this.element = el("div", { class: "tabs" }, list, ...tabs.map(({ element }) => element));
  }

  get chosen(): string {
    return this.#chosen;
  }

  /** Shows a tab, or the first one if there is none with this id. */
  choose(id: string): void {
    this.#chosen = this.#tabs.some((tab) => tab.id === id) ? id : (this.#tabs[0]?.id ?? "");
    for (const tab of this.#tabs) {
      const isChosen = tab.id === this.#chosen;
      tab.element.hidden = !isChosen;
      const own = this.#buttons.get(tab.id);
      own?.setAttribute("aria-selected", `${isChosen}`);
      own?.setAttribute("tabindex", isChosen ? "0" : "-1");
    }
  }

  /** Changes the title of a tab. */
  retitle(id: string, title: string): void {
    const own = this.#buttons.get(id);
    if (own && own.textContent !== title) own.textContent = title;
  }
}
