import type { Clock } from "../../adapters/clock.ts";
import type { ViewCall } from "../../authoring/view-calls.ts";
import type { EndedChildren, EngineAnswer } from "../../protocol/engine-answer.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { MAX_ALSO, type ReadMessage } from "../../protocol/report-messages.ts";
import { outcomePagesBetween } from "../../protocol/rows.ts";
import { readAgainMs, readPauseMs } from "../rules/read-pace.ts";

/** Maximum time that a call waits for news, in milliseconds. */
const WAIT_MS = 1000;

/** Interval, in milliseconds, at which to check whether the session still holds the tasks that a call waits for. */
const OWN_MS = 100;

/**
 * Maximum number of pages to keep for one job until its view asks for them. Further pages are not kept, but read when
 * the view asks.
 */
const KEPT_PAGES = 100;

type PagesCall = ViewCall & { type: "pages" };

/** An outcome page as stored. */
export interface StoredPage {
  sk: string;
  body: string;
}

/** A job that a task submitted, and the outcome pages that the task's view has received or may still ask for. */
interface ChildJob {
  /** Sort keys of the pages that the view has received, with their buckets. */
  received: Set<string>;
  /** Pages that the view has not asked for yet. */
  kept: EndedChildren[];
  /** When the view last received news or, before that, when the job became known here; epoch milliseconds. */
  lastNews: number;
}

/** A call that is not answered yet. */
interface OpenCall {
  call: PagesCall;
  child: ChildJob;
  pages: StoredPage[];
  /** When to read next, and when to answer even without news; epoch milliseconds. */
  readAt: number;
  until: number;
  resolve(pages: StoredPage[]): void;
  reject(error: unknown): void;
}

/** The session whose tasks wait for outcomes. */
export interface ReadingSession {
  /** Whether the outcome of a task reaches the session without a read, because the session itself will report it. */
  isOwn(job: string, index: number): boolean;
  /** Whether the session has tasks to run besides those that wait. */
  isBusy(): boolean;
}

type Wanted = Pick<ReadMessage, "job"> & { pages: NonNullable<ReadMessage["pages"]> };

/**
 * Reads outcomes for the views of a session's tasks. One call reads the outcomes that several tasks wait for. Pages
 * that the session's own messages have stored are passed on without a call.
 */
export class OutcomeReads {
  readonly #send: (message: { job: string; pages: Wanted["pages"]; also?: Wanted[] }) => Promise<EngineAnswer>;
  readonly #clock: Clock;
  readonly #session: ReadingSession;
  /** Jobs that tasks have submitted, by the id of the task and then by the id of the job. */
  readonly #children = new Map<string, Map<string, ChildJob>>();
  readonly #open = new Set<OpenCall>();
  #cancelTimer: () => void = () => {};
  #isReading = false;
  /** When the last read was answered, epoch milliseconds, and how long it took. */
  #lastRead = 0;
  #tookMs = 0;

  constructor(
    send: (message: { job: string; pages: Wanted["pages"]; also?: Wanted[] }) => Promise<EngineAnswer>,
    clock: Clock,
    session: ReadingSession,
  ) {
    this.#send = send;
    this.#clock = clock;
    this.#session = session;
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

  /**
   * Passes on a page that this session's own message stored: to the call that waits for it, or to the next one that
   * asks.
   */
  stored(page: EndedChildren): void {
    for (const jobs of this.#children.values()) {
      const child = jobs.get(page.job);
      if (!child || child.received.has(keyOf(page.bucket, page))) continue;
      const waiting = [...this.#open].find((one) => one.child === child && one.call.waits && isWanted(one.call, page));
      if (waiting) this.#end(waiting, [page]);
      else if (child.kept.length < KEPT_PAGES) child.kept.push(page);
    }
  }

  /** Sends the next read sooner, because the session has nothing else to do any more. */
  hurry(): void {
    this.#plan();
  }

  /** Forgets a task that has ended. */
  forget(parent: string): void {
    this.#children.delete(parent);
  }

  /** Stops reading and rejects the calls that were not answered, because the session has ended. */
  close(): void {
    this.#cancelTimer();
    for (const { call, reject } of this.#open)
      reject(new ClusterError(`the outcomes of job ${call.job} were not read, because the engine's session has ended`));
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
    const ms = Math.max(at, this.#lastRead + this.#pauseMs) - this.#clock.now();
    this.#cancelTimer = this.#clock.after(Math.max(0, ms), () => void this.#read());
  }

  /** The pause that must separate the next read from the last one, in milliseconds. */
  get #pauseMs(): number {
    return readPauseMs(this.#tookMs, this.#session.isBusy());
  }

  async #read(): Promise<void> {
    const pauseMs = this.#pauseMs;
    const began = this.#clock.now();
    const due: OpenCall[] = [];
    for (const open of this.#open) {
      if (open.call.waits && open.until <= began) this.#end(open, []);
      // This read also answers the calls that become due during the next pause.
      else if (open.readAt > began + pauseMs) continue;
      else if (open.call.waits && this.#isAllOwn(open.call)) open.readAt = began + OWN_MS;
      else if (due.length <= MAX_ALSO) due.push(open);
    }
    if (due.length > 0) {
      this.#isReading = true;
      await this.#readAll(due);
      this.#isReading = false;
      this.#lastRead = this.#clock.now();
      this.#tookMs = this.#lastRead - began;
    }
    this.#plan();
  }

  /** Reads the pages that these calls want: in one message or, if that fails, in one message for each call. */
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
      // The report function refuses the message if one of the tasks has ended, so read for each task alone.
      if (due.length > 1) for (const open of due) await this.#readAll([open]);
      else
        for (const open of due) {
          this.#open.delete(open);
          open.reject(error);
        }
    }
  }

  #heed(open: OpenCall, { pages, more }: { pages: readonly StoredPage[]; more: boolean }): void {
    // A message of this session may have answered the call meanwhile.
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

  /** Whether this session itself will report the outcome of each wanted task. */
  #isAllOwn({ job, first, past }: PagesCall): boolean {
    for (let index = first; index < past; index++) if (!this.#session.isOwn(job, index)) return false;
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
