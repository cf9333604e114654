import type { EventRule } from "./event-rule.ts";

/**
 * A rule that loads the EventBridge client only when it is switched, about twice in a working cluster's life, and so
 * not in a cold start.
 */
export function lazyEventRule(name: string): Pick<EventRule, "enable" | "disable"> {
  let loaded: Promise<EventRule> | undefined;
  const rule = () => {
    loaded ??= import("./event-rule.ts").then(({ EventRule }) => new EventRule(name));
    return loaded;
  };
  return { enable: async () => (await rule()).enable(), disable: async () => (await rule()).disable() };
}
