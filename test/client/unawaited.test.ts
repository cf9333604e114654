import { describe, expect, it } from "vitest";
import type { ClientCore } from "../../client/client-core.ts";
import { Dependency } from "../../client/flags/dependency.ts";
import { getResult } from "../../client/results/get-result.ts";
import { waitFor } from "../../client/results/named-tasks.ts";
import { aClient, type TestClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const root = (x: number) => Math.sqrt(x);
const rootOf = ([x]: unknown[]) => {
  if (Number(x) < 0) throw new RangeError(`no root of ${x}`);
  return Math.sqrt(Number(x));
};

/** Creates a client whose tasks run at once, and fail. */
function aFailingClient(): TestClient {
  const client = aClient();
  client.cloud.behaviour = rootOf;
  return client;
}

/** Returns the lines that a client prints when it closes. */
async function closing({ core, clock }: Pick<TestClient, "core" | "clock">): Promise<string[]> {
  const lines: string[] = [];
  await clock.until(core.close((line) => lines.push(line)));
  return lines;
}

const ignore = () => {};
const tick = () => settle();

describe("a closing client reports", () => {
  it("a closing client reports how many tasks failed unawaited, and why the first did", async () => {
    const client = aFailingClient();
    const result = client.view.map(root, [4, -1, -2]);
    await client.clock.until(result.wait());
    expect(await closing(client)).toEqual([
      `fantail: 2 tasks failed and nobody awaited their results, first: RangeError: no root of -1 (task ${result.jobId}.1). Await them, or pass reportUnawaited: false`,
    ]);
  });

  it("a closing client finds unknown failures with one poll", async () => {
    const client = aFailingClient();
    const { jobId } = client.view.apply(root, -1);
    const lines = await closing(client);
    expect(lines).toEqual([
      `fantail: 1 task failed and nobody awaited its result, first: RangeError: no root of -1 (task ${jobId}). Await it, or pass reportUnawaited: false`,
    ]);
    expect(client.cloud.queries).toHaveLength(1);
  });

  it("a reported failure is one line, whatever its message", async () => {
    const client = aClient();
    client.cloud.behaviour = () => {
      throw new Error(`first\nsecond ${"x".repeat(5_000)}`);
    };
    client.view.apply(root, 1);
    const [line = ""] = await closing(client);
    expect(line).toMatch(/first: Error: first second x+… \(task /);
    expect(line).not.toContain("\n");
    expect(line.length).toBeLessThan(600);
  });

  it("a closing client reports tasks that failed after a wait was given up", async () => {
    const client = aClient();
    const result = client.view.apply(root, -1);
    await client.clock.until(result.get({ timeoutMs: 100 }).catch(ignore));
    const job = client.cloud.lastJob;
    client.cloud.end(job, 0, 1, () => rootOf([-1]));
    expect(await closing(client)).toHaveLength(1);
  });

  it("a closing client reports a failure once if another task failed because of it", async () => {
    const client = aClient();
    const parent = client.view.apply(root, -1);
    const child = client.view.withFlags({ after: parent }).apply(root, 1);
    await tick();
    const [first, second] = [parent.jobId.split(".")[0] ?? "", child.jobId];
    client.cloud.write(first, [client.cloud.entry(0, () => rootOf([-1]))]);
    const error = {
      code: "ImpossibleDependency" as const,
      ename: "ImpossibleDependency",
      evalue: `it depends on task ${parent.jobId}, which failed`,
      dependency: parent.jobId,
      reason: "failed",
    };
    const [job = "", index] = second.split(".");
    client.cloud.write(job, [{ index: Number(index), attempt: 1, status: "impossible", final: true, error }], {}, "L2");
    expect(await closing(client)).toEqual([expect.stringMatching(/^fantail: 1 task failed .*ImpossibleDependency: /)]);
  });
});

describe("a closing client and a refused submission", () => {
  const refused = () => {
    const client = aClient();
    client.cloud.answer = (message) =>
      message.type === "submit" ? { type: "error", code: "Refused", message: "there is no room" } : undefined;
    return client;
  };

  it("a closing client reports a refused submission that nobody awaited", async () => {
    const client = refused();
    const { jobId } = client.view.map(root, [1, 2, 3]);
    expect(await closing(client)).toEqual([
      `fantail: 3 tasks failed and nobody awaited their results, first: Refused: there is no room (task ${jobId}.0). Await them, or pass reportUnawaited: false`,
    ]);
  });

  it("a closing client does not report a refusal that was already received", async () => {
    const client = refused();
    const [first] = [client.view.apply(root, 1), client.view.apply(root, 2)];
    await client.clock.until(first.get().catch(ignore));
    expect(await closing(client)).toEqual([]);
  });

  it("a closing client does not report a refused submission that was awaited before or after the refusal, or aborted", async () => {
    const client = refused();
    const late = client.view.map(root, [1, 2]);
    await client.clock.until(client.view.map(root, [3]).get().catch(ignore));
    await client.clock.until(late.get().catch(ignore));
    const aborted = client.view.apply(root, 4);
    await client.clock.until(aborted.abort().catch(ignore));
    expect(await closing(client)).toEqual([]);
  });
});

describe("a failure is not reported when", () => {
  const readers: [how: string, read: (client: TestClient) => Promise<unknown>][] = [
    ["it was awaited", async ({ view }) => view.apply(root, -1).catch(ignore)],
    ["it was read with get", async ({ view }) => view.map(root, [1, -1, -2]).get().catch(ignore)],
    [
      "it was returned as a value",
      async ({ view }) => view.withFlags({ returnExceptions: true }).map(root, [-1, 2, -3]),
    ],
    [
      "it was awaited as a part of a split result",
      async ({ view }) =>
        view
          .map(root, [-1])
          .split()
          .then(([part]) => part?.catch(ignore)),
    ],
    [
      "an iteration ended with an earlier failure",
      async ({ view }) => {
        try {
          for await (const _ of view.map(root, [1, -1, -2, -3]));
        } catch {}
      },
    ],
    [
      "an imap threw or yielded it",
      async ({ view }) => {
        try {
          for await (const _ of view.imap(root, [1, -1, -2, -3]));
        } catch {}
      },
    ],
    [
      "the loop over its imap was left",
      async ({ view }) => {
        for await (const _ of view.imap(root, [1, -1, -2, -3])) break;
      },
    ],
    ["metadata() returned it", async ({ view }) => view.map(root, [-1, 1]).metadata()],
    ["successful() reported it", async ({ view }) => view.map(root, [-1, 1]).successful()],
    ["it was read by its id", async ({ view, core }) => getResult(core, view.apply(root, -1).jobId).catch(ignore)],
    [
      "another task failed because of it, and that task was awaited",
      async ({ view, cloud }) => {
        cloud.behaviour = () => rootOf([-1]);
        const parents = view.map(root, [-1, -2]);
        const dependency = new Dependency(parents, { failure: true });
        const [argument] = await parents.split();
        await view.withFlags({ after: dependency }).apply(root, -1).catch(ignore);
        if (argument) await view.apply(root, argument as never).catch(ignore);
      },
    ],
  ];

  it.each(readers)("a failure is not reported when %s", async (_, read) => {
    const client = aFailingClient();
    await client.clock.until(read(client));
    expect(await closing(client)).toEqual([]);
  });

  it("a failure is not reported when another client submitted the task", async () => {
    const theirs = aFailingClient();
    const { jobId } = theirs.view.apply(root, -1);
    await tick();
    const ours = aClient({}, theirs);
    await ours.clock.until(waitFor(ours.core, jobId, {}));
    expect(await closing(ours)).toEqual([]);
  });

  it("a failure is not reported when the user aborted the task, or one that it depends on", async () => {
    const client = aClient();
    const parent = client.view.apply(root, -1);
    const child = client.view.withFlags({ after: parent }).apply(root, 1);
    const grandchild = client.view.withFlags({ after: child, label: "last" }).apply(root, 1);
    await tick();
    await client.clock.until(parent.abort());
    const end = (id: string, on: string, reason: string) => {
      const [job = "", index] = id.split(".");
      const ename = "ImpossibleDependency" as const;
      const error = { code: ename, ename, evalue: `it depends on task ${on}`, dependency: on, reason };
      client.cloud.write(job, [{ index: Number(index), attempt: 1, status: "impossible", final: true, error }], {}, id);
    };
    const [job = ""] = parent.jobId.split(".");
    // The task failed before the abort reached it.
    client.cloud.write(job, [client.cloud.entry(0, () => rootOf([-1]))]);
    end(child.jobId, parent.jobId, "was aborted");
    end(grandchild.jobId, child.jobId, "could not run");
    expect(await closing(client)).toEqual([]);
  });

  it("a closing client reports nothing when everything succeeded", async () => {
    const client = aFailingClient();
    client.view.map(root, [1, 2, 3]);
    expect(await closing(client)).toEqual([]);
  });
});

describe("closing a client", () => {
  it("closing a client neither polls nor reports unless requested", async () => {
    const client = aFailingClient();
    client.view.apply(root, -1);
    await client.clock.until(client.core.close());
    expect(client.cloud.queries).toEqual([]);
  });

  it("closing a client sends nothing if everything has ended", async () => {
    const client = aFailingClient();
    await client.clock.until(client.view.map(root, [1, 2]));
    const before = client.cloud.queries.length;
    await closing(client);
    expect(client.cloud.queries).toHaveLength(before);
  });

  it("closing a client waits at most half a second for its poll, and ignores a failed one", async () => {
    const closes = async (core: ClientCore, client: TestClient) => {
      const before = client.clock.now();
      await client.clock.until(core.close(ignore));
      return client.clock.now() - before;
    };
    const failing = aFailingClient();
    failing.view.apply(root, -1);
    failing.cloud.readFailure = new Error("throttled");
    expect(await closes(failing.core, failing)).toBeLessThan(100);
    const silent = aFailingClient();
    silent.view.apply(root, -1);
    silent.cloud.outcomePages = () => new Promise(ignore);
    expect(await closes(silent.core, silent)).toBeLessThanOrEqual(520);
  });
});
