import type { Page } from 'playwright-core';
import { edgesOf } from './drawn-chart.js';
import { eventually } from './eventually.js';
import { push, type TestServer } from './server.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Checks for each range and width that a chart fills its box and that no text of its axes is cut at the edges.
 *
 * @param page is signed in to the explorer
 */
export async function expectAxesInFull(
  server: Pick<TestServer, 'url'>,
  page: Page,
  { days, widths }: { readonly days: readonly number[]; readonly widths: readonly number[] },
): Promise<void> {
  // The name of the last day belongs to a tick close to the right edge.
  const to = Math.floor((Date.now() - HOUR) / DAY) * DAY + 180_000;
  const item = { name: 'measured_total', value: 1_234_567_890, timestamp: to - HOUR };
  expect((await push(server, [item])).status).toBe(202);
  const figure = page.locator('figure[data-loading=false]');
  for (const length of days) {
    const range = `from=${new Date(to - length * DAY).toISOString()}&to=${new Date(to).toISOString()}&tz=utc`;
    await Promise.all([
      page.waitForResponse((response) => response.url().includes('/history/query?metric=measured_total')),
      page.goto(`${server.url}/explorer/#/explore?m0=measured_total&see0=rate&${range}`),
    ]);
    await figure.locator('canvas').waitFor();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 844 });
      await eventually(async () =>
        expect({ length, width, ...(await edgesOf(figure)) }).toEqual({ length, width, isFitted: true, isCut: false }),
      );
    }
  }
}
