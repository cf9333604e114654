import { expect, test } from "vitest";
import { modulesBelow } from "./module-imports.ts";

const OTHER_PROCESS = "the cloud belongs to another process, so that its tables cannot be read, and the test ends it";
const FORGES = "forges messages or removes rights, after which the tables may contain anything";
const REFUSED = "no cloud starts: the call is refused";
const NO_CLUSTER = "the stack is the test's own, without a scheduler: no tasks run";

/** Files that start a cloud and do not assert the invariants on its tables, and why. */
const EXCEPTIONS: Record<string, string> = {
  "test/chaos/embedded-chaos.ts": "asserts them in `oddRows`, outside of Vitest too",
  "test/client/bundled.slow.ts": REFUSED,
  "test/client/node-only.slow.ts": REFUSED,
  "test/contract/start-scenario.ts": OTHER_PROCESS,
  "test/fidelity/embedded-target.ts": NO_CLUSTER,
  "test/local/a-stack.ts": NO_CLUSTER,
  "test/local/cli-profiles.slow.ts": OTHER_PROCESS,
  "test/local/cli.test.ts": OTHER_PROCESS,
  "test/local/started-clusters.ts": OTHER_PROCESS,
  "test/local/cloud-ends.test.ts": "each test ends its cloud while tasks run",
  "test/local/dynamodb.test.ts": NO_CLUSTER,
  "test/local/endpoints.test.ts": NO_CLUSTER,
  "test/local/latency.test.ts": NO_CLUSTER,
  "test/local/lifecycle.test.ts": NO_CLUSTER,
  "test/local/private-files.test.ts": OTHER_PROCESS,
  "test/local/s3.test.ts": NO_CLUSTER,
  "test/local/test-home.ts": OTHER_PROCESS,
  "test/package/newcomer.contract.ts": OTHER_PROCESS,
  "test/privilege/hostile-task.test.ts": FORGES,
  "test/privilege/least-privilege.slow.ts": FORGES,
  "test/soak/soak-run.ts": "counts the rows that each round leaves, outside of Vitest",
};

/** Whether a text starts an embedded cloud: directly, through a client, or with the command. */
const starts = (text: string) =>
  /\b(?:startCloud|startCloudOf|Client\.local)\(|\["start"|\("start"|CLI, "start"/.test(text);
const asserts = (text: string) => /\bexpectSoundCloud\(|\bnew TestCluster\(/.test(text);

test("each file that starts a cloud asserts the invariants on its tables, or is listed with a reason", () => {
  const unsure = modulesBelow("test")
    .filter(({ path, text }) => !path.startsWith("test/architecture/") && starts(text) && !asserts(text))
    .map(({ path }) => path);
  expect(unsure.sort()).toEqual(Object.keys(EXCEPTIONS).sort());
});

test("the search recognises every way to start a cloud", () => {
  const forms = [
    "await startCloud(",
    "startCloudOf({ stack })",
    "Client.local()",
    'fantail("start", "-n")',
    '[...CLI, "start"]',
  ];
  expect(forms.filter((form) => !starts(form))).toEqual([]);
  expect(["startCloudless()", "client.local", 'emit("started")'].filter(starts)).toEqual([]);
  expect(asserts("afterEach(() => expectSoundCloud(cloud));") && asserts("new TestCluster({ hwm: 1 })")).toBe(true);
});
