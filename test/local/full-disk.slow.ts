import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client, ClusterError, NoCluster } from "../../client/index.ts";
import { LONG_MS, mayMount, mounting, TestHome } from "./test-home.ts";

const home = new TestHome();

/**
 * Limits under which a cloud fails. To a writer, a limit of 3 MB on file size looks like a full disk, even to a DynamoDB
 * that restarts with its tables. Longer runs that may mount file systems also use a disk that is really full.
 */
const LIMITS: [label: string, before: (folder: string) => string, reason: RegExp][] = [
  ["a file may not grow", () => "ulimit -f 6144;", /a file has reached the size limit.*IO error.*File too large/],
];
if (mayMount)
  LIMITS.push(["the disk is full", (folder) => mounting(folder, "size=3m"), /the disk is full.*No space left|ENOSPC/]);

test.each(LIMITS)(
  "when %s, the client, the command and later users get the reason",
  { timeout: 4 * LONG_MS },
  async (_, before, reason) => {
    const data = join(home.folder, "data");
    mkdirSync(data, { mode: 0o700 });
    const { owner, stderr } = await home.start(before(data), "--data", data);
    const exit = once(owner, "exit");
    const client = await Client.connect();
    const view = client.loadBalancedView();
    const fill = async () => {
      for (let n = 0; n < 20; n++)
        await view.map(
          (text: string) => text,
          Array.from({ length: 500 }, () => randomBytes(3_000).toString("base64")),
        );
    };
    const failure = await fill().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ClusterError);
    expect(String(failure)).toMatch(reason);
    expect(String(failure)).toContain("the cluster of profile default");
    expect(String(failure)).toContain("`fantail start`");
    expect(await exit).toEqual([1, null]);
    expect(stderr()).toMatch(reason);
    expect(stderr()).toContain(`its data is in ${data}`);
    await client.close();
    await expect(Client.connect({ profile: "default" })).rejects.toThrow(NoCluster);
    await expect(Client.connect({ profile: "default" })).rejects.toThrow(reason);
  },
);
