import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import {
  browserUnderTest,
  describeInBrowser,
  overflowOf,
  seriousFindings,
  signInByDialog,
} from '../support/browser.js';
import { runExample } from '../support/examples.js';
import { ADMIN_TOKEN, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202Eevil';
const HOUR = 3_600_000;

describeInBrowser('Metrics and Explore of the explorer', () => {
  const server = serviceUnderTest();
  const browser = browserUnderTest();

  afterEach(() => {
    expect(browser.complaints).toEqual([]);
  });

  async function open(hash: string, options = {}): Promise<Page> {
    const page = await (await browser.open(options)).newPage();
    await page.goto(`${server.url}/explorer/${hash}`);
    await signInByDialog(page, ADMIN_TOKEN);
    return page;
  }

  /** Reads the large number of the first panel. */
  const bigNumber = (page: Page) => page.locator('section p span[title]').first().innerText();

  test('the program on an empty page turns it into the chart of its metric at once, without a reload', async () => {
    const page = await open('#/');
    await page.getByRole('heading', { name: 'Waiting for your first push' }).waitFor();
    await page.getByRole('button', { name: 'Create a token' }).click();
    await page.getByText('The new token is in the program').waitFor();
    const code = await page.getByLabel('Program for curl').innerText();
    await page.getByRole('tab', { name: 'curl' }).focus();
    expect(await runExample({ language: 'sh', code }, {})).toContain('202');
    await page.getByText('It has arrived').waitFor();
    await page.getByRole('figure', { name: /my_orders_total: 3 added/ }).waitFor();
    expect(await page.getByRole('tab', { name: 'curl' }).getAttribute('id')).toBe(
      await page.evaluate('document.activeElement.id'),
    );
  });

  test('a counter shows exactly what was pushed: in its number, its table, its groups and its CSV', async () => {
    const at = Date.now() - 5 * HOUR;
    await push(server, [
      { name: 'page_orders_total', value: 3, labels: { country: 'de' }, timestamp: at },
      { name: 'page_orders_total', value: 5, labels: { country: 'fr' }, timestamp: at + HOUR },
    ]);
    const page = await open('#/explore?m0=page_orders_total&by0=country&as0=table&step0=1h');
    await page.getByRole('row', { name: /fr/ }).first().waitFor();
    expect(await bigNumber(page)).toBe('8');
    const values = await page.getByLabel('All values').getByRole('cell').allInnerTexts();
    expect(values.filter((value) => value !== '0').toSorted()).toEqual(['3', '5']);
    const shares = await page.getByRole('row', { name: /%/ }).allInnerTexts();
    expect(shares.map((row) => row.split(/\s+/).slice(0, 3).join(' '))).toEqual(['fr 5 63%', 'de 3 38%']);

    const [download, answer] = await Promise.all([
      page.waitForEvent('download'),
      page.waitForResponse((response) => response.url().includes('format=csv')),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    const direct = await fetch(answer.url(), { headers: { Authorization: ADMIN_TOKEN } });
    expect(readFileSync(await download.path(), 'utf8')).toBe(await direct.text());
  });

  test('a selection zooms all panels, and the browser goes back to the range before', async () => {
    const page = await open('#/explore?m0=page_orders_total&m1=my_orders_total');
    const figures = page.getByRole('figure');
    await figures.nth(1).waitFor();
    await page.waitForTimeout(500);
    const box = (await figures.first().boundingBox())!;
    await page.mouse.move(box.x + 300, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(box.x + 600, box.y + 110, { steps: 8 });
    await page.mouse.up();
    await page.waitForURL(/from=2\d{3}-.*&to=2/);
    await expect(page.getByLabel('Range', { exact: true }).inputValue()).resolves.toBe('other');
    await page.goBack();
    await expect(page.getByLabel('Range', { exact: true }).inputValue()).resolves.toBe('-24h');
  });

  test('a chart is read, selected and zoomed by the keyboard alone', async () => {
    const page = await open('#/explore?m0=page_orders_total&step0=1h');
    const figure = page.getByRole('figure');
    await figure.waitFor();
    await figure.focus();
    for (const key of ['ArrowLeft', 'ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft']) await page.keyboard.press(key);
    await figure.getByText('3 steps selected').waitFor({ state: 'attached' });
    await page.keyboard.press('Enter');
    await page.waitForURL(/from=2\d{3}-/);
  });

  test('the 95th percentile of a histogram is that of PromQL, and PromQL is completed from the store', async () => {
    const at = Date.now() - HOUR;
    const bounds = { 0.1: 10, 0.5: 60, 1: 95, '+Inf': 100 };
    await fetch(`${server.url}/api/admin/metrics/page_seconds`, {
      method: 'PUT',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'histogram', temporality: 'delta', unit: 'seconds' }),
    });
    await push(server, [
      ...Object.entries(bounds).map(([le, value]) => ({
        name: 'page_seconds_bucket',
        value,
        labels: { le },
        timestamp: at,
      })),
      { name: 'page_seconds_count', value: 100, timestamp: at },
      { name: 'page_seconds_sum', value: 50, timestamp: at },
    ]);
    const page = await open('#/explore?m0=page_seconds');
    await page.getByRole('figure').waitFor();
    expect(await bigNumber(page)).toBe('1 s');
    await page.getByText('100 in all').waitFor();

    await page.getByRole('button', { name: 'PromQL' }).last().click();
    await page.locator('.cm-content').click();
    await page.keyboard.type('page_ord', { delay: 20 });
    await page.getByRole('option', { name: /page_orders_total/ }).waitFor();
  });

  test.each([
    ['light', 1440],
    ['dark', 390],
  ] as const)(
    'pushed texts stay texts, nothing overflows, and axe finds nothing serious: %s, %d px',
    async (colorScheme, width) => {
      await push(server, [
        { name: 'hostile_total', value: 1, help: HOSTILE, labels: { a: HOSTILE, b: 'x'.repeat(900) } },
        { name: 'hostile_total', value: 2, labels: { a: 'y', b: 'z' } },
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
    },
  );
});
