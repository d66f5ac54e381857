import type { Page, Request } from 'playwright-core';
import { browserUnderTest, describeInBrowser, signInByDialog } from '../support/browser.js';
import { pushHistogram } from '../support/pushed-histogram.js';
import { ADMIN_TOKEN, type Item, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const METRICS = 110;
const AREAS = ['checkout', 'cart', 'auth', 'mail'];
const LARGEST_ANSWER = 200_000;

/** The catalogue queues its requests, because the server refuses too many at once. */
const REQUESTS_AT_ONCE = 3;

describeInBrowser('the catalogue of the explorer', () => {
  const server = serviceUnderTest();
  const browser = browserUnderTest();

  beforeAll(async () => {
    const hourAgo = Date.now() - 3_600_000;
    const counters = Array.from({ length: METRICS }, (_, index): Item => ({
      name: `${AREAS[index % AREAS.length]}_events_${index}_total`,
      value: index,
      timestamp: hourAgo,
    }));
    await push(server, counters);
    const observed = { upTo: { 0.5: 3, '+Inf': 4 }, sum: 2, timestamp: hourAgo };
    await pushHistogram(server, 'page_seconds', observed, 'Time until a page has answered');
    await push(server, [{ name: 'cart_events_1_total', value: 1 }]);
  });

  afterEach(() => {
    expect(browser.complaints).toEqual([]);
  });

  async function open(hash: string): Promise<Page> {
    const page = await (await browser.open()).newPage();
    await page.goto(`${server.url}/explorer/${hash}`);
    return page;
  }

  const names = (page: Page) => page.getByRole('main').locator('ul li a').allInnerTexts();

  test('shows fifty metrics at a time, the last push first, by small answers of which it asks for three at once', async () => {
    const page = await open('#/');
    const sizes: number[] = [];
    const sparklines: number[] = [];
    let running = 0;
    let most = 0;
    const isCounted = (url: string) => /\/api\/(?!history\/live|explorer)/.test(url);
    page.on('request', (request) => {
      if (!isCounted(request.url())) return;
      most = Math.max(most, ++running);
      if (request.url().endsWith('/sparklines')) {
        sparklines.push((request.postDataJSON() as { metrics: string[] }).metrics.length);
      }
    });
    const end = (request: Request) => {
      if (isCounted(request.url())) running--;
    };
    page.on('requestfinished', end);
    page.on('requestfailed', end);
    page.on('response', (response) => {
      if (isCounted(response.url()))
        void response.body().then(
          ({ length }) => sizes.push(length),
          () => undefined,
        );
    });
    await signInByDialog(page, ADMIN_TOKEN);
    await page.getByRole('button', { name: `Show 50 more of ${METRICS + 1}` }).click();
    await page.getByRole('main').locator('ul li a').nth(99).waitFor();
    const all = await names(page);
    expect([all.length, all[0]]).toEqual([100, 'cart_events_1_total']);
    await page.getByRole('link', { name: all[99]! }).scrollIntoViewIfNeeded();
    await page
      .getByRole('listitem')
      .filter({ hasText: all[99]! })
      .locator('svg path, svg rect, svg line')
      .last()
      .waitFor({ state: 'attached' });
    expect(most).toBeLessThanOrEqual(REQUESTS_AT_ONCE);
    // Six panels have many more questions than may be asked at once. The page is left first, because it still counts requests that were
    // cancelled.
    await page.goto('about:blank');
    [running, most] = [0, 0];
    await page.goto(
      `${server.url}/explorer/#/explore?${all
        .slice(0, 6)
        .map((name, index) => `m${index}=${name}`)
        .join('&')}`,
    );
    await page.getByRole('figure').nth(5).waitFor();
    expect(Math.max(...sizes)).toBeLessThan(LARGEST_ANSWER);
    expect(most).toBeLessThanOrEqual(REQUESTS_AT_ONCE);
    expect(Math.max(...sparklines)).toBeLessThanOrEqual(24);
    // Only rows that were visible have asked for their chart.
    expect(sparklines.reduce((sum, count) => sum + count, 0)).toBeLessThan(100);
  });

  test('finds metrics by words of names and help, by prefix, by type, and among the favourites', async () => {
    const page = await open('#/');
    await signInByDialog(page, ADMIN_TOKEN);
    const search = page.getByLabel('Search metrics');
    const shows = async (expected: readonly string[]) => {
      await page.getByRole('main').locator('ul li a').nth(expected.length).waitFor({ state: 'detached' });
      await page.getByRole('link', { name: expected[0]! }).waitFor();
      expect(await names(page)).toEqual(expected);
    };
    await search.fill('total 77 cart');
    await shows(['cart_events_77_total']);
    await search.fill('nothing_has_this_name');
    await page.getByText('No metric matches').waitFor();
    await search.fill('');
    await page.getByRole('main').locator('ul li a').nth(49).waitFor();
    await search.fill('answered page');
    await shows(['page_seconds']);
    await search.fill('');
    await page.getByLabel('Type').selectOption('Histograms');
    await shows(['page_seconds']);
    await page.getByRole('button', { name: 'Favourite: page_seconds' }).click();
    await page.getByLabel('Type').selectOption('All types');
    await page.getByRole('button', { name: 'Silent' }).click();
    await page.getByText('No metric matches').waitFor();
    await page.getByRole('button', { name: 'Silent' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Favourites' }).click();
    await shows(['page_seconds']);
    await page.getByRole('button', { name: 'Favourites' }).click();
    await page
      .getByRole('list', { name: 'Prefixes' })
      .getByRole('button', { name: /^mail_\s*27/ })
      .click();
    await page.getByRole('link', { name: 'mail_events_3_total' }).waitFor();
    expect(new Set((await names(page)).map((name) => name.split('_')[0]))).toEqual(new Set(['mail']));
  });

  test('the whole way can be gone by the keyboard: signing in, searching, reading a chart, grouping and zooming', async () => {
    await push(server, [
      { name: 'typed_total', value: 2, labels: { country: 'de' } },
      { name: 'typed_total', value: 3, labels: { country: 'fr' } },
    ]);
    const page = await open('#/');
    const focused = () =>
      page.evaluate<string>('document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.innerText');
    /** Presses Tab until the focus is where it should be. */
    const tabTo = async (name: RegExp) => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        if (name.test((await focused()) ?? '')) return;
      }
      throw new Error(`Tab does not reach ${name}`);
    };
    await page.getByRole('dialog', { name: 'Sign in' }).waitFor();
    await page.keyboard.type(ADMIN_TOKEN);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('main').locator('ul li a').first().waitFor();
    // The search has the focus at once.
    await page.keyboard.type('typed');
    await page.getByRole('main').locator('ul li a').nth(1).waitFor({ state: 'detached' });
    await tabTo(/^typed_total$/);
    await page.keyboard.press('Enter');

    await page.getByRole('figure', { name: /typed_total: 5 added/ }).waitFor();
    await tabTo(/^Group by$/);
    await page.keyboard.press('ArrowDown');
    await page.getByRole('row', { name: /fr/ }).waitFor();
    await tabTo(/typed_total: 5 added/);
    const spoken = page.getByRole('figure').getByRole('status');
    await page.keyboard.press('ArrowLeft');
    await spoken.getByText(/fr: 3/).waitFor({ state: 'attached' });
    for (const key of ['Shift+ArrowLeft', 'Shift+ArrowLeft']) await page.keyboard.press(key);
    await spoken.getByText('3 steps selected').waitFor({ state: 'attached' });
    await page.keyboard.press('Enter');
    await page.waitForURL(/from=2\d{3}-/);
    await page.keyboard.press('t');
    await page.getByRole('group', { name: 'All values' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' });
    await page.keyboard.press('/');
    await page.keyboard.type('cart_events_1_');
    await page.getByRole('link', { name: 'cart_events_1_total' }).waitFor();
  });
});
