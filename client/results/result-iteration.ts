import type { ClientCore } from "../client-core.ts";
import type { ItemPlace, ResultItems, ResultPart, Settled } from "./result-items.ts";
import { waitForTasks } from "./task-wait.ts";

/** One item as it came out, and its position in the result. */
export type ArrivedItem = Settled & { position: number };

/** Items in input order, each as soon as it and all before it are there. */
export async function* inOrder(core: ClientCore, items: ResultItems): AsyncGenerator<ArrivedItem> {
  const release = watchAll(core, items);
  try {
    let position = 0;
    for (const place of items.places()) {
      const { outcomes, task } = place;
      if (!outcomes.isFinal(task)) await waitForTasks(core, [{ outcomes, from: task, to: task + 1 }], {});
      yield { ...(await items.read(place)), position: position++ };
    }
  } finally {
    release();
  }
}

/** Items as they come; those of one chunk come together. */
export async function* asCompleted(core: ClientCore, items: ResultItems): AsyncGenerator<ArrivedItem> {
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
  releases.push(watchAll(core, items));
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

/** Keeps one pace for the whole iteration instead of beginning anew at each item. */
function watchAll(core: ClientCore, items: ResultItems): () => void {
  const unfinished = items.parts.filter(({ outcomes, from, to }) => outcomes.missingBetween(from, to) > 0);
  const releases = unfinished.map(({ outcomes }) => core.poller.watch(outcomes, true));
  return () => {
    for (const release of releases) release();
  };
}
