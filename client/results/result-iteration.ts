import { CompositeError } from "../../lambdas/protocol/composite-error.ts";
import type { ResultPart } from "../outcomes/result-part.ts";
import type { ResultSource } from "../outcomes/result-source.ts";
import type { ItemPlace, LoadedResult, ResultItems, Settled } from "./result-items.ts";
import { type Waiting, waitForTasks } from "./task-wait.ts";

/** The outcome of one item, with its index in the result. */
type ArrivedItem = Settled & { position: number };

/**
 * Iterates over the values of a result's items in the order that its source requests. With `returnExceptions`, a failed
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

/** Yields items in input order, each once it and all before it have finished. */
async function* inOrder(waiting: Waiting, items: ResultItems): AsyncGenerator<ArrivedItem> {
  const release = watchAll(waiting, items);
  try {
    let position = 0;
    for (const place of items.places()) {
      const { outcomes, task } = place;
      if (!outcomes.isFinal(task)) await waitForTasks(waiting, [{ outcomes, from: task, to: task + 1 }], {});
      yield { ...(await items.read(place)), position: position++ };
    }
  } finally {
    release();
  }
}

/** Yields items as they complete; those of one chunk complete together. */
async function* asCompleted(waiting: Waiting, items: ResultItems): AsyncGenerator<ArrivedItem> {
  const arrived: ItemPlace[] = [];
  let wake = () => {};
  let failure: Error | undefined;
  const arrive = (part: ResultPart, task: number) => {
    const { outcomes } = part;
    for (let offset = 0; offset < items.itemsOf(outcomes, task); offset++) arrived.push({ outcomes, task, offset });
    wake();
  };
  const fail = (error: Error) => {
    failure = error;
    wake();
  };
  const releases = items.parts.map((part) => {
    for (let task = part.from; task < part.to; task++) if (part.outcomes.isFinal(task)) arrive(part, task);
    return part.outcomes.waiters.add(part.from, part.to, (task) => arrive(part, task), fail);
  });
  releases.push(watchAll(waiting, items));
  try {
    for (let left = items.count, at = 0; left > 0; ) {
      const place = arrived[at];
      if (place === undefined) {
        for (const { outcomes } of items.parts) if (failure ?? outcomes.failure) throw failure ?? outcomes.failure;
        arrived.length = at = 0;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      at++;
      left--;
      const settled = await items.read(place);
      yield { ...settled, position: items.positionOf(place.outcomes, place.task) + place.offset };
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
