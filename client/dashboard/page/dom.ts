import { visible } from "../shown-text.ts";

type Attributes = Record<string, string>;

/** Makes an element. Texts of tasks only ever enter the page this way: as text, never as markup. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...content: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content.map((one) => (typeof one === "string" ? visible(one) : one)));
  return element;
}

/** Sets the text of an element, unless it has this text. */
export function setText(element: Element, text: string): void {
  const shown = visible(text);
  if (element.textContent !== shown) element.textContent = shown;
}

/** Makes a button. */
export function button(text: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = el("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}

/** A section of the page with a heading. */
export function section(title: string, ...content: (Node | string)[]): HTMLElement {
  return el("section", { "aria-label": title }, el("h2", {}, title), ...content);
}

/** A list of facts that keeps its elements when the facts change. */
export class Facts {
  readonly element = el("dl", { class: "facts" });
  #names: readonly string[] = [];

  /** Shows facts. Those without a text are left out. */
  show(facts: readonly (readonly [name: string, text: string])[]): void {
    const shown = facts.filter(([, text]) => text !== "");
    const names = shown.map(([name]) => name);
    if (names.join() !== this.#names.join()) {
      this.#names = names;
      this.element.replaceChildren(...names.map((name) => el("div", {}, el("dt", {}, name), el("dd"))));
    }
    for (const [at, [, text]] of shown.entries()) {
      const value = this.element.children[at]?.lastElementChild;
      if (value) setText(value, text);
    }
  }
}
