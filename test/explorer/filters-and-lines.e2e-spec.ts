import type { BrowserContextOptions, Page } from 'playwright-core';
import { expectAxesInFull } from '../support/axis-texts.js';
import { browserUnderTest, describeInBrowser, openSignedIn } from '../support/browser.js';
import { ADMIN_TOKEN, INGEST_TOKEN, type Item, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const HOUR = 3_600_000;

describeInBrowser('filters and lines of the explorer', () => {
  const server = serviceUnderTest({ NAME_VALIDATION: 'utf8' });
  const browser = browserUnderTest();

  afterEach(() => {
    expect(browser.complaints).toEqual([]);
  });

  const open = (hash: string, options: BrowserContextOptions = {}) =>
    openSignedIn(browser, `${server.url}/explorer/${hash}`, ADMIN_TOKEN, options);

  const pushAll = async (items: readonly Item[]) => {
    const timestamp = Date.now() - HOUR;
    expect(
      (
        await push(
          server,
          items.map((item) => ({ timestamp, ...item })),
        )
      ).status,
    ).toBe(202);
  };

  /** Waits until the large number of the first panel is the given one. */
  const shows = (page: Page, number: string) =>
    page.locator('section p span[title]').first().getByText(number, { exact: true }).waitFor();

  test('a value is left out of a panel, its address, its CSV and its PromQL', async () => {
    await pushAll([
      { name: 'left_out_total', value: 3, labels: { country: 'de' } },
      { name: 'left_out_total', value: 5, labels: { country: 'fr' } },
      { name: 'left_out_total', value: 9 },
    ]);
    const page = await open('#/explore?m0=left_out_total&by0=country');
    await shows(page, '17');
    await page.getByRole('row').getByRole('button', { name: 'Without de' }).click();
    await shows(page, '14');
    await page.getByText('country ≠ de', { exact: true }).waitFor();
    expect(decodeURIComponent(new URL(page.url()).hash)).toContain('f0=country!=de');
    await page.getByRole('row').getByRole('button', { name: 'Without (none)' }).click();
    await shows(page, '5');

    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().includes('format=csv')),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    const csv = await fetch(answer.url(), { headers: { Authorization: ADMIN_TOKEN } });
    expect(await csv.text()).toMatch(/,5,/);
    await page.getByRole('button', { name: 'Edit as PromQL' }).click();
    await page.waitForURL(/q1=/);
    const { hash } = new URL(page.url());
    expect(new URLSearchParams(hash.split('?')[1]).get('q1')).toContain('country!~"de|"');

    await page.getByRole('button', { name: 'Remove the filter country ≠ de' }).click();
    await shows(page, '8');
  });

  test('names and values of any characters are filtered and grouped by, also after a reload', async () => {
    const label = 'a=b,c!';
    const value = '="x",\n%2C &f0=y';
    await pushAll([
      { name: 'nasty names', type: 'counter', value: 3, labels: { [label]: value } },
      { name: 'nasty names', type: 'counter', value: 5, labels: { [label]: 'other' } },
    ]);
    const page = await open('#/');
    await page.getByRole('link', { name: 'nasty names' }).click();
    await page.getByRole('combobox', { name: 'Group by' }).selectOption({ label: `by ${label} (2)` });
    await page.getByRole('row').getByRole('button', { name: 'Only ="x"' }).click();
    await shows(page, '3');
    await page.getByRole('button', { name: `Remove the filter ${label} = ="x"` }).waitFor();
    await page.reload();
    await shows(page, '3');
    await page.getByRole('button', { name: `Remove the filter ${label} = ="x"` }).click();
    await shows(page, '8');
  });

  test('any of very many values is found by a search, and chosen or left out', async () => {
    await pushAll(
      Array.from({ length: 150 }, (_, user) => ({
        name: 'many_users_total',
        value: 1,
        labels: { user: `user-${user}` },
      })),
    );
    const page = await open('#/explore?m0=many_users_total');
    await shows(page, '150');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Filter' });
    await dialog.getByText('50 of 150 are listed. Type to find others.').waitFor();
    await dialog.getByRole('button', { name: 'Leave out a value' }).click();
    await dialog.getByRole('combobox').fill('user-149');
    await dialog.getByRole('option', { name: 'user-149' }).click();
    await shows(page, '149');

    // The breakdown lists the largest of many values, and searches the others.
    await page.getByRole('combobox', { name: 'Value of user' }).fill('er-148');
    await page.getByRole('option', { name: 'user-148' }).click();
    await shows(page, '1');
  });

  test('the largest histograms have lines of their own, and the others one together', async () => {
    const declared = await fetch(`${server.url}/api/admin/metrics/route_seconds`, {
      method: 'PUT',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'histogram', temporality: 'delta', unit: 'seconds' }),
    });
    expect(declared.status).toBe(200);
    await pushAll(
      Array.from({ length: 25 }, (_, route) =>
        ['1', '+Inf'].map((le) => ({
          name: 'route_seconds_bucket',
          value: 10 + route,
          labels: { route: `/${route}`, le },
        })),
      ).flat(),
    );
    const page = await open('#/explore?m0=route_seconds&by0=route');
    await page.getByRole('button', { name: 'others (5)' }).waitFor();
    await page.getByText('20 of 25 lines are shown.').waitFor();
    await page.getByText('550 in all').waitFor();
  });

  test('a line says where a stale marker has ended it', async () => {
    const send = async (method: 'PUT' | 'DELETE', body?: string) => {
      const headers = { Authorization: INGEST_TOKEN };
      expect((await fetch(`${server.url}/metrics/job/page`, { method, headers, body })).ok).toBe(true);
    };
    await send('PUT', 'queue_waiting 4\n');
    await send('DELETE');
    const page = await open('#/explore?m0=queue_waiting&from=-15m&as0=table');
    await page.getByRole('cell', { name: 'ended' }).first().waitFor();
    await page.getByLabel('Number').selectOption('last');
    await page.getByRole('cell', { name: 'ended' }).first().waitFor();
  });

  // axis-texts.e2e-spec.ts looks at more languages, ranges and widths.
  test('no text of an axis is cut, although dates are long in Hungarian', async () => {
    const page = await open('#/', { locale: 'hu-HU' });
    await expectAxesInFull(server, page, { days: [1, 30], widths: [390, 1440] });
  });

  test('a sentence says why there is no PromQL for a percentile of several series', async () => {
    await pushAll([
      { name: 'pool_size', value: 3, labels: { pool: 'a' } },
      { name: 'pool_size', value: 5, labels: { pool: 'b' } },
    ]);
    const page = await open('#/explore?m0=pool_size&see0=p95');
    await page.getByText('There is no equivalent PromQL.').waitFor();
    expect(await page.getByRole('button', { name: 'Edit as PromQL' }).isDisabled()).toBe(true);
    await page.getByRole('combobox', { name: 'Group by' }).selectOption('pool');
    await page.getByText('There is no equivalent PromQL.').waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: 'Edit as PromQL' }).isEnabled()).toBe(true);
  });
});
