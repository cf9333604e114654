import { accessSync, constants } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";

/** Where Debian's package installs Chromium. */
const DEBIAN = "/usr/bin/chromium";
const program = process.env.CHROMIUM || DEBIAN;

/** Returns why no page can be tested here, and prints the reason; undefined if Chromium is there. */
export function chromiumMissing(suite: string): string | undefined {
  try {
    accessSync(program, constants.X_OK);
    return undefined;
  } catch {
    const reason = `there is no Chromium at ${program}: install Debian's package chromium, or set CHROMIUM to the program`;
    console.warn(`\nSKIPPED: ${suite}: ${reason}\n`);
    return reason;
  }
}

/** A page in a context of its own, and what it did. */
export interface TestPage extends AsyncDisposable {
  page: Page;
  /** The addresses that the page requested, in order. The first is the page's own. */
  requests: string[];
  /** Errors that the page's scripts threw, and messages that they or the browser wrote as errors. */
  errors: string[];
}

/** Starts one Chromium for the tests of a `describe`, and returns a function that opens pages in it. */
export function useChromium(): (options?: BrowserContextOptions) => Promise<TestPage> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: program });
  });
  afterAll(() => browser?.close());
  return async (options = {}) => {
    if (!browser) throw new Error("pages are opened in tests");
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const requests: string[] = [];
    const errors: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    return { page, requests, errors, [Symbol.asyncDispose]: () => context.close() };
  };
}
