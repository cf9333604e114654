import { CompositeError } from "../../lambdas/protocol/composite-error.ts";
import type { ResultSource } from "../outcomes/result-source.ts";
import { indexIn, type PlacedPart, placedParts } from "./placed-parts.ts";
import { ReadAhead } from "./read-ahead.ts";
import type { ItemLocation, LoadedResult, ResultItems, Settled } from "./result-items.ts";
import { type Waiting, waitForTasks } from "./task-wait.ts";

/** The outcome of one item, with its index in the result. */
type ArrivedItem = Settled & { position: number };

/**
 * Iterates over the values of a result's items, in the order that the view asked for. With `returnExceptions`, a failed
 * item yields its error.
 *
 * @throws the error of a failed item; for a list, a CompositeError that names the item
 */
export async function* iterated(
  waiting: Waiting,
  { items, shape }: LoadedResult,
  { ordered, returnExceptions }: Pick<ResultSource<unknown>, "ordered" | "returnExceptions">,
): AsyncGenerator<unknown> {
  const iterate = ordered === false ? asCompleted : inOrder;
  for await (const item of iterate(waiting, items)) {
    if (item.ok) yield item.value;
    else if (returnExceptions) yield item.error;
    else throw shape === "value" || items.isWithdrawn ? item.error : new CompositeError([item.error], [item.position]);
  }
}

/** Yields items in input order, each as soon as it and all before it have finished. */
async function* inOrder(waiting: Waiting, items: ResultItems): AsyncGenerator<ArrivedItem> {
  const release = watchAll(waiting, items);
  try {
    const places = items.places();
    let coming = places.next();
    const ahead = new ReadAhead(items, () => {
      if (coming.done || !coming.value.outcomes.isFinal(coming.value.task)) return undefined;
      const place = coming.value;
      coming = places.next();
      return place;
    });
    for (let position = 0; ; ) {
      const next = ahead.take();
      if (next) yield { ...(await next.settled), position: position++ };
      else if (coming.done) break;
      else {
        const { outcomes, task } = coming.value;
        await waitForTasks(waiting, [{ outcomes, from: task, to: task + 1 }], {});
      }
    }
  } finally {
    release();
  }
}

/** The location of an item whose index in the result is known. */
type IndexedPlace = ItemLocation & { index: number };

/** Yields items as they complete. The items of a chunk complete together. */
async function* asCompleted(waiting: Waiting, items: ResultItems): AsyncGenerator<ArrivedItem> {
  const arrived: IndexedPlace[] = [];
  let at = 0;
  const ahead = new ReadAhead(items, () => {
    const place = arrived[at];
    if (place) at++;
    else arrived.length = at = 0;
    return place;
  });
  let wake = () => {};
  let failure = items.parts.find(({ outcomes }) => outcomes.failure)?.outcomes.failure;
  const arrive = (placed: PlacedPart, task: number) => {
    const { outcomes } = placed.part;
    const first = indexIn(placed, task);
    for (let offset = 0; offset < items.itemsOf(outcomes, task); offset++)
      arrived.push({ outcomes, task, offset, index: first + offset });
    wake();
  };
  const fail = (error: Error) => {
    failure = error;
    wake();
  };
  const releases = placedParts(items.parts).map((placed) => {
    const { outcomes, from, to } = placed.part;
    for (let task = from; task < to; task++) if (outcomes.isFinal(task)) arrive(placed, task);
    return outcomes.waiters.add(from, to, (task) => arrive(placed, task), fail);
  });
  releases.push(watchAll(waiting, items));
  try {
    for (let left = items.count; left > 0; ) {
      const next = ahead.take();
      if (next === undefined) {
        if (failure) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      left--;
      const { place, settled } = next;
      yield { ...(await settled), position: place.index };
    }
  } finally {
    for (const release of releases) release();
  }
}

/** Watches all unfinished tasks for the whole iteration, so that the polling interval does not restart at each item. */
function watchAll(waiting: Waiting, items: ResultItems): () => void {
  const unfinished = items.parts.filter(({ outcomes, from, to }) => outcomes.missingBetween(from, to) > 0);
  const releases = unfinished.map(({ outcomes }) => waiting.poller.watch(outcomes, true));
  return () => {
    for (const release of releases) release();
  };
}
