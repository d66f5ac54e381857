import type { Page } from 'playwright-core';
import { browserUnderTest, describeInBrowser, signInByDialog } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { collectLongTasks, takeLongTasks } from '../support/page-tasks.js';
import { ADMIN_TOKEN, type Item, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const METRICS = 1_000;
const SERIES_OF_EACH = 100;
const USERS = 10_000;
const HOSTS = 20;
const POINTS = 2_000;
const STEP_MS = 15_000;
const AREAS = ['checkout', 'cart', 'auth', 'search', 'mail', 'stock', 'users', 'billing', 'video', 'chat'];

/** Maximum number of samples in one push. */
const BATCH = 10_000;

/** The limits of the specification. What was measured is printed. */
const ROWS_MS = 1_000;
const SEARCH_MS = 200;
const LARGEST_ANSWER = 200_000;
const LONGEST_TASK_MS = 200;

/**
 * Other programs may use the processors, so the best of several tries counts: a fault of the page would be in every one of them. Searches
 * are many enough for their median.
 */
const TRIES = 5;
const PATIENCE_MS = 60_000;
const WORDS = ['events_77', 'cart 4', 'chat', 'billing events 127', 'video_events_9'];

/** Notes when the first rows have been painted, when somebody has typed last, and when the rows have changed last. */
const WATCH_ROWS = `
  const rows = () => document.querySelectorAll('main ul li a');
  new MutationObserver(() => {
    if (rows().length === 0) return;
    globalThis.rowsAt ??= performance.now();
    if (globalThis.paintedAt === undefined) requestAnimationFrame(() => setTimeout(() => (globalThis.paintedAt ??= performance.now())));
    const shown = [...rows()].map((row) => row.textContent).join();
    if (shown !== globalThis.shownRows) globalThis.rowsChangedAt = performance.now();
    globalThis.shownRows = shown;
  }).observe(document, { childList: true, subtree: true, characterData: true });
  addEventListener('input', () => (globalThis.typedAt = performance.now()), true);
`;

function medianOf(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)]!;
}

describeInBrowser('the explorer with 1,000 metrics, 110,000 series and 10,000 values of a label', () => {
  const server = serviceUnderTest({ SERIES_PER_TOKEN_LIMIT: '1000000' });
  const browser = browserUnderTest();

  async function pushAll(items: readonly Item[]): Promise<void> {
    for (let at = 0; at < items.length; at += BATCH) {
      const answer = await push(server, items.slice(at, at + BATCH));
      expect([answer.status, await answer.text()]).toEqual([202, '']);
    }
  }

  beforeAll(async () => {
    const now = Date.now();
    const crowd = Array.from({ length: METRICS * SERIES_OF_EACH }, (_, index): Item => {
      const metric = Math.floor(index / SERIES_OF_EACH);
      return {
        name: `${AREAS[metric % AREAS.length]}_events_${metric}_total`,
        help: `Events of the area ${AREAS[metric % AREAS.length]}`,
        value: (index * 37) % 100,
        labels: { host: `host-${index % SERIES_OF_EACH}` },
        timestamp: now - 3_600_000 * ((metric % 20) + 1),
      };
    });
    const wide = Array.from({ length: USERS }, (_, user): Item => ({
      name: 'wide_total',
      value: user,
      labels: { user: `user-${user}` },
      timestamp: now - 3_600_000,
    }));
    const busy = Array.from({ length: HOSTS * POINTS }, (_, index): Item => ({
      name: 'busy_total',
      value: (index * 31) % 17,
      labels: { host: `host-${index % HOSTS}` },
      timestamp: now - Math.floor(index / HOSTS) * STEP_MS,
    }));
    for (const items of [crowd, wide, busy]) await pushAll(items);
  });

  afterEach(() => {
    expect(browser.complaints).toEqual([]);
  });

  async function open(hash: string): Promise<Page> {
    const context = await browser.open({ viewport: { width: 1440, height: 900 } });
    context.setDefaultTimeout(PATIENCE_MS);
    await collectLongTasks(context);
    await context.addInitScript(WATCH_ROWS);
    const page = await context.newPage();
    await page.goto(`${server.url}/explorer/${hash}`);
    await signInByDialog(page, ADMIN_TOKEN);
    return page;
  }

  /** Waits for an expression. Playwright's own way of waiting for one is against the security policy of the page. */
  const until = (page: Page, expression: string) =>
    eventually(async () => expect(await page.evaluate(expression)).toBe(true), {
      intervalMs: 10,
      limitMs: PATIENCE_MS,
    });
  const readTime = (page: Page, name: string) => page.evaluate<number>(`globalThis.${name}`);

  test('shows rows within a second and finds metrics within 200 ms, by answers of at most 200 KB', async () => {
    const page = await open('#/');
    const answers: [size: number, address: string][] = [];
    page.on('response', (response) => {
      const address = new URL(response.url()).pathname;
      if (!address.includes('/api/') || address.endsWith('/live')) return;
      void response.body().then(
        ({ length }) => answers.push([length, address]),
        () => undefined,
      );
    });
    const row = page.getByRole('main').locator('ul li a');
    await row.nth(49).waitFor();
    const painted: number[] = [];
    for (let reload = 0; reload < TRIES; reload++) {
      await page.reload();
      await until(page, 'globalThis.paintedAt !== undefined');
      painted.push(await readTime(page, 'paintedAt'));
    }
    const searches: number[] = [];
    for (const word of WORDS) {
      await page.getByLabel('Search metrics').fill('');
      await row.nth(49).waitFor();
      await page.getByLabel('Search metrics').pressSequentially(word);
      const matches = `shownRows !== undefined && [...document.querySelectorAll('main ul li a')].every(({ textContent }) =>
        ${JSON.stringify(word.split(' '))}.every((part) => textContent.includes(part)))`;
      await until(page, matches);
      searches.push((await readTime(page, 'rowsChangedAt')) - (await readTime(page, 'typedAt')));
    }
    const [largest, address] = answers.toSorted(([one], [other]) => other - one)[0]!;
    console.log(
      `rows painted after ${painted.map(Math.round).join(', ')} ms; search ${searches.map(Math.round).join(', ')} ms; ` +
        `largest of ${answers.length} answers: ${largest} bytes of ${address}`,
    );
    expect(Math.min(...painted)).toBeLessThan(ROWS_MS);
    expect(medianOf(searches)).toBeLessThan(SEARCH_MS);
    expect(largest).toBeLessThan(LARGEST_ANSWER);
  });

  test('shows 20 of 10,000 label values and the others as one line, without a task of more than 200 ms', async () => {
    const page = await open('#/explore?m0=wide_total&by0=user');
    const longest: number[] = [];
    for (let tries = 0; tries < TRIES && Math.min(...longest) >= LONGEST_TASK_MS; tries++) {
      await page.reload();
      await page.getByRole('row', { name: /others \(9,980\)/ }).waitFor();
      await page.getByText('20 of 10,000 lines are shown').waitFor();
      expect(await page.getByRole('row', { name: /^user-\d+ / }).count()).toBe(20);
      await page.getByText('too many to compare; these are the largest').waitFor();
      await page.getByLabel('View').selectOption('Lines');
      await page.locator('figure[data-loading=false] canvas').waitFor();
      longest.push(Math.max(0, ...(await takeLongTasks(page))));
    }
    console.log(`longest tasks: ${longest.join(', ')} ms`);
    expect(Math.min(...longest)).toBeLessThan(LONGEST_TASK_MS);
  });

  test('follows the pointer and scrolls without a task of more than 50 ms, with 20 lines of 2,000 points', async () => {
    const page = await open(`#/explore?m0=busy_total&by0=host&see0=rate&step0=15s&from=-${POINTS * 15}s&live=0`);
    const figure = page.locator('figure[data-loading=false]');
    await figure.locator('canvas').waitFor();
    await page
      .getByText(/No label has more than one value|score/)
      .first()
      .waitFor();
    console.log(
      `tasks of more than 50 ms while the page is drawn: ${(await takeLongTasks(page)).join(', ') || 'none'}`,
    );
    const plot = (await figure.locator('.u-over').boundingBox())!;
    const follow = async () => {
      for (let at = 0; at < 100; at++) {
        await page.mouse.move(plot.x + (plot.width * (at + 0.5)) / 100, plot.y + plot.height * (0.2 + (at % 7) * 0.1));
      }
      await figure.locator('[aria-hidden=true]').getByText('and 12 more').waitFor();
    };
    const scroll = async () => {
      for (let turn = 0; turn < 30; turn++) await page.mouse.wheel(0, turn < 15 ? 120 : -120);
    };
    for (const [name, act] of Object.entries({ follow, scroll })) {
      const tries: number[][] = [];
      do {
        await act();
        tries.push(await takeLongTasks(page));
      } while (tries.at(-1)!.length > 0 && tries.length < TRIES);
      console.log(
        `${name}: tasks of more than 50 ms in each try: ${tries.map((tasks) => tasks.join('+') || 'none').join(', ')}`,
      );
      expect(tries.at(-1)).toEqual([]);
    }
  });
});
