import { REPORT_BYTES } from "../../protocol/outcome-page.ts";
import type { Grant, ReportedEntry } from "../../protocol/report-messages.ts";

/** Where a task is, as the supervisor sees it. */
type Place = "open" | "parked" | "entry" | "returned" | "told";

/** One report's share of a lease. */
export interface LeasePart {
  entries: ReportedEntry[];
  returned: number[];
  /** Tasks that this report does not end: not done, or done but without room here. */
  running: number[];
}

/** What has become of the tasks of a lease, by position, and what of it the door was told. */
export class LeaseProgress {
  readonly #indexes: number[];
  readonly #places: Place[];
  readonly #pending = new Map<number, { entry: ReportedEntry; bytes: number }>();
  #pendingBytes = 0;
  #open: number;
  #parked = 0;
  #carried: LeasePart | undefined;

  /** @param carried what is still to be told of the lease that these tasks have joined */
  constructor(grant: Grant, carried?: LeasePart) {
    this.#carried = carried;
    this.#indexes = grant.tasks.map(([index]) => index);
    this.#places = this.#indexes.map(() => "open");
    this.#open = this.#indexes.length;
  }

  /** Tasks without an outcome that were not returned. */
  get open(): number {
    return this.#open;
  }

  /** Claims that there are outcomes to tell. */
  get hasNews(): boolean {
    return this.#pending.size > 0 || this.#carried !== undefined;
  }

  /** Claims that what waits to be told fills a report. */
  get isFull(): boolean {
    return this.#pendingBytes > REPORT_BYTES;
  }

  indexOf(position: number): number {
    return this.#indexes[position] ?? -1;
  }

  isOpen(position: number): boolean {
    return this.#places[position] === "open";
  }

  openPositions(): number[] {
    return this.#places.flatMap((place, position) => (place === "open" ? [position] : []));
  }

  /** The task has ended so; what comes after its first outcome is ignored. */
  settle(position: number, outcome: Omit<ReportedEntry, "index">): void {
    if (!this.#leaveOpen(position, "entry")) return;
    const entry = { index: this.indexOf(position), ...outcome };
    const bytes = entryBytes(entry);
    this.#pending.set(position, { entry, bytes });
    this.#pendingBytes += bytes;
  }

  /** The task waits for others: the lease ends without it. */
  park(position: number): void {
    if (this.#leaveOpen(position, "parked")) this.#parked++;
  }

  /** Tasks that were parked. */
  get parked(): number {
    return this.#parked;
  }

  /** The task goes back to the queue, no attempt spent. */
  giveBack(position: number): void {
    this.#leaveOpen(position, "returned");
  }

  #leaveOpen(position: number, place: Place): boolean {
    if (this.#places[position] !== "open") return false;
    this.#places[position] = place;
    this.#open--;
    return true;
  }

  /**
   * The next report: as many entries as it has room for. They count as told from here on, since a report is
   * repeated until it is answered, or the session ends.
   */
  takePart(): LeasePart {
    const part: LeasePart = this.#carried ?? { entries: [], returned: [], running: [] };
    this.#carried = undefined;
    let bytes = part.entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
    this.#pendingBytes += bytes;
    for (const [position, { entry, bytes: own }] of this.#pending) {
      if (bytes + own > REPORT_BYTES && part.entries.length > 0) {
        part.running.push(entry.index);
        continue;
      }
      bytes += own;
      part.entries.push(entry);
      this.#pending.delete(position);
      this.#places[position] = "told";
    }
    this.#pendingBytes -= bytes;
    for (const [position, place] of this.#places.entries()) {
      if (place === "open" || place === "parked") part.running.push(this.indexOf(position));
      if (place !== "returned") continue;
      part.returned.push(this.indexOf(position));
      this.#places[position] = "told";
    }
    return part;
  }
}

/** Longer entries are measured, as each quote and backslash of a text doubles; the many short ones are estimated. */
const SHORT_CHARS = 512;

function entryBytes(entry: ReportedEntry): number {
  const { value, error, stdout, stderr } = entry;
  const chars = (typeof value === "string" ? value.length : 0) + (stdout?.length ?? 0) + (stderr?.length ?? 0);
  if (error === undefined && chars < SHORT_CHARS) return 150 + 2 * chars;
  return Buffer.byteLength(JSON.stringify(entry));
}
