import { InvalidId } from "../../lambdas/protocol/errors.ts";
import { isJobId, isTaskId, taskId } from "../../lambdas/protocol/task-id.ts";
import type { Clock } from "../cluster/clock.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import { jobsByPrefix } from "../history/jobs-by-prefix.ts";
import { newestJobs } from "../history/newest-jobs.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";

/** What commands say about the ids that they take. */
export const IDS = "task or job ids, their unique beginnings, or `last` for the newest job";
export const ONE_ID = "an id, its unique beginning, or `last` for the newest job";

/** Maximum number of candidates that a message lists. */
const SHOWN = 10;

/** The parts of a client that look jobs up. */
interface Lookup {
  cloud: CloudPort;
  clock: Clock;
}

/**
 * Completes the ids that a user gave, in order. `last` stands for the newest job of all clients, and the beginning of a
 * job's id for that job. Either with an index, such as `last.3`, stands for a task of the job. Complete ids are not
 * looked up.
 *
 * @throws InvalidId for a text that cannot begin an id; CommandFailure, with candidates if there are any, unless
 * exactly one job has an id that begins with the text
 */
export function resolveIds(lookup: Lookup, words: readonly string[]): Promise<string[]> {
  const jobs = new Map<string, Promise<string>>();
  return Promise.all(
    words.map(async (word) => {
      if (isJobId(word) || isTaskId(word)) return word;
      const [, head = "", index] = /^(last|[0-9A-HJKMNP-TV-Z]{1,26})(?:\.(\d{1,8}))?$/i.exec(word) ?? [];
      if (head === "") throw new InvalidId(word);
      const known = jobs.get(head) ?? resolveJob(lookup, head);
      jobs.set(head, known);
      const job = await known;
      return index === undefined ? job : taskId(job, Number(index));
    }),
  );
}

/** Completes one id. */
export async function resolveId(lookup: Lookup, word: string): Promise<string> {
  const [id = word] = await resolveIds(lookup, [word]);
  return id;
}

async function resolveJob({ cloud, clock }: Lookup, head: string): Promise<string> {
  const now = clock.now();
  if (head.toLowerCase() === "last") {
    const [newest] = await newestJobs(cloud, now, 1);
    if (newest) return newest.job;
    throw new CommandFailure("no job was submitted in the last 31 days, so there is no last one", EXIT.usage, {
      code: "UnknownId",
      candidates: [],
    });
  }
  const prefix = head.toUpperCase();
  if (isJobId(prefix)) return prefix;
  const found = await jobsByPrefix(cloud, prefix, now);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only !== undefined) throw refused("AmbiguousId", `${found.length} jobs begin with ${head}`, found);
  const newest = (await newestJobs(cloud, now, SHOWN)).map(({ job }) => job);
  throw refused("UnknownId", `no job of the last 31 days begins with ${head}`, newest.reverse());
}

/** Refuses an id and lists jobs that may have been meant, newest last. */
function refused(code: string, reason: string, jobs: readonly string[]): CommandFailure {
  const candidates = jobs.slice(-SHOWN).reverse();
  const lines = candidates.map((job) => `\n  ${job}`).join("");
  const which = code === "AmbiguousId" ? "Pass more of the id. The newest of them" : "The newest jobs";
  return new CommandFailure(
    `${reason}. ${candidates.length === 0 ? "There are no jobs" : `${which}:${lines}`}`,
    EXIT.usage,
    {
      ...{ code, candidates },
    },
  );
}
