import { expect, test } from "vitest";
import type { DynamoDbStart, DynamoDbVerbs } from "../../client/local/dynamodb/dynamodb-process.ts";
import { RestartingDynamoDb } from "../../client/local/dynamodb/restarting-dynamodb.ts";
import { CallChannel } from "../../client/local/processes/call-channel.ts";
import { settle } from "../client/virtual-clock.ts";

const START: DynamoDbStart = {
  tables: [],
  principals: [],
  path: "/data/dynamodb",
  latency: undefined,
  recordsCalls: false,
  group: 1,
  folder: "/tmp",
};

/** A fake DynamoDB that only records its calls, and ends when a test ends it. */
class FakeServer {
  readonly asked: unknown[] = [];
  end: (complaint: string) => void = () => {};
  isKilled = false;
  readonly channel: CallChannel<DynamoDbVerbs>;

  constructor(refusal?: string) {
    let answer: (message: unknown) => void = () => {};
    this.channel = new CallChannel(
      {
        send: (message) => {
          const { call, verb, argument } = message as { call: number; verb: string; argument?: unknown };
          this.asked.push(argument ?? verb);
          if (refusal !== undefined) answer({ call, error: { message: refusal, stack: "" } });
          else answer({ call, result: verb === "listen" ? argument || 4000 : verb });
        },
        onMessage: (received) => {
          answer = (message) => queueMicrotask(() => received(message));
        },
        onEnd: (ended) => {
          this.end = (complaint) => ended("was killed (SIGKILL)", complaint);
        },
        ref: () => {},
        unref: () => {},
        kill: () => {
          this.isKilled = true;
        },
      },
      "the embedded DynamoDB",
    );
  }
}

/** A DynamoDB with a clock that only pauses advance. Servers from number `refusesFrom` on cannot start. */
function aDynamoDb({ keepsTables = true, refusesFrom = Number.POSITIVE_INFINITY } = {}) {
  const servers: FakeServer[] = [];
  const clock = { now: 0, pauses: [] as number[] };
  const held: string[] = [];
  const dynamodb = new RestartingDynamoDb({
    launch: () => {
      const server = new FakeServer(servers.length < refusesFrom ? undefined : "the disk is full");
      servers.push(server);
      return server.channel;
    },
    keepsTables,
    hold: async (port) => {
      held.push(`held ${port}`);
      return { release: async () => void held.push("released") };
    },
    now: () => clock.now,
    pause: async (ms) => {
      clock.pauses.push(ms);
      clock.now += ms;
    },
  });
  return { dynamodb, servers, clock, held };
}

test("a DynamoDB whose process ends is started again on its tables at the same port", async () => {
  const { dynamodb, servers, held } = aDynamoDb();
  expect(await dynamodb.start(START)).toBe(4000);
  servers[0]?.end("");
  await settle();
  expect(servers.map(({ asked }) => asked)).toEqual([
    [START, 0],
    [START, 4000],
  ]);
  expect(held).toEqual(["held 4000", "released", "released"]);
  expect(await dynamodb.call("meter")).toBe("meter");
});

test("a DynamoDB that ends now and then is started again every time", async () => {
  const { dynamodb, servers, clock } = aDynamoDb();
  await dynamodb.start(START);
  for (let ends = 0; ends < 20; ends++) {
    clock.now += 6_000;
    servers.at(-1)?.end("");
    await settle();
  }
  expect(servers).toHaveLength(21);
  expect(clock.pauses).toEqual([]);
});

test("a DynamoDB that cannot start again ends with the reason after six times, with longer and longer pauses", async () => {
  const { dynamodb, servers, clock } = aDynamoDb({ refusesFrom: 1 });
  await dynamodb.start(START);
  servers[0]?.end("");
  expect(String(await dynamodb.ended)).toBe("ClusterError: the disk is full (6 times in a row)");
  expect(clock.pauses).toEqual([100, 200, 400, 800]);
  expect(servers.map(({ isKilled }) => isKilled)).toEqual([false, true, true, true, true, true]);
  await expect(dynamodb.call("meter")).rejects.toThrow("the disk is full");
});

test("a DynamoDB that ends again and again because the disk is full is given up with its last words", async () => {
  const { dynamodb, servers, clock } = aDynamoDb();
  await dynamodb.start(START);
  for (let ends = 0; ends < 6; ends++) {
    clock.now += 20_000;
    servers.at(-1)?.end("Error: ENOSPC: no space left on device, write");
    await settle();
  }
  expect(servers).toHaveLength(6);
  expect(String(await dynamodb.ended)).toMatch(/the disk is full: free some space.*\(6 times in a row\)/);
});

test("the end of a DynamoDB in memory says that its tables are gone", async () => {
  const { dynamodb, servers } = aDynamoDb({ keepsTables: false });
  await dynamodb.start(START);
  servers[0]?.end("");
  const gone = "the embedded DynamoDB was killed (SIGKILL); its tables were in memory and are gone";
  expect(String(await dynamodb.ended)).toContain(gone);
  expect(servers).toHaveLength(1);
});

test("a DynamoDB that was closed is not started again", async () => {
  const { dynamodb, servers } = aDynamoDb();
  await dynamodb.start(START);
  await dynamodb.close();
  servers[0]?.end("");
  await settle();
  expect(servers).toHaveLength(1);
});
