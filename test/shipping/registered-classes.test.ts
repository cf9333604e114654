import { DirectedGraph as Graph } from "graphology";
import { describe, expect, test } from "vitest";
import { explain } from "../../client/index.ts";
import { shipClasses } from "../../client/shipping/ship-classes.ts";
import { shipFunction } from "../../client/shipping/ship-function.ts";
import { BlobDrafts } from "../../client/submit/blob-drafts.ts";
import { FunctionUnits } from "../../client/submit/function-units.ts";
import { registerClass } from "../../lambdas/authoring/register-class.ts";
import { loadClasses, loadFunction } from "../../lambdas/engine/worker/load-function.ts";
import { type RegisteredClass, registrationOf } from "../../lambdas/protocol/class-registry.ts";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import { CaptureError } from "../../lambdas/protocol/errors.ts";

const rate = { percent: 10 };
function interest(cents: number): number {
  return (cents * rate.percent) / 100;
}

class Account {
  owner: Owner | undefined;
  cents: number;
  constructor(cents: number) {
    this.cents = cents;
  }
  grow(): Account {
    return new Account(this.cents + interest(this.cents));
  }
}
class Owner {
  accounts: Account[] = [];
  open(cents: number): Account {
    const account = new Account(cents);
    account.owner = this;
    this.accounts.push(account);
    return account;
  }
}
registerClass(Account);
registerClass(Owner);

const own = { own: {}, modules: new Map<string, object>() };

function registration(made: unknown): RegisteredClass {
  const found = registrationOf(made);
  if (!found) throw new Error("it is not registered");
  return found;
}

/** Ships classes in their current state, and loads them as an engine does. */
function engineClasses(...classes: unknown[]) {
  const { source, hash, data } = shipClasses(classes.map(registration));
  return loadClasses(source, hash, data === undefined ? undefined : decodeValue(encodeValue(data, "data")), own);
}

test("registered classes are sent together, with everything they use, and may refer to each other", () => {
  const classes = engineClasses(Account, Owner);
  const { source, hash, data } = shipFunction((cents: number) => new Owner().open(cents).grow());
  const grow = loadFunction(source, hash, data, { ...own, classes }) as (cents: number) => Account;
  const grown = grow(200);
  expect(grown.cents).toBe(220);
  expect(grown).not.toBeInstanceOf(Account);
  expect(grown).toBeInstanceOf(classes.get("Account")?.made);
  const back = decodeValue(encodeValue(grown, "result"));
  expect(back).toBeInstanceOf(Account);
});

test("a function's unit names the class, so it stays the same when the class changes", () => {
  const fn = (cents: number) => new Account(cents);
  const { source } = shipFunction(fn);
  expect(source).toContain('class("Account")');
  expect(source).not.toContain("interest");
  expect(explain(fn).captured).toContainEqual({
    path: "fn → Account",
    kind: "class",
    what: "registered Account",
  });
});

test("the parent of a subclass that is not registered is still the registered class", () => {
  class Savings extends Account {
    months = 12;
  }
  const classes = engineClasses(Account, Owner);
  const { source, hash, data } = shipFunction(() => new Savings(5));
  const made = loadFunction(source, hash, data, { ...own, classes })() as Savings;
  expect([made.months, made.cents, made instanceof (classes.get("Account")?.made ?? Object)]).toEqual([12, 5, true]);
});

test("a registered class of an npm package is sent with the package", () => {
  registerClass(Graph, {
    serialize: (graph) => graph.export(),
    deserialize: (data) => Graph.from(data) as Graph,
  });
  const graph = new Graph();
  graph.addEdge(graph.addNode("a"), graph.addNode("b"));
  const classes = engineClasses(Graph);
  const there = decodeValue(encodeValue(graph, "args"), undefined, (name) => classes.get(name)) as Graph;
  expect(there).not.toBeInstanceOf(Graph);
  expect(there.edges().length).toBe(1);
  expect(decodeValue(encodeValue(there, "result"))).toBeInstanceOf(Graph);
});

describe("the classes of a client", () => {
  test("a client's classes are sent with every function in one unit, which is made once", () => {
    const units = new FunctionUnits();
    const reference = (fn: () => unknown) => units.reference(fn, {}, new BlobDrafts());
    const [one, two] = [reference(() => 1), reference(() => 2)] as { classes?: { code: string } }[];
    expect(one?.classes?.code).toMatch(/^[0-9a-f]{64}$/);
    expect(two?.classes).toBe(one?.classes);
    expect(units.unsent(one?.classes?.code ?? "")).toBeDefined();
  });

  test("a client's classes are sent again if one of them is registered differently", () => {
    class Price {
      readonly cents: number;
      constructor(cents: number) {
        this.cents = cents;
      }
    }
    const units = new FunctionUnits();
    const code = () => (units.reference(() => 1, {}, new BlobDrafts()) as { classes?: { code: string } }).classes?.code;
    registerClass(Price);
    const before = code();
    registerClass(Price, { serialize: ({ cents }) => cents, deserialize: (cents) => new Price(cents) });
    expect(code()).not.toBe(before);
    expect(code()).toBe(code());
  });

  test("a client's class that cannot be sent is refused at the call, with the path", () => {
    const socket = Object.assign(Object.create({ connect: () => 1 }) as object, { constructor: class Socket {} });
    class Client {
      send(): unknown {
        return socket;
      }
    }
    registerClass(Client);
    const reference = () => new FunctionUnits().reference(() => 1, {}, new BlobDrafts());
    expect(reference).toThrow(CaptureError);
    expect(reference).toThrow(/^registerClass\(Client\) → socket: /);
  });

  test("a client's classes may contain a credential only if it is allowed, like functions", () => {
    const apiKey = "sk_live_0123456789abcdefghijklmn";
    class Service {
      key(): string {
        return apiKey;
      }
    }
    const service = { name: "service", made: Service };
    expect(() => shipClasses([service])).toThrow(/registerClass\(service\) → apiKey: /);
    expect(shipClasses([service], ["apiKey"]).data).toEqual([[apiKey]]);
  });

  test("a client's classes cannot capture instances of registered classes", () => {
    const first = new Account(1);
    class Bank {
      first(): Account {
        return first;
      }
    }
    registerClass(Bank);
    expect(() => shipClasses([registration(Account), registration(Bank)])).toThrow(
      /registerClass\(Bank\) → first: is an instance of Account, captured by a registered class, and engines load/,
    );
  });
});
