import { expect, test } from "vitest";
import { TestDashboard } from "./a-dashboard.ts";

test("the page is one response that needs no key, contains no data, and runs only its own script", async () => {
  await using dashboard = await TestDashboard.open();
  const { status, headers, body } = await dashboard.send("GET", "/", { authorization: "" });
  expect(status).toBe(200);
  expect(headers["content-security-policy"]).toMatch(
    /^default-src 'none'; script-src 'sha256-[^ ]+'; style-src 'sha256-/,
  );
  expect(headers["cache-control"]).toBe("no-store");
  expect(headers["set-cookie"]).toBeUndefined();
  expect(body).not.toContain(dashboard.key);
  expect(body).not.toMatch(/(?:src|href)="(?!data:,)/);
  expect(dashboard.reads).toBe(0);
});

test("data and actions need the key, in a header and whole", async () => {
  await using dashboard = await TestDashboard.open();
  const wrong = ["", "Bearer ", `Bearer ${dashboard.key.slice(1)}`, dashboard.key, `Bearer ${dashboard.key}x`];
  for (const authorization of wrong)
    for (const [method, path] of [
      ["GET", "/events"],
      ["GET", "/task?id=x"],
      ["GET", "/timeline?job=x"],
      ["GET", "/graph?job=x"],
      ["POST", "/abort"],
      ["POST", "/resubmit"],
      ["GET", "/nowhere"],
    ] as const)
      expect((await dashboard.send(method, path, { authorization })).status, `${method} ${path}`).toBe(401);
  expect((await dashboard.send("GET", `/events?key=${dashboard.key}`, { authorization: "" })).status).toBe(401);
  expect((await dashboard.send("GET", "/nowhere")).status).toBe(404);
  expect((await dashboard.send("GET", "/abort")).status).toBe(404);
  expect((await dashboard.send("OPTIONS", "/abort")).status).toBe(404);
  expect(dashboard.reads).toBe(0);
});

test("another site's page and another name of this machine are refused, even with the key", async () => {
  await using dashboard = await TestDashboard.open();
  const { port } = dashboard;
  const refused = [
    { host: `attacker.example:${port}` },
    { host: "127.0.0.1" },
    { host: `127.0.0.1:${port + 1}` },
    { origin: "https://attacker.example" },
    { origin: "null" },
    { origin: `http://127.0.0.1:${port + 1}` },
    { origin: `https://127.0.0.1:${port}` },
    { host: `localhost:${port}`, origin: `http://127.0.0.1:${port}` },
  ];
  for (const headers of refused)
    for (const path of ["/", "/task?id=x"]) {
      const { status, headers: given } = await dashboard.send("GET", path, { ...headers });
      expect(status, JSON.stringify(headers)).toBe(403);
      expect(given["access-control-allow-origin"]).toBeUndefined();
    }
  const own = await dashboard.send("GET", "/", { origin: `http://127.0.0.1:${port}` });
  expect(own.status).toBe(200);
});

test("a request for a path that no URL can have is answered", async () => {
  await using dashboard = await TestDashboard.open();
  for (const path of ["//", "///", "//[", "*", "http://[/", "/%zz"]) {
    expect((await dashboard.send("GET", path)).status, path).toBe(404);
    expect((await dashboard.send("GET", path, { authorization: "" })).status, path).toBe(401);
  }
});

test("an action with anything but an id is refused", async () => {
  await using dashboard = await TestDashboard.open();
  for (const body of ["", "{", "[]", "{}", '{"id":1}', '{"id":"x","more":1}', "x".repeat(100_000)]) {
    const answer = await dashboard.send("POST", "/abort", {}, body);
    expect([answer.status, answer.body]).toEqual([400, '{"error":"expected an id"}']);
  }
  const { status, body } = await dashboard.send("POST", "/abort", {}, '{"id":"x"}');
  expect(status).toBe(400);
  expect(body).toMatch(/id/);
});

test("a closed dashboard ends its pages' connections, and reads nothing more", async () => {
  const dashboard = await TestDashboard.open();
  const page = await dashboard.look();
  await dashboard.until(page.overview());
  await dashboard[Symbol.asyncDispose]();
  const { reads } = dashboard;
  await dashboard.client.clock.advance(60_000);
  expect(dashboard.reads).toBe(reads);
  await expect(dashboard.send("GET", "/")).rejects.toThrow(/ECONNREFUSED/);
});
