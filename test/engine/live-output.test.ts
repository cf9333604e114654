import { beforeEach, describe, expect, it } from "vitest";
import { aLease, anEngine } from "./an-engine.ts";
import { HeldClock } from "./held-clock.ts";
import { blockedUntilReleased, Releases, untilReleased } from "./releases.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

/** Returns the outputs that heartbeats carried. */
const outputsOf = (endpoint: ScriptedEndpoint) =>
  endpoint.of("heartbeat").flatMap(({ output }) => (output ? [output] : []));

let clock: HeldClock;
beforeEach(() => {
  clock = new HeldClock();
});

describe("live output", () => {
  it("heartbeats report a running task's output as long as there is something new", async () => {
    const engine = await anEngine({ clock });
    const releases = new Releases();
    const act = `async (channel) => {
      console.log("one");
      console.error("oops");
      await (${untilReleased})(channel, 1);
      console.log("two");
      await (${untilReleased})(channel, 2);
      console.log("three");
    }`;
    const endpoint = new ScriptedEndpoint([aLease(act, [[releases.channel]])]);
    const ended = engine.invoke(endpoint);
    for (const turn of [1, 2]) {
      await releases.heard(`waiting ${turn}`);
      await clock.passUntil(() => outputsOf(endpoint).length === turn);
      // The next heartbeat reports nothing new.
      const beats = endpoint.of("heartbeat").length;
      await clock.passUntil(() => endpoint.of("heartbeat").length > beats);
      releases.next();
    }
    await ended;
    releases.end();
    expect(outputsOf(endpoint)).toEqual([
      [{ index: 0, stdout: "one\n", stderr: "oops\n" }],
      [{ index: 0, stdout: "one\ntwo\n", stderr: "oops\n" }],
    ]);
    expect(endpoint.entries().get(0)).toMatchObject({ stdout: "one\ntwo\nthree\n", stderr: "oops\n" });
  });

  it("live output is reported even if the task never yields its thread", async () => {
    const engine = await anEngine({ clock });
    const releases = new Releases();
    const act = `(...given) => {
      console.log("busy");
      (${blockedUntilReleased})(...given);
    }`;
    const heartbeat = () => {
      releases.next();
      return undefined;
    };
    const endpoint = new ScriptedEndpoint([aLease(act, [[releases.channel, 1]])], { heartbeat });
    const ended = engine.invoke(endpoint);
    await releases.heard("waiting 1");
    await clock.passUntil(() => outputsOf(endpoint).length > 0);
    await ended;
    releases.end();
    expect(outputsOf(endpoint)).toEqual([[{ index: 0, stdout: "busy\n", stderr: "" }]]);
  });

  it("live output is reported again after a lost heartbeat, and never for a task that has ended", async () => {
    const engine = await anEngine({ clock });
    const releases = new Releases();
    const act = `async (text, channel, turn) => {
      process.stdout.write(text);
      if (turn > 0) await (${untilReleased})(channel, turn);
    }`;
    let beats = 0;
    const heartbeat = () => {
      beats++;
      if (beats === 1) return Promise.reject(new Error("lost"));
      // The third heartbeat reports nothing new since the second.
      if (beats === 3) releases.next();
      return undefined;
    };
    const calls = [
      ["a", releases.channel, 0],
      ["b", releases.channel, 1],
    ];
    const endpoint = new ScriptedEndpoint([aLease(act, calls)], { heartbeat });
    const ended = engine.invoke(endpoint);
    await releases.heard("waiting 1");
    await clock.passUntil(() => beats === 3);
    await ended;
    releases.end();
    expect(outputsOf(endpoint)).toEqual([
      [{ index: 1, stdout: "b", stderr: "" }],
      [{ index: 1, stdout: "b", stderr: "" }],
    ]);
  });

  it("live output is reported continuously if the task never yields its thread", async () => {
    const engine = await anEngine({ clock });
    const releases = new Releases();
    const act = `(channel) => {
      console.log("busy");
      (${blockedUntilReleased})(channel, 1);
      console.log("still busy");
      (${blockedUntilReleased})(channel, 2);
    }`;
    const endpoint = new ScriptedEndpoint([aLease(act, [[releases.channel]])]);
    const ended = engine.invoke(endpoint);
    for (const turn of [1, 2]) {
      await releases.heard(`waiting ${turn}`);
      await clock.passUntil(() => outputsOf(endpoint).length === turn);
      releases.next();
    }
    await ended;
    releases.end();
    expect(outputsOf(endpoint).at(-1)).toEqual([{ index: 0, stdout: "busy\nstill busy\n", stderr: "" }]);
  });
});
