import type { EventRule } from "./event-rule.ts";

/**
 * Makes a rule that loads the EventBridge client only when the rule is first switched on or off. That is rare, so most
 * cold starts need not load the client.
 */
export function lazyEventRule(name: string): Pick<EventRule, "enable" | "disable"> {
  let loaded: Promise<EventRule> | undefined;
  const rule = () => {
    loaded ??= import("./event-rule.ts").then(({ EventRule }) => new EventRule(name));
    return loaded;
  };
  return { enable: async () => (await rule()).enable(), disable: async () => (await rule()).disable() };
}
