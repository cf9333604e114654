import { describe, expect, it } from "vitest";
import { OutcomeReads, type StoredPage } from "../../lambdas/engine/supervisor/outcome-reads.ts";
import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import { settle, VirtualClock } from "../client/virtual-clock.ts";

type Wanted = { job: string; pages: { bucket: number; first: number; past: number; after?: string | undefined } };

/** Creates the reads of a session, with a cluster in which each job has these pages. */
function someReads(options: { refuses?: string[]; pagesAtOnce?: number } = {}) {
  const { refuses = [], pagesAtOnce = 100 } = options;
  const clock = new VirtualClock();
  const stored = new Map<string, StoredPage[]>();
  const own = new Set<string>();
  const sent: Wanted[][] = [];
  const found = ({ job, pages: { after = "" } }: Wanted) => {
    const all = (stored.get(job) ?? []).filter(({ sk }) => sk > after);
    return { pages: all.slice(0, pagesAtOnce), more: all.length > pagesAtOnce };
  };
  const send = async ({ also = [], ...first }: Wanted & { also?: Wanted[] }): Promise<EngineAnswer> => {
    const wanted = [first, ...also];
    sent.push(wanted);
    if (wanted.some(({ job }) => refuses.includes(job))) throw new Error("refused");
    return { type: "pages", ...found(first), also: also.map(found) };
  };
  const reads = new OutcomeReads(send, clock, {
    isOwn: (job, index) => own.has(`${job}.${index}`),
    isBusy: () => false,
  });
  const ask = (parent: string, job: string, { first = 0, past = 1, waits = true } = {}) => {
    const answer: { pages?: StoredPage[]; error?: unknown } = {};
    reads.pages({ type: "pages", parent, job, bucket: 0, first, past, waits }).then(
      (pages) => Object.assign(answer, { pages }),
      (error: unknown) => Object.assign(answer, { error }),
    );
    return answer;
  };
  return { clock, stored, own, sent, reads, ask, jobs: () => sent.map((one) => one.map(({ job }) => job)) };
}

function aPage(index: number): StoredPage {
  return { sk: `o#${String(index).padStart(8, "0")}#0`, body: `page ${index}` };
}

describe("the reads of outcomes for tasks that wait", () => {
  it("outcomes that several tasks wait for are read in one call", async () => {
    const { clock, stored, ask, jobs } = someReads();
    const answers = [ask("a", "one"), ask("b", "two"), ask("c", "three")];
    stored.set("two", [aPage(0)]);
    await clock.advance(10);
    expect(jobs()[0]).toEqual(["one", "two", "three"]);
    expect(answers).toEqual([{}, { pages: [aPage(0)] }, {}]);
  });

  it("while there is no news, outcomes are read less and less often, and the call ends after a second", async () => {
    const { clock, ask, sent } = someReads();
    const answer = ask("a", "one");
    await clock.advance(990);
    expect(answer).toEqual({});
    expect(sent.length).toBeLessThan(25);
    await clock.advance(20);
    expect(answer).toEqual({ pages: [] });
  });

  it("a page that a message of the session has stored is passed on without a read", async () => {
    const { clock, reads, ask, sent } = someReads();
    const waiting = ask("a", "one");
    reads.stored({ job: "one", bucket: 0, ...aPage(0) });
    await settle();
    expect(waiting).toEqual({ pages: [aPage(0)] });
    await clock.advance(1000);
    expect(sent).toEqual([]);
  });

  it("a page that the session has stored is kept until its task asks for it, and dropped if the task has ended", async () => {
    const { clock, reads, ask, sent } = someReads();
    reads.submitted("a", "one");
    reads.submitted("b", "two");
    for (const job of ["one", "two"]) reads.stored({ job, bucket: 0, ...aPage(0) });
    reads.forget("b");
    const [kept, forgotten] = [ask("a", "one"), ask("b", "two")];
    await settle();
    expect(kept).toEqual({ pages: [aPage(0)] });
    await clock.advance(10);
    expect(forgotten).toEqual({});
    expect(sent[0]).toMatchObject([{ job: "two" }]);
  });

  it("a page of other tasks of the job does not end the wait", async () => {
    const { reads, ask } = someReads();
    const waiting = ask("a", "one", { first: 2, past: 3 });
    reads.stored({ job: "one", bucket: 0, ...aPage(1) });
    reads.stored({ job: "one", bucket: 0, ...aPage(3) });
    await settle();
    expect(waiting).toEqual({});
  });

  it("a page that the task has already received does not end its wait, but is part of an answer without a wait", async () => {
    const { clock, stored, ask } = someReads();
    stored.set("one", [aPage(0)]);
    const first = ask("a", "one", { past: 2 });
    await clock.advance(10);
    expect(first).toEqual({ pages: [aPage(0)] });
    const second = ask("a", "one", { past: 2 });
    await clock.advance(500);
    expect(second).toEqual({});
    const now = ask("a", "one", { past: 2, waits: false });
    await clock.advance(0);
    expect(now).toEqual({ pages: [aPage(0)] });
    stored.set("one", [aPage(0), aPage(1)]);
    await clock.advance(250);
    expect(second).toEqual({ pages: [aPage(0), aPage(1)] });
  });

  it("outcomes that the session itself will report are not read", async () => {
    const { clock, own, ask, sent } = someReads();
    own.add("one.0").add("one.1");
    ask("a", "one", { past: 2 });
    await clock.advance(900);
    expect(sent).toEqual([]);
    own.delete("one.1");
    await clock.advance(100);
    expect(sent).not.toEqual([]);
  });

  it("if a joint read is refused, each task's part is read alone, and only the refused one fails", async () => {
    const { clock, stored, ask, jobs } = someReads({ refuses: ["ended"] });
    stored.set("one", [aPage(0)]);
    const answers = [ask("a", "one"), ask("b", "ended")];
    await clock.advance(10);
    expect(jobs()).toEqual([["one", "ended"], ["one"], ["ended"]]);
    expect(answers).toEqual([{ pages: [aPage(0)] }, { error: expect.any(Error) }]);
  });

  it("pages that do not fit into one answer are read in several calls", async () => {
    const { clock, stored, ask, sent } = someReads({ pagesAtOnce: 2 });
    const pages = [0, 1, 2, 3, 4].map(aPage);
    stored.set("one", pages);
    const answer = ask("a", "one", { past: 10 });
    await clock.advance(50);
    expect(answer).toEqual({ pages });
    expect(sent.map(([one]) => one?.pages.after)).toEqual([undefined, pages[1]?.sk, pages[3]?.sk]);
  });

  it("an ended session reads no more outcomes", async () => {
    const { clock, reads, ask, sent } = someReads();
    ask("a", "one");
    reads.close();
    await clock.advance(1000);
    expect(sent).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
