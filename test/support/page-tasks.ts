import type { BrowserContext, Page } from 'playwright-core';

/**
 * A script that collects the tasks that block a page for longer than 50 ms, which the standard "Long Tasks" calls long tasks. A
 * page does not respond to keys or the pointer while a task runs.
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
    // The browser records a task only after its end. Once two more frames have been drawn, all earlier tasks are recorded.
    for (let frame = 0; frame < 2; frame++) await new Promise<void>((then) => own.requestAnimationFrame(then));
    const all = [...own.longTasks.splice(0), ...own.longTaskObserver.takeRecords()];
    return all.map(({ duration }) => Math.round(duration));
  });
}
