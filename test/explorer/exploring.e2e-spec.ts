import { readFileSync } from 'node:fs';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { browserUnderTest, describeInBrowser, openSignedIn, overflowOf, seriousFindings } from '../support/browser.js';
import { heightsOf, readByKeyboard } from '../support/drawn-chart.js';
import { runExample } from '../support/examples.js';
import { ADMIN_TOKEN, createToken, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const HOSTILE =
  '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202Eevil \u05D0\u0627 Z\u0351\u036B\u0343\u0302';
const HOUR = 3_600_000;

/** The start of an hour that is some hours ago, so that every push lies in the step that a test expects. */
const hoursAgo = (hours: number) => Math.floor(Date.now() / HOUR) * HOUR - hours * HOUR;

describeInBrowser('Metrics and Explore of the explorer', () => {
  const server = serviceUnderTest({ LABEL_VALUE_MAX_LENGTH: '10000' });
  const browser = browserUnderTest();

  afterEach(() => {
    expect(browser.complaints).toEqual([]);
  });

  const open = (hash: string, options: BrowserContextOptions = {}) =>
    openSignedIn(browser, `${server.url}/explorer/${hash}`, ADMIN_TOKEN, options);

  /** Reads the large number of the first panel. */
  const bigNumber = (page: Page) => page.locator('section p span[title]').first().innerText();
  /** Reads the rows of the legend: the name, the number and its share. */
  const legend = async (page: Page) => {
    const rows = await page.getByRole('row', { name: /%/ }).allInnerTexts();
    return rows.map((row) => row.split(/\s+/).slice(0, 3).join(' '));
  };

  test('an empty page shows why a push was refused, and becomes the chart of the first one at once, without a reload', async () => {
    const page = await open('#/explore');
    await page.getByText('Nothing was pushed yet.').waitFor();
    await page.getByRole('link', { name: 'Connect an app' }).click();
    await page.getByRole('heading', { name: 'Connect an app' }).waitFor();
    await page.getByRole('link', { name: 'Metrics', exact: true }).click();
    await page.getByRole('heading', { name: 'Waiting for your first push' }).waitFor();
    await page.evaluate('globalThis.isFirstLoad = true');
    const reader = await createToken(server, { name: 'reader', scopes: ['read'] });
    expect((await push(server, [{ name: 'refused_total', value: 1 }], { Authorization: reader })).status).toBe(403);
    const refusals = page.getByRole('list', { name: 'Refused pushes' });
    await refusals.getByText('token not allowed').waitFor();
    await refusals.getByText(/expected a different token type/).waitFor();

    await page.getByRole('button', { name: 'Create a token' }).click();
    await page.getByText('The new token is in the program').waitFor();
    const code = await page.getByLabel('Program for curl').innerText();
    await page.getByRole('tab', { name: 'curl' }).focus();
    expect(await runExample({ language: 'sh', code }, {})).toContain('202');
    await page.getByText('It has arrived').waitFor();
    await page.getByRole('figure', { name: /my_orders_total: 3 added/ }).waitFor();
    expect(await page.evaluate('[globalThis.isFirstLoad, document.activeElement.id]')).toEqual([
      true,
      await page.getByRole('tab', { name: 'curl' }).getAttribute('id'),
    ]);
  });

  test('a counter shows exactly what was pushed: in its bars, its number, its table, its curl command and its CSV', async () => {
    await push(server, [
      { name: 'page_orders_total', value: 3, labels: { country: 'de' }, timestamp: hoursAgo(5) },
      { name: 'page_orders_total', value: 5, labels: { country: 'fr' }, timestamp: hoursAgo(4) },
    ]);
    const page = await open('#/explore?m0=page_orders_total&step0=1h', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const figure = page.getByRole('figure', { name: /page_orders_total: 8 added/ });
    await figure.waitFor();
    expect(await bigNumber(page)).toBe('8');
    const bars = await readByKeyboard(page, figure);
    expect(bars.map(({ numbers }) => numbers['Added per step']).filter((text) => text !== '0')).toEqual(['3', '5']);

    await page.getByRole('button', { name: 'curl' }).click();
    await page.getByText('Copied').waitFor();
    const code = await page.evaluate<string>('navigator.clipboard.readText()');
    const answer = JSON.parse(await runExample({ language: 'sh', code }, { READ_TOKEN: ADMIN_TOKEN })) as {
      series: { points: { value: number }[] }[];
    };
    expect(answer.series.flatMap(({ points }) => points).reduce((sum, { value }) => sum + value, 0)).toBe(8);

    await page.keyboard.press('t');
    const values = await page.getByLabel('All values').getByRole('cell').allInnerTexts();
    expect(values.filter((value) => value !== '0').toSorted()).toEqual(['3', '5']);
    const [download, sent] = await Promise.all([
      page.waitForEvent('download'),
      page.waitForResponse((response) => response.url().includes('format=csv')),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    const direct = await fetch(sent.url(), { headers: { Authorization: ADMIN_TOKEN } });
    expect(readFileSync(await download.path()).equals(Buffer.from(await direct.arrayBuffer()))).toBe(true);
  });

  test('a counter that is pushed once an hour has no gap, and its total is drawn in steps', async () => {
    const hours = Array.from({ length: 23 }, (_, index) => hoursAgo(23 - index));
    await push(
      server,
      hours.map((timestamp) => ({ name: 'hourly_total', value: 1, timestamp })),
    );
    const page = await open('#/explore?m0=hourly_total&step0=1h', { colorScheme: 'light' });
    const figure = page.getByRole('figure', { name: /hourly_total: 23 added/ });
    await figure.waitFor();
    const bars = (await readByKeyboard(page, figure)).map(({ numbers }) => numbers['Added per step']);
    expect(bars.slice(bars.indexOf('1'), bars.lastIndexOf('1') + 1)).toEqual(hours.map(() => '1'));
    expect(new Set(bars)).toEqual(new Set(['0', '1']));
    // The bars are as many areas in the colour of the metric, with a gap between them.
    const columns = (await heightsOf(figure)).map((height) => height !== null);
    expect(columns.filter((isDrawn, at) => isDrawn && !columns[at - 1])).toHaveLength(hours.length);

    await page.getByLabel('Number').selectOption('Total so far');
    await page.getByRole('figure', { name: /hourly_total: 23 total so far/ }).waitFor();
    const heights = await heightsOf(page.getByRole('figure'));
    const drawn = heights.slice(heights.findIndex(Number), heights.findLastIndex(Number) + 1);
    expect(drawn.filter((height) => height === null)).toEqual([]);
    // A line between the values would rise by less than a pixel from column to column, everywhere.
    const jumps = drawn.filter((height, at) => at > 0 && Math.abs(height! - drawn[at - 1]!) > 2);
    const level = drawn.filter((height, at) => at > 0 && Math.abs(height! - drawn[at - 1]!) < 0.1);
    expect(jumps.length).toBeGreaterThanOrEqual(20);
    expect(level.length).toBeGreaterThan(drawn.length / 2);
  });

  test('groups add up to the number, and the label that has changed comes first', async () => {
    const sold = (plan: string, hours: number, values: readonly number[]) =>
      ['de', 'fr', 'uk'].map((country, index) => ({
        name: 'page_sales_total',
        value: values[index],
        labels: { country, plan },
        timestamp: hoursAgo(hours),
      }));
    // Every country sells as much as on the day before, but another plan.
    await push(server, [...sold('old', 30, [14, 9, 7]), ...sold('old', 6, [1, 1, 1]), ...sold('new', 5, [13, 8, 6])]);
    const page = await open('#/explore?m0=page_sales_total&by0=country');
    await page.getByRole('row', { name: /uk/ }).waitFor();
    expect(await legend(page)).toEqual(['de 14 47%', 'fr 9 30%', 'uk 7 23%']);
    expect(await bigNumber(page)).toBe('30');
    const labels = page.locator('details section');
    await labels.nth(1).waitFor();
    expect(await labels.first().getAttribute('aria-label')).toBe('plan');
    expect(await labels.first().getByText('new', { exact: true }).count()).toBeGreaterThan(0);
    await labels.first().getByRole('button', { name: 'plan', exact: true }).click();
    await page.getByRole('row', { name: /old/ }).waitFor();
    expect(await legend(page)).toEqual(['new 27 90%', 'old 3 10%']);
    // The lines of the groups are still there when the address of a table without groups is opened.
    await page.goto(`${server.url}/explorer/#/explore?m0=page_sales_total&as0=table`);
    const columns = page.getByLabel('All values').getByRole('columnheader', { name: 'Added per step' });
    await columns.nth(1).waitFor({ state: 'detached' });
    await columns.waitFor();
  });

  test('of many label values, the largest are shown, and the others are one line', async () => {
    const users = Array.from({ length: 300 }, (_, index) => index + 1);
    await push(
      server,
      users.map((user) => ({ name: 'wide_total', value: user, labels: { user: `u${user}` }, timestamp: hoursAgo(3) })),
    );
    const page = await open('#/explore?m0=wide_total&by0=user');
    await page.getByRole('row', { name: /others \(280\)/ }).waitFor();
    const rows = await legend(page);
    expect([rows.length, rows[0]]).toEqual([21, expect.stringMatching(/^u300 300 /)]);
    await page.getByText('20 of 300 lines are shown').waitFor();
    expect(await bigNumber(page)).toBe('45,150');
  });

  test('a range without pushes offers the day of the last one', async () => {
    await push(server, [{ name: 'old_total', value: 2, timestamp: hoursAgo(80) }]);
    const page = await open('#/explore?m0=old_total');
    await page.getByText('Nothing in this range').waitFor();
  });

  test('a selection zooms all panels, and the browser goes back to the range before', async () => {
    const pushed = ['zoomed_total', 'zoomed_too_total'];
    await push(
      server,
      pushed.map((name) => ({ name, value: 1, timestamp: hoursAgo(8) })),
    );
    const page = await open('#/explore?m0=zoomed_total&m1=zoomed_too_total');
    const figures = page.locator('figure[data-loading=false]');
    await figures.nth(1).locator('canvas').waitFor();
    const asked = (metric: string, from: RegExp) =>
      page.waitForRequest((request) => {
        const { pathname, searchParams } = new URL(request.url());
        return (
          pathname.endsWith('/history/query') &&
          searchParams.get('metric') === metric &&
          from.test(searchParams.get('from') ?? '')
        );
      });
    const zoomed = [asked('zoomed_total', /^2\d{3}-/), asked('zoomed_too_total', /^2\d{3}-/)];
    const box = (await figures.first().boundingBox())!;
    await page.mouse.move(box.x + 300, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(box.x + 600, box.y + 110, { steps: 8 });
    await page.mouse.up();
    await page.waitForURL(/from=2\d{3}-.*&to=2/);
    await Promise.all(zoomed);
    await expect(page.getByLabel('Range', { exact: true }).inputValue()).resolves.toBe('other');
    const before = [asked('zoomed_total', /^-24h$/), asked('zoomed_too_total', /^-24h$/)];
    await page.goBack();
    await Promise.all(before);
    await expect(page.getByLabel('Range', { exact: true }).inputValue()).resolves.toBe('-24h');
  });

  test.each([
    ['light', 1440],
    ['dark', 390],
  ] as const)(
    'pushed texts stay texts, nothing overflows, and axe finds nothing serious: %s, %d px',
    async (colorScheme, width) => {
      await push(server, [
        {
          name: 'hostile_total',
          value: 1,
          help: HOSTILE,
          unit: HOSTILE,
          labels: { a: HOSTILE, b: 'x'.repeat(10_000) },
        },
        { name: 'hostile_total', value: 2, labels: { a: 'y', b: `${HOSTILE} `.repeat(100) } },
      ]);
      const page = await open('#/explore?m0=hostile_total&by0=a,b', { colorScheme, viewport: { width, height: 900 } });
      await page.getByRole('figure').waitFor();
      await page.getByText(HOSTILE).first().waitFor();
      expect(await page.title()).toBe('Custom metrics');
      expect(await overflowOf(page)).toBe(0);
      expect(await seriousFindings(page)).toEqual([]);
      await page.goto(`${server.url}/explorer/#/`);
      await page.getByRole('link', { name: 'hostile_total' }).waitFor();
      expect(await overflowOf(page)).toBe(0);
      expect(await seriousFindings(page)).toEqual([]);
      expect(await page.locator('img, script:not([src])').count()).toBe(0);
    },
  );
});
