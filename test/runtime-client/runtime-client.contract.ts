import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootstrapFile } from "../../client/local/lambda/unpack-code.ts";
import { runByClient } from "./client-run.ts";
import { runEmbedded } from "./embedded-run.ts";
import { FUNCTION_CASES } from "./function-cases.ts";
import { installRuntimeClient } from "./runtime-client.ts";

const client = await installRuntimeClient();
if ("missing" in client) console.warn(`\nSKIPPED: the bootstrap beside AWS's runtime client: ${client.missing}\n`);

describe.skipIf("missing" in client)(
  "a function ends under the embedded bootstrap as under AWS's runtime client, when it",
  {
    timeout: 120_000,
  },
  () => {
    let folder = "";
    let bootstrap = "";
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "fantail-runtime-"));
      bootstrap = bootstrapFile();
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

    let count = 0;
    test.each(Object.entries(FUNCTION_CASES))(
      "both runtimes report the same for a function that %s",
      async (_, tried) => {
        if ("missing" in client) throw new Error(client.missing);
        const place = join(folder, `function-${++count}`);
        const [embedded, theirs] = [
          await runEmbedded(tried, join(place, "embedded"), bootstrap),
          await runByClient(tried, join(place, "client"), client.folder),
        ];
        const replaced = JSON.stringify(embedded).replaceAll(join(place, "embedded"), join(place, "client"));
        expect(JSON.parse(replaced)).toEqual(JSON.parse(JSON.stringify(theirs)));
      },
    );
  },
);
