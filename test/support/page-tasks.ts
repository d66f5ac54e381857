import type { BrowserContext, Page } from 'playwright-core';

/**
 * Collects the tasks that block a page for longer than 50 ms. A page answers no key and no pointer while a task runs. `long` means the same
 * as in the standard "Long Tasks".
 */
const COLLECT = `
  globalThis.longTasks = [];
  globalThis.longTaskObserver = new PerformanceObserver((list) => longTasks.push(...list.getEntries()));
  longTaskObserver.observe({ type: 'longtask', buffered: true });
`;

/** Collects the long tasks of all pages that the context opens from now on. */
export async function collectLongTasks(context: BrowserContext): Promise<void> {
  await context.addInitScript(COLLECT);
}

/** Returns the lengths of the long tasks since the last call, in whole milliseconds. */
export function takeLongTasks(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const own = globalThis as unknown as {
      longTasks: { duration: number }[];
      longTaskObserver: { takeRecords(): { duration: number }[] };
      requestAnimationFrame(then: () => void): void;
    };
    // The browser records a task after its end, and draws frames in the same order.
    for (let frame = 0; frame < 2; frame++) await new Promise<void>((then) => own.requestAnimationFrame(then));
    const all = [...own.longTasks.splice(0), ...own.longTaskObserver.takeRecords()];
    return all.map(({ duration }) => Math.round(duration));
  });
}
