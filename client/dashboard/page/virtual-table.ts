import { el, setText } from "./dom.ts";

/** Height of a row and of the head, in pixels. The style has the same. */
const ROW = 34;
/** Rows that are kept above and below the visible ones. */
const SPARE = 6;

/** A column of a table. */
export interface Column<Row> {
  title: string;
  /** Width as of CSS grid: `80px`, `minmax(0, 2fr)`. */
  width: string;
  /** Whether there is room for it on a narrow screen. */
  isNarrow?: boolean;
  isNumber?: boolean;
  text(row: Row): string;
  /** A class for the cell, for its color. */
  tone?(row: Row): string;
  /** Draws into the cell in place of its text, which then describes the drawing. */
  draw?(cell: HTMLElement, row: Row): void;
}

/** The rows of a table, which need not exist until they are shown. */
export interface Rows<Row> {
  count: number;
  at(place: number): Row | undefined;
}

/** A table of any number of rows. Only the visible rows are in the page. */
export class VirtualTable<Row extends { id: string }> {
  readonly element: HTMLElement;
  readonly #columns: readonly Column<Row>[];
  readonly #open: ((row: Row) => void) | undefined;
  readonly #view: HTMLElement;
  readonly #room = el("div", { class: "room", role: "rowgroup" });
  /** The elements of the visible rows. */
  #shown = new Map<string, HTMLElement>();
  readonly #spare: HTMLElement[] = [];
  readonly #name: string;
  readonly #empty = el("p", { class: "empty" });
  #rows: Rows<Row> = { count: 0, at: () => undefined };
  /** Place and id of the active row, which stays active when its place changes. */
  #active = -1;
  #activeId = "";

  constructor(label: string, columns: readonly Column<Row>[], open?: (row: Row) => void) {
    this.#columns = columns;
    this.#open = open;
    this.#name = label.replace(/\W/g, "-");
    const head = el("div", { class: "row head", role: "row" });
    for (const column of columns)
      head.append(el("div", { role: "columnheader", class: classOf(column, "") }, column.title));
    this.#view = el("div", { class: "rows" }, el("div", { class: "heads", role: "rowgroup" }, head), this.#room);
    this.element = el(
      "div",
      { class: "table", role: "grid", "aria-label": label, tabindex: "0" },
      this.#view,
      this.#empty,
    );
    const widths = (some: readonly Column<Row>[]) => some.map(({ width }) => width).join(" ");
    this.element.style.setProperty("--wide", widths(columns));
    this.element.style.setProperty("--narrow", widths(columns.filter(({ isNarrow }) => isNarrow)));
    this.#view.addEventListener("scroll", () => this.#paint(), { passive: true });
    new ResizeObserver(() => this.#paint()).observe(this.#view);
    this.element.addEventListener("keydown", (event) => this.#press(event));
    this.#room.addEventListener("click", (event) => this.#click(event));
  }

  /** Shows rows, or a text if there are none. */
  show(rows: Rows<Row>, empty: string): void {
    this.#rows = rows;
    this.#followActive();
    this.#empty.hidden = rows.count > 0;
    setText(this.#empty, empty);
    this.element.setAttribute("aria-rowcount", `${rows.count + 1}`);
    this.#room.style.height = `${rows.count * ROW}px`;
    this.#paint();
  }

  /** Height of the visible rows. */
  get #height(): number {
    return this.#view.clientHeight - ROW;
  }

  /** Finds the active row among new rows. If it was removed, the row in its place becomes active. */
  #followActive(): void {
    const { count, at } = this.#rows;
    // There are no rows for a moment while the page reconnects.
    if (this.#active < 0 || count === 0 || at(this.#active)?.id === this.#activeId) return;
    for (let place = 0; place < count; place++)
      if (at(place)?.id === this.#activeId) {
        this.#active = place;
        return;
      }
    this.#activate(Math.min(this.#active, count - 1));
  }

  #activate(place: number): void {
    this.#active = place;
    this.#activeId = this.#rows.at(place)?.id ?? "";
  }

  #paint(): void {
    const { scrollTop } = this.#view;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
    const past = Math.min(this.#rows.count, Math.ceil((scrollTop + this.#height) / ROW) + SPARE);
    const visible = new Map<string, [place: number, row: Row]>();
    for (let place = first; place < past; place++) {
      const row = this.#rows.at(place);
      if (row) visible.set(row.id, [place, row]);
    }
    for (const [id, element] of this.#shown) {
      if (visible.has(id)) continue;
      element.hidden = true;
      element.removeAttribute("id");
      this.#spare.push(element);
    }
    const before = this.#shown;
    this.#shown = new Map();
    // A row keeps its element while it is visible, even if it moves, so that a click opens the intended row.
    for (const [id, [place, row]] of visible) {
      const element = before.get(id) ?? this.#spare.pop() ?? this.#newRow();
      element.hidden = false;
      this.#shown.set(id, element);
      this.#fill(element, place, row);
    }
    if (this.#active >= 0 && this.#shown.has(this.#activeId))
      this.element.setAttribute("aria-activedescendant", `${this.#name}-${this.#activeId}`);
    else this.element.removeAttribute("aria-activedescendant");
  }

  #newRow(): HTMLElement {
    const row = el("div", { class: this.#open ? "row can-open" : "row", role: "row" });
    for (const column of this.#columns) row.append(el("div", { role: "gridcell", class: classOf(column, "") }));
    this.#room.append(row);
    return row;
  }

  #fill(element: HTMLElement, place: number, row: Row): void {
    element.style.top = `${place * ROW}px`;
    element.id = `${this.#name}-${row.id}`;
    element.dataset.place = `${place}`;
    element.setAttribute("aria-rowindex", `${place + 2}`);
    element.setAttribute("aria-selected", `${place === this.#active}`);
    for (const [at, column] of this.#columns.entries()) {
      const cell = element.children[at];
      if (!(cell instanceof HTMLElement)) continue;
      const name = classOf(column, column.tone?.(row) ?? "");
      if (cell.className !== name) cell.className = name;
      const text = column.text(row);
      if (column.draw) column.draw(cell, row);
      else setText(cell, text);
      if (cell.title !== text) cell.title = text;
    }
  }

  #click(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>(".row") : null;
    if (!row) return;
    this.#activate(Number(row.dataset.place));
    this.#paint();
    this.#openActive();
  }

  #press(event: KeyboardEvent): void {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.#height / ROW) - 1);
    const moves: Record<string, number> = {
      ArrowDown: this.#active + 1,
      ArrowUp: this.#active - 1,
      PageDown: this.#active + page,
      PageUp: this.#active - page,
      Home: 0,
      End: this.#rows.count - 1,
    };
    const to = moves[event.key];
    if (to !== undefined && this.#rows.count > 0) this.#moveTo(Math.max(0, Math.min(this.#rows.count - 1, to)));
    else if (event.key === "Enter" && this.#active >= 0) this.#openActive();
    else return;
    event.preventDefault();
  }

  #moveTo(place: number): void {
    this.#activate(place);
    const [top, height] = [place * ROW, this.#height];
    if (top < this.#view.scrollTop) this.#view.scrollTop = top;
    else if (top + ROW > this.#view.scrollTop + height) this.#view.scrollTop = top + ROW - height;
    this.#paint();
  }

  #openActive(): void {
    const row = this.#rows.at(this.#active);
    if (row) this.#open?.(row);
  }
}

function classOf<Row>({ isNarrow, isNumber }: Column<Row>, tone: string): string {
  return [isNumber ? "number" : "", isNarrow ? "" : "wide", tone].filter(Boolean).join(" ");
}
