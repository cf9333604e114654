import { describe, expect, it } from "vitest";
import { aLease, anEngine } from "./an-engine.ts";
import { Releases, untilReleased } from "./releases.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

const outputsOf = (endpoint: ScriptedEndpoint) => endpoint.of("heartbeat").map(({ output }) => output);

describe("what a task writes while it runs", () => {
  it("heartbeats report it as long as there is something new", async () => {
    const engine = await anEngine();
    const channel = new BroadcastChannel("live-output");
    const act = async () => {
      // The thread hears of the test by the channel: a task that slept would go on before a late heartbeat.
      const heard = new BroadcastChannel("live-output");
      const next = () => new Promise((resolve) => heard.addEventListener("message", resolve, { once: true }));
      console.log("one");
      console.error("oops");
      await next();
      console.log("two");
      await next();
      console.log("three");
      heard.close();
    };
    let beats = 0;
    const heartbeat = () => {
      beats += 1;
      // The second beat tells what is new by then, the third that nothing is.
      if (beats === 1 || beats === 3) channel.postMessage("go on");
      return undefined;
    };
    const endpoint = new ScriptedEndpoint([aLease(act, [[]])], { heartbeat });
    await engine.invoke(endpoint);
    channel.close();
    const [first, second, ...others] = outputsOf(endpoint);
    expect(first).toEqual([{ index: 0, stdout: "one\n", stderr: "oops\n" }]);
    expect(second).toEqual([{ index: 0, stdout: "one\ntwo\n", stderr: "oops\n" }]);
    expect(others.filter((output) => output !== undefined)).toEqual([]);
    expect(endpoint.entries().get(0)).toMatchObject({ stdout: "one\ntwo\nthree\n", stderr: "oops\n" });
  });

  it("live output is reported even if the task never yields its thread", async () => {
    const engine = await anEngine();
    const act = () => {
      console.log("busy");
      for (const until = Date.now() + 1300; Date.now() < until; );
    };
    const endpoint = new ScriptedEndpoint([aLease(act, [[]])]);
    await engine.invoke(endpoint);
    expect(outputsOf(endpoint)).toEqual([[{ index: 0, stdout: "busy\n", stderr: "" }]]);
  });

  it("live output is reported again after a lost heartbeat, and never for a task that has ended", async () => {
    const engine = await anEngine();
    const releases = new Releases();
    const act = `async (text, channel, turn) => {
      process.stdout.write(text);
      if (turn > 0) await (${untilReleased})(channel, turn);
    }`;
    let beats = 0;
    const heartbeat = () => {
      beats++;
      if (beats === 1) return Promise.reject(new Error("lost"));
      // The third tells that nothing is new since the second.
      if (beats === 3) releases.next();
      return undefined;
    };
    const calls = [
      ["a", releases.channel, 0],
      ["b", releases.channel, 1],
    ];
    const endpoint = new ScriptedEndpoint([aLease(act, calls)], { heartbeat });
    await engine.invoke(endpoint);
    releases.end();
    const outputs = outputsOf(endpoint).filter((output) => output !== undefined);
    expect(outputs).toEqual([[{ index: 1, stdout: "b", stderr: "" }], [{ index: 1, stdout: "b", stderr: "" }]]);
  });

  it("live output is reported continuously if the task never yields its thread", async () => {
    const engine = await anEngine();
    const act = () => {
      console.log("busy");
      let isReported = false;
      for (const [from, until] = [Date.now(), Date.now() + 3000]; Date.now() < until; ) {
        if (isReported || Date.now() < from + 1500) continue;
        isReported = true;
        console.log("still busy");
      }
    };
    const endpoint = new ScriptedEndpoint([aLease(act, [[]])]);
    await engine.invoke(endpoint);
    const outputs = outputsOf(endpoint).filter((output) => output !== undefined);
    expect(outputs.at(-1)).toEqual([{ index: 0, stdout: "busy\nstill busy\n", stderr: "" }]);
  });
});
