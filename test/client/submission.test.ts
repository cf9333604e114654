import { randomBytes } from "node:crypto";
import { brotliDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { depend, requires } from "../../client/views/requires.ts";
import {
  ClusterError,
  CodecError,
  CodeShippingOff,
  InvalidFlag,
  NoEnginesRegistered,
  Refused,
  UnknownFunction,
} from "../../lambdas/protocol/errors.ts";
import { isJobId } from "../../lambdas/protocol/task-id.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const double = (x: number) => 2 * x;

describe("submission", () => {
  it("submissions of one turn of the event loop are one message", async () => {
    const { view, cloud } = aClient();
    view.map(double, [1, 2, 3]);
    view.apply(double, 4);
    view.apply(double, 5);
    await settle();
    expect(cloud.messages).toHaveLength(1);
    expect(cloud.sent("submit")[0]?.jobs.map(({ header }) => [header.shape, header.tasks])).toEqual([
      ["map", 3],
      ["apply", 2],
    ]);
  });

  it("consecutive applies with equal flags are tasks of one job", async () => {
    const { view, cloud } = aClient();
    const results = Array.from({ length: 250 }, (_, x) => view.apply(double, x));
    await settle();
    expect(cloud.headers.size).toBe(1);
    expect(results.map(({ jobId }) => jobId)).toEqual(results.map((_, index) => `${cloud.lastJob}.${index}`));
    expect(results.map((_, index) => cloud.args(cloud.lastJob, index))).toEqual(results.map((_, x) => [x]));
  });

  it("applies with other flags or another label get a job of their own", async () => {
    const { view, cloud } = aClient();
    view.apply(double, 1);
    view.withFlags({ retries: 1 }).apply(double, 2);
    view.withFlags({ retries: 1, label: "b" }).apply(double, 3);
    view.withFlags({ retries: 1, label: "b" }).apply(double, 4);
    await settle();
    const jobs = cloud.sent("submit")[0]?.jobs.map(({ header }) => [header.flags.retries, header.label, header.tasks]);
    expect(jobs).toEqual([
      [undefined, undefined, 1],
      [1, undefined, 1],
      [1, "b", 2],
    ]);
  });

  it("a page refers to each task's function, and lists each function once", async () => {
    const { view, cloud } = aClient();
    const half = (x: number) => x / 2;
    for (const fn of [double, half, double, half]) view.apply(fn, 1);
    await settle();
    const page = cloud.specs.get(cloud.lastJob)?.get(0);
    expect(page?.functions.map((fn) => "name" in fn && fn.name)).toEqual(["double", "half"]);
    expect(page?.tasks.map(([fn]) => fn)).toEqual([0, 1, 0, 1]);
  });

  it("a function's required modules are sent with it, however it is called", async () => {
    const { view, cloud } = aClient();
    const needy = requires("sharp", "node:zlib")((x: number) => x);
    const needyPieces = requires("sharp", "node:zlib")((xs: number[]) => xs);
    view.apply(needy, 1);
    view.map(needy, [1]);
    view.withFlags({ chunkSize: 2 }).map(needy, [1, 2, 3]);
    view.remote(needy)(1);
    view.parallel(needyPieces)([1]);
    view.apply((x: number) => needy(x) + 1, 1);
    view.apply(depend(() => true)(needy), 1);
    view.apply(double, 1);
    await settle();
    const references = [...cloud.specs.values()].flatMap((pages) => pages.get(0)?.functions ?? []);
    const plain = references.filter((fn) => "name" in fn && fn.name === "double");
    expect(plain.map(({ modules }) => modules)).toEqual([undefined]);
    const others = references.filter((reference) => !plain.includes(reference));
    expect(others.length).toBeGreaterThanOrEqual(6);
    for (const { modules } of others) expect(modules).toEqual(["node:zlib", "sharp"]);
  });

  it("a result has its ids and length at once, in the order of the calls", () => {
    const { view } = aClient();
    const [first, second] = [view.map(double, [1, 2, 3]), view.apply(double, 1)];
    expect(isJobId(first.jobId)).toBe(true);
    expect(first.taskIds).toEqual([0, 1, 2].map((index) => `${first.jobId}.${index}`));
    expect(first.length).toBe(3);
    expect(second.taskIds).toEqual([second.jobId]);
    expect(second.length).toBe(1);
    expect(second.jobId > first.jobId).toBe(true);
  });

  it("jobs are sent in the order of the calls while an earlier message is in flight", async () => {
    const { view, cloud } = aClient();
    let release = () => {};
    cloud.answer = (message) =>
      message.type === "submit" && cloud.sent("submit").length === 1
        ? new Promise((resolve) => {
            release = () => resolve({ type: "ok" });
          })
        : undefined;
    view.map(double, [1]);
    await settle();
    const [second, third] = [view.map(double, [2]), view.apply(double, 3)];
    await settle();
    expect(cloud.messages).toHaveLength(1);
    release();
    await settle();
    const sent = cloud.sent("submit")[1]?.jobs.map(({ header }) => header.id);
    expect(sent).toEqual([second.jobId, third.jobId.slice(0, 26)]);
  });

  it("code is sent once, however many functions share it and however often it is used", async () => {
    const { view, cloud } = aClient();
    const adder = (a: number) => (b: number) => a + b;
    view.map(adder(1), [1]);
    view.map(adder(2), [1]);
    await settle();
    view.map(adder(3), [1]);
    await settle();
    const units = cloud.sent("submit").map((message) => message.units.length);
    expect(units).toEqual([1, 0]);
    const [unit] = cloud.sent("submit")[0]?.units ?? [];
    expect(brotliDecompressSync(Buffer.from(unit?.body ?? "", "base64")).toString()).toContain("a + b");
  });

  it("code is sent again if the message that held it was never answered", async () => {
    const { view, cloud, clock } = aClient();
    cloud.answer = (message) => (message.type === "submit" ? new Error("down") : undefined);
    const lost = view.map(double, [1]);
    await clock.until(lost.catch(() => {}));
    cloud.answer = () => undefined;
    view.map(double, [1]);
    await settle();
    expect(cloud.sent("submit").at(-1)?.units).toHaveLength(1);
  });

  it("code too large for a message is uploaded again if that failed, and then never again", async () => {
    const { view, cloud, clock } = aClient();
    // Random hexadecimal digits: repeated ones would compress into a row.
    const digits = randomBytes(400_000).toString("hex");
    const large = new Function(`return function large(x) { return x + "${digits}".length; }`)() as (
      x: number,
    ) => number;
    const put = cloud.putBlob.bind(cloud);
    cloud.putBlob = () => Promise.reject(new Error("down"));
    await expect(clock.until(view.apply(large, 1))).rejects.toThrow("down");
    cloud.putBlob = put;
    view.apply(large, 2);
    await settle();
    const { functions: [fn] = [] } = cloud.specs.get(cloud.lastJob)?.get(0) ?? {};
    expect(fn).toMatchObject({ at: "blob", code: [...cloud.blobs.keys()][0] });
    view.apply(large, 3);
    await settle();
    expect(cloud.log).toEqual(["blob", "submit", "submit"]);
  });

  it("a message whose answer was lost is sent again with the same ids", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => 2 * Number(x);
    let failures = 2;
    cloud.answer = (message) => (message.type === "submit" && failures-- > 0 ? new Error("socket hang up") : undefined);
    expect(await clock.until(view.map(double, [1, 2]))).toEqual([2, 4]);
    expect(new Set(cloud.sent("submit").map(({ jobs }) => jobs[0]?.header.id)).size).toBe(1);
    expect(cloud.sent("submit")).toHaveLength(3);
  });

  it("an unreachable scheduler rejects with ClusterError", async () => {
    const { view, cloud, clock } = aClient();
    cloud.answer = () => new ClusterError("no route");
    await expect(clock.until(view.map(double, [1]))).rejects.toThrow(ClusterError);
  });

  it("only the job that the scheduler refuses fails", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => x;
    cloud.answer = (message) =>
      message.type === "submit" && message.jobs.some(({ header }) => header.label === "bad")
        ? { type: "error", code: "NoEnginesRegistered", message: "nobody" }
        : undefined;
    const good = view.map(double, [1]);
    const bad = view.withFlags({ label: "bad" }).map(double, [2]);
    const alsoGood = view.apply(double, 3);
    await expect(clock.until(bad)).rejects.toThrow(NoEnginesRegistered);
    expect(await clock.until(Promise.all([good, alsoGood]))).toEqual([[1], 3]);
  });

  it.each([
    ["InvalidFlag", InvalidFlag],
    ["Refused", Refused],
    ["CodeShippingOff", CodeShippingOff],
    ["UnknownFunction", UnknownFunction],
    ["SomethingNew", Refused],
  ])("a refusal rejects with the class that its code names: %s", async (code, Class) => {
    const { view, cloud, clock } = aClient();
    cloud.answer = () => ({ type: "error", code, message: "flag retries: too many", flag: "retries" });
    const error = await clock.until(view.map(double, [1]).catch((reason: unknown) => reason));
    expect(error).toBeInstanceOf(Class);
    expect(String(error)).toContain("too many");
  });

  it("a large job is cut into parts below the limit of an Invoke, and the last part is sent after all others", async () => {
    const { view, cloud } = aClient();
    const text = "x".repeat(940);
    view.map(
      (value: string) => value.length,
      Array.from({ length: 10_000 }, (_, item) => `${item}${text}`),
    );
    await settle();
    const sizes = cloud.sent("submit").map((message) => JSON.stringify(message).length);
    expect(sizes.length).toBe(3);
    expect(Math.max(...sizes)).toBeLessThan(5_000_000);
    expect(cloud.log).toEqual(["part", "part", "submit"]);
    expect(cloud.sent("submit").map(({ jobs }) => jobs[0]?.last)).toEqual([false, false, true]);
    expect(cloud.args(cloud.lastJob, 9999)).toEqual([`9999${text}`]);
  });

  it("if one part is refused, the whole job is", async () => {
    const { view, cloud, clock } = aClient();
    cloud.answer = (message) =>
      message.type === "submit" && !message.jobs[0]?.last
        ? { type: "error", code: "Refused", message: "a page is missing" }
        : undefined;
    const rows = Array.from({ length: 10_000 }, () => "x".repeat(940));
    await expect(clock.until(view.map((value: string) => value.length, rows))).rejects.toThrow(/a page is missing/);
  });

  it("7 MB of arguments are stored as blobs before the message that names them", async () => {
    const { view, cloud } = aClient();
    const bytes = new Uint8Array(7_000_000).fill(7);
    view.apply((value: Uint8Array) => value.length, bytes);
    await settle();
    expect(cloud.log).toEqual(["blob", "submit"]);
    expect(Buffer.compare(cloud.args(cloud.lastJob, 0)[0] as Uint8Array, bytes)).toBe(0);
  });

  it("long arguments are stored in packs, so that 300 of 20 KB are one request", async () => {
    const { view, cloud } = aClient();
    const rows = Array.from({ length: 300 }, (_, x) => `${x} ${"y".repeat(20_000)}`);
    view.map((row: string) => row.length, rows);
    await settle();
    expect(cloud.log).toEqual(["blob", "submit"]);
    for (const index of [0, 150, 299]) expect(cloud.args(cloud.lastJob, index)).toEqual([rows[index]]);
  });

  it("long arguments of the applies of one turn share a pack", async () => {
    const { view, cloud } = aClient();
    for (const x of [1, 2, 3]) view.apply((row: string) => row.length, `${x} ${"y".repeat(20_000)}`);
    await settle();
    expect(cloud.log).toEqual(["blob", "submit"]);
    expect(cloud.args(cloud.lastJob, 2)).toEqual([`3 ${"y".repeat(20_000)}`]);
  });

  it("many arguments of some KB are stored in packs, and the message stays short", async () => {
    const { view, cloud } = aClient();
    const rows = Array.from({ length: 400 }, (_, x) => `${x} ${"y".repeat(1700)}`);
    view.map((row: string) => row.length, rows);
    await settle();
    expect(cloud.log).toEqual(["blob", "submit"]);
    expect(JSON.stringify(cloud.sent("submit")[0]).length).toBeLessThan(100_000);
    expect(rows.map((_, index) => cloud.args(cloud.lastJob, index))).toEqual(rows.map((row) => [row]));
    const { specBytes } = cloud.headers.get(cloud.lastJob) ?? {};
    expect(specBytes).toBeLessThan(200);
  });

  it("a few arguments of some KB, and all short ones, are sent in the message", async () => {
    const { view, cloud } = aClient();
    const rows = Array.from({ length: 100 }, (_, x) => `${x} ${"y".repeat(1700)}`);
    view.map((row: string) => row.length, rows);
    view.map(
      (row: string) => row.length,
      Array.from({ length: 1000 }, (_, x) => `${x} ${"y".repeat(700)}`),
    );
    await settle();
    expect(cloud.log.filter((kind) => kind === "blob")).toEqual([]);
    const [first = ""] = cloud.headers.keys();
    expect(cloud.args(first, 99)).toEqual([rows[99]]);
  });

  it("arguments of some KB in a pack still share an object", async () => {
    const { view, cloud } = aClient();
    const rows = Array.from({ length: 400 }, (_, x) => ({ text: `${x} ${"y".repeat(1700)}` }));
    view.map((one: object, other: object) => one === other, rows, rows);
    await settle();
    expect(cloud.log).toEqual(["blob", "submit"]);
    const [one, other] = cloud.args(cloud.lastJob, 7);
    expect(one).toEqual(rows[7]);
    expect(one).toBe(other);
  });

  it("content that occurs twice is stored as an object of its own, not in the pack", async () => {
    const { view, cloud } = aClient();
    const rows = ["a", "b", "c", "b"].map((letter) => letter.repeat(20_000));
    view.map((row: string) => row.length, rows);
    await settle();
    expect(cloud.log).toEqual(["blob", "blob", "submit"]);
    expect([...cloud.blobs.values()].map(({ byteLength }) => byteLength).sort()).toEqual([20_003, 2 * 20_003]);
    expect(rows.map((_, index) => cloud.args(cloud.lastJob, index)[0])).toEqual(rows);
  });

  it("a map that is submitted again reuses its packs", async () => {
    const cloud = aClient().cloud;
    const names: string[][] = [];
    for (const turn of [1, 2]) {
      const { view } = aClient({}, { cloud });
      cloud.blobs.clear();
      view.map(
        (row: string) => row.length + turn,
        ["a", "b"].map((letter) => letter.repeat(20_000)),
      );
      await settle();
      names.push([...cloud.blobs.keys()]);
    }
    expect(names[0]).toHaveLength(1);
    expect(names[1]).toEqual(names[0]);
  });

  it("a pack whose upload failed is uploaded by the next submission that needs it", async () => {
    const { view, cloud, clock } = aClient();
    const rows = ["a", "b"].map((letter) => letter.repeat(20_000));
    const put = cloud.putBlob.bind(cloud);
    cloud.putBlob = () => Promise.reject(new Error("down"));
    await expect(clock.until(view.map((row: string) => row.length, rows))).rejects.toThrow("down");
    cloud.putBlob = put;
    view.map((row: string) => row.length, rows);
    await settle();
    expect(cloud.log).toEqual(["blob", "submit"]);
    expect(cloud.args(cloud.lastJob, 1)).toEqual([rows[1]]);
  });

  it("results inside arguments may be in a pack too", async () => {
    const { view, cloud } = aClient();
    const before = view.apply((x: number) => x, 1);
    const rows = ["a", "b"].map((letter) => ({ before, text: letter.repeat(20_000) }));
    view.map((row: { text: string }) => row.text.length, rows);
    await settle();
    expect(cloud.log.filter((what) => what === "blob")).toHaveLength(1);
    const page = [...(cloud.specs.get(cloud.lastJob)?.values() ?? [])][0];
    expect(page?.tasks.map(([, args]) => (args as { value: object }[])[0]?.value)).toEqual(
      [0, 1].map(() => expect.objectContaining({ pack: [...cloud.blobs.keys()][0] })),
    );
  });

  it("a value that many tasks share is stored once", async () => {
    const { view, cloud } = aClient();
    const shared = { rows: "y".repeat(50_000) };
    view.map(
      (row: { rows: string }, x: number) => row.rows.length + x,
      Array.from({ length: 300 }, () => shared),
      Array.from({ length: 300 }, (_, x) => x),
    );
    await settle();
    expect(cloud.log).toEqual(["blob", "submit"]);
    expect(cloud.args(cloud.lastJob, 299)).toEqual([shared, 299]);
  });

  it("equal contents are stored once in the client's lifetime", async () => {
    const { view, cloud } = aClient();
    for (const turn of [1, 2]) {
      view.apply((value: string) => value.length + turn, "z".repeat(50_000));
      await settle();
    }
    expect(cloud.log).toEqual(["blob", "submit", "submit"]);
  });

  it("arguments are captured at the call", async () => {
    const { view, cloud } = aClient();
    const row = { value: 1 };
    view.apply((given: { value: number }) => given.value, row);
    row.value = 2;
    await settle();
    expect(cloud.args(cloud.lastJob, 0)).toEqual([{ value: 1 }]);
  });

  it("a cyclic argument can be sent", async () => {
    const { view, cloud } = aClient();
    const ring: { self?: unknown } = {};
    ring.self = ring;
    view.apply((given: object) => Object.keys(given), ring);
    await settle();
    const [received] = cloud.args(cloud.lastJob, 0) as [{ self: unknown }];
    expect(received.self).toBe(received);
  });
});

describe("an error in a call", () => {
  it("an error in a call is thrown by the call, before anything is sent", async () => {
    const { view, cloud } = aClient();
    // biome-ignore lint/suspicious/noExplicitAny: calls that the types refuse
    const loose = view as any;
    expect(() => loose.apply("double", 1)).toThrow(TypeError);
    expect(() => loose.map(null, [1])).toThrow(TypeError);
    expect(() => loose.map(double)).toThrow(/at least one sequence/);
    expect(() => loose.map(double, 5)).toThrow(/args\[0\] is not iterable/);
    expect(() => loose.imap(double, 5)).toThrow(TypeError);
    expect(() => loose.parallel(double)(5)).toThrow(TypeError);
    expect(() => loose.remote(5)).toThrow(TypeError);
    await settle();
    expect(cloud.messages).toEqual([]);
  });

  it("the error for an argument that cannot be encoded names it as the caller would write it", () => {
    const { view } = aClient();
    const path = (act: () => unknown) => {
      try {
        act();
        return "nothing was thrown";
      } catch (error) {
        return error instanceof CodecError ? `${error.path} | ${error.message}` : String(error);
      }
    };
    const bad = { a: [() => 1] };
    expect(path(() => view.apply((x: number, y: unknown) => [x, y], 1, bad))).toMatch(
      /^args\[1\]\.a\[0\] \| args\[1\]\.a\[0\]: /,
    );
    expect(path(() => view.map((x: unknown) => x, [1, 2, bad]))).toMatch(/^args\[0\]\[2\]\.a\[0\] \|/);
    const chunked = view.withFlags({ chunkSize: 2 });
    expect(path(() => chunked.map((x: number, y: unknown) => [x, y], [1, 2, 3], [1, 2, bad]))).toMatch(
      /^args\[1\]\[2\]\.a\[0\] \|/,
    );
    const long = "x".repeat(20_000);
    expect(path(() => view.apply((x: string, y: unknown) => [x, y], long, bad))).toMatch(/^args\[1\]\.a\[0\] \|/);
  });

  it("a long list of short arguments stays in the page", async () => {
    const { view, cloud } = aClient();
    const values = Array.from({ length: 40 }, (_, at) => `${at}`.repeat(200));
    view.apply((...texts: string[]) => texts.length, ...values);
    await settle();
    expect(cloud.log).toEqual(["submit"]);
    expect(cloud.args(cloud.lastJob, 0)).toEqual(values);
  });
});
