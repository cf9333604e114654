import type { Clock } from "../../adapters/clock.ts";
import type { ViewCall } from "../../authoring/view-calls.ts";
import type { EndedChildren, EngineAnswer } from "../../protocol/engine-answer.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { MOST_ALSO, type ReadMessage } from "../../protocol/report-messages.ts";
import { outcomePagesBetween } from "../../protocol/rows.ts";
import { readAgainMs, readPauseMs } from "../rules/read-pace.ts";

/** Maximum time that a call waits for news, in milliseconds. */
const WAIT_MS = 1000;

/** How often to check whether the session still runs the tasks that a call waits for, in milliseconds. */
const OWN_MS = 100;

/** Maximum number of pages to keep for one job until its view asks for them; further ones are read. */
const KEPT_PAGES = 100;

type PagesCall = ViewCall & { type: "pages" };

/** An outcome page as stored. */
export interface StoredPage {
  sk: string;
  body: string;
}

/** One job, as far as the view of the task that submitted it knows its outcomes. */
interface ChildJob {
  /** Sort keys of the pages that the view has received, with their buckets. */
  received: Set<string>;
  /** Pages that the view has not asked for yet. */
  kept: EndedChildren[];
  /** When the view first asked, or last received news, epoch milliseconds. */
  lastNews: number;
}

/** A call that is not answered yet. */
interface OpenCall {
  call: PagesCall;
  child: ChildJob;
  pages: StoredPage[];
  /** When to read, and when to give up, epoch milliseconds. */
  readAt: number;
  until: number;
  resolve(pages: StoredPage[]): void;
  reject(error: unknown): void;
}

type Wanted = Pick<ReadMessage, "job"> & { pages: NonNullable<ReadMessage["pages"]> };

/**
 * Reads outcomes for the views of a session's tasks. What several tasks wait for is read in one call, and pages that
 * the session's own messages have stored are passed on without any.
 */
export class OutcomeReads {
  readonly #send: (message: { job: string; pages: Wanted["pages"]; also?: Wanted[] }) => Promise<EngineAnswer>;
  readonly #clock: Clock;
  /** Whether the outcome of a task reaches the session without a read, because the session itself will report it. */
  readonly #isOwn: (job: string, index: number) => boolean;
  /** By the id of the task that submitted them. */
  readonly #children = new Map<string, Map<string, ChildJob>>();
  readonly #open = new Set<OpenCall>();
  #cancelTimer: () => void = () => {};
  #isReading = false;
  /** When the next read may be sent, and how long after the last one. */
  #earliest = 0;
  #pauseMs = 0;

  constructor(
    send: (message: { job: string; pages: Wanted["pages"]; also?: Wanted[] }) => Promise<EngineAnswer>,
    clock: Clock,
    isOwn: (job: string, index: number) => boolean,
  ) {
    this.#send = send;
    this.#clock = clock;
    this.#isOwn = isOwn;
  }

  /** Records that the task has submitted the job. */
  submitted(parent: string, job: string): void {
    this.#childOf(parent, job);
  }

  /** Answers a view's call for pages. Rejects if they cannot be read. */
  pages(call: PagesCall): Promise<StoredPage[]> {
    const child = this.#childOf(call.parent, call.job);
    const kept = call.waits ? child.kept.filter((page) => isWanted(call, page)) : [];
    if (kept.length > 0) {
      child.kept = child.kept.filter((page) => !kept.includes(page));
      return Promise.resolve(this.#passOn(child, call.bucket, kept));
    }
    const now = this.#clock.now();
    const readAt = call.waits ? now + readAgainMs(now - child.lastNews) : now;
    return new Promise((resolve, reject) => {
      this.#open.add({ call, child, pages: [], readAt, until: now + WAIT_MS, resolve, reject });
      this.#plan();
    });
  }

  /** Passes on a page that a message of this session has stored. */
  stored(page: EndedChildren): void {
    for (const jobs of this.#children.values()) {
      const child = jobs.get(page.job);
      if (!child || child.received.has(keyOf(page.bucket, page))) continue;
      const waiting = [...this.#open].find((one) => one.child === child && one.call.waits && isWanted(one.call, page));
      if (waiting) this.#end(waiting, [page]);
      else if (child.kept.length < KEPT_PAGES) child.kept.push(page);
    }
  }

  /** Forgets a task that has ended. */
  forget(parent: string): void {
    this.#children.delete(parent);
  }

  /** Stops reading, and rejects the calls that were not answered: the session is over. */
  close(): void {
    this.#cancelTimer();
    for (const { reject } of this.#open) reject(new ClusterError("the session is over"));
    this.#open.clear();
  }

  #childOf(parent: string, job: string): ChildJob {
    const jobs = this.#children.get(parent) ?? new Map<string, ChildJob>();
    this.#children.set(parent, jobs);
    const child = jobs.get(job) ?? { received: new Set(), kept: [], lastNews: this.#clock.now() };
    jobs.set(job, child);
    return child;
  }

  #passOn(child: ChildJob, bucket: number, pages: readonly StoredPage[]): StoredPage[] {
    for (const page of pages) child.received.add(keyOf(bucket, page));
    child.lastNews = this.#clock.now();
    return pages.map(({ sk, body }) => ({ sk, body }));
  }

  #end(open: OpenCall, pages: readonly StoredPage[]): void {
    this.#open.delete(open);
    open.resolve(pages.length > 0 ? this.#passOn(open.child, open.call.bucket, pages) : []);
  }

  /** Sets the timer for the next read. */
  #plan(): void {
    this.#cancelTimer();
    if (this.#isReading || this.#open.size === 0) return;
    let at = Number.POSITIVE_INFINITY;
    for (const { readAt, until } of this.#open) at = Math.min(at, readAt, until);
    const now = this.#clock.now();
    this.#cancelTimer = this.#clock.after(Math.max(0, Math.max(at, this.#earliest) - now), () => void this.#read());
  }

  async #read(): Promise<void> {
    const began = this.#clock.now();
    const due: OpenCall[] = [];
    for (const open of this.#open) {
      if (open.call.waits && open.until <= began) this.#end(open, []);
      // What becomes due during the next pause is read now.
      else if (open.readAt > began + this.#pauseMs) continue;
      else if (open.call.waits && this.#isAllOwn(open.call)) open.readAt = began + OWN_MS;
      else if (due.length <= MOST_ALSO) due.push(open);
    }
    if (due.length > 0) {
      this.#isReading = true;
      await this.#readAll(due);
      this.#isReading = false;
      const now = this.#clock.now();
      this.#pauseMs = readPauseMs(now - began);
      this.#earliest = now + this.#pauseMs;
    }
    this.#plan();
  }

  /** Reads the pages of these calls, in one message. If that is refused, in one each. */
  async #readAll(due: readonly OpenCall[]): Promise<void> {
    const [first, ...others] = due.map(({ call: { job, bucket, first, past }, pages }): Wanted => {
      const after = pages.at(-1)?.sk;
      return { job, pages: { bucket, first, past, ...(after === undefined ? {} : { after }) } };
    });
    if (!first) return;
    try {
      const answer = await this.#send({ ...first, ...(others.length > 0 ? { also: others } : {}) });
      const found = answer.type === "pages" ? [answer, ...(answer.also ?? [])] : [];
      for (const [at, open] of due.entries()) this.#heed(open, found[at] ?? { pages: [], more: false });
    } catch (error) {
      // One of the tasks may have ended, so that its jobs are refused.
      if (due.length > 1) for (const open of due) await this.#readAll([open]);
      else
        for (const open of due) {
          this.#open.delete(open);
          open.reject(error);
        }
    }
  }

  #heed(open: OpenCall, { pages, more }: { pages: readonly StoredPage[]; more: boolean }): void {
    // A message of this session may have answered it meanwhile.
    if (!this.#open.has(open)) return;
    const { call, child } = open;
    open.pages.push(...pages);
    if (more) return;
    const isNews = open.pages.some((page) => !child.received.has(keyOf(call.bucket, page)));
    if (isNews || !call.waits) {
      this.#end(open, open.pages);
      return;
    }
    open.pages = [];
    const now = this.#clock.now();
    open.readAt = Math.min(open.until, now + readAgainMs(now - child.lastNews));
  }

  /** Whether each task whose outcome is wanted is one that this session will report. */
  #isAllOwn({ job, first, past }: PagesCall): boolean {
    for (let index = first; index < past; index++) if (!this.#isOwn(job, index)) return false;
    return true;
  }
}

function isWanted({ bucket, first, past }: PagesCall, page: EndedChildren): boolean {
  const { from, to } = outcomePagesBetween(first, past);
  return page.bucket === bucket && page.sk >= from && page.sk < to;
}

function keyOf(bucket: number, { sk }: StoredPage): string {
  return `${bucket} ${sk}`;
}
