import type { Grant } from "../../protocol/grant.ts";
import { holdsIndex, type IndexRange } from "../../protocol/index-ranges.ts";
import { REPORT_BYTES } from "../../protocol/outcome-page.ts";
import type { ReportedEntry } from "../../protocol/report-messages.ts";

/** How far a task has come, as far as the supervisor knows. */
type Progress = "open" | "parked" | "entry" | "returned" | "reported";

/** One report's share of a lease. */
export interface LeasePart {
  entries: ReportedEntry[];
  returned: number[];
  /** Tasks whose outcome is not in this report: they have not ended, or the report is full. */
  running: number[];
}

/** The outcomes of a lease's tasks, by position, and which of them were reported. */
export class LeaseProgress {
  readonly #indexes: number[];
  readonly #progress: Progress[];
  readonly #pending = new Map<number, { entry: ReportedEntry; bytes: number }>();
  #pendingBytes = 0;
  #open: number;
  #parked = 0;
  #carried: LeasePart | undefined;

  /** @param carried unreported outcomes of the lease that these tasks have joined */
  constructor(grant: Grant, carried?: LeasePart) {
    this.#carried = carried;
    this.#indexes = grant.tasks.map(([index]) => index);
    this.#progress = this.#indexes.map(() => "open");
    this.#open = this.#indexes.length;
  }

  /** Number of tasks without an outcome that were neither returned nor parked. */
  get open(): number {
    return this.#open;
  }

  /** Whether there are outcomes to report. */
  get hasNews(): boolean {
    return this.#pending.size > 0 || this.#carried !== undefined;
  }

  /** Whether the unreported outcomes are large enough for a partial report. */
  get isFull(): boolean {
    return this.#pendingBytes > REPORT_BYTES;
  }

  indexOf(position: number): number {
    return this.#indexes[position] ?? -1;
  }

  isOpen(position: number): boolean {
    return this.#progress[position] === "open";
  }

  /**
   * The positions of open tasks.
   *
   * @param among ranges of indexes; absent: all
   */
  openPositions(among?: readonly IndexRange[]): number[] {
    const positions = this.#progress.flatMap((progress, position) => (progress === "open" ? [position] : []));
    return among ? positions.filter((position) => holdsIndex(among, this.indexOf(position))) : positions;
  }

  /** Records how the task ended. Only its first outcome counts. */
  settle(position: number, outcome: Omit<ReportedEntry, "index">): void {
    if (!this.#leaveOpen(position, "entry")) return;
    const entry = { index: this.indexOf(position), ...outcome };
    const bytes = entryBytes(entry);
    this.#pending.set(position, { entry, bytes });
    this.#pendingBytes += bytes;
  }

  /** Records that the task waits for others, so that the lease can end without it. */
  park(position: number): void {
    if (this.#leaveOpen(position, "parked")) this.#parked++;
  }

  /** Number of parked tasks. */
  get parked(): number {
    return this.#parked;
  }

  /** Records that the task returns to the queue. This does not count as an attempt. */
  giveBack(position: number): void {
    this.#leaveOpen(position, "returned");
  }

  #leaveOpen(position: number, progress: Progress): boolean {
    if (this.#progress[position] !== "open") return false;
    this.#progress[position] = progress;
    this.#open--;
    return true;
  }

  /**
   * The next report, with as many entries as fit. From then on, these entries count as reported, because a report is
   * repeated until it is answered or the session ends.
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
      this.#progress[position] = "reported";
    }
    this.#pendingBytes -= bytes;
    for (const [position, progress] of this.#progress.entries()) {
      if (progress === "open" || progress === "parked") part.running.push(this.indexOf(position));
      if (progress !== "returned") continue;
      part.returned.push(this.indexOf(position));
      this.#progress[position] = "reported";
    }
    return part;
  }
}

/**
 * Up to this length, in characters, the size of an entry without an error is estimated, as if JSON doubled every
 * character. Other entries are measured.
 */
const SHORT_CHARS = 512;

function entryBytes(entry: ReportedEntry): number {
  const { value, error, stdout, stderr } = entry;
  const chars = (typeof value === "string" ? value.length : 0) + (stdout?.length ?? 0) + (stderr?.length ?? 0);
  if (error === undefined && chars < SHORT_CHARS) return 150 + 2 * chars;
  return Buffer.byteLength(JSON.stringify(entry));
}
