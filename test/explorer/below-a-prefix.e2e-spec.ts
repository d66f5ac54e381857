import path from 'node:path';
import type { Page } from 'playwright-core';
import { browserUnderTest, describeInBrowser, signInByDialog } from '../support/browser.js';
import { type HostApp, startHost } from '../support/host-app.js';
import { startPrefixProxy } from '../support/prefix-proxy.js';
import { ADMIN_TOKEN, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';
import { createTestDatabase } from '../support/test-database.js';

const FILES = path.resolve(import.meta.dirname, '../..', process.env.DIST_DIR ?? 'dist', 'explorer');

describeInBrowser('the explorer below a prefix', () => {
  const server = serviceUnderTest();
  const browser = browserUnderTest();

  afterEach(() => {
    expect(browser.complaints).toEqual([]);
  });

  /**
   * Goes through the page: signs in, opens a chart, follows a push, downloads the CSV, and ends on Connect.
   *
   * @param base the address of the API, with a slash at its end
   */
  async function goThrough(base: string, token: string, pushMore: () => Promise<unknown>): Promise<Page> {
    const page = await (await browser.open()).newPage();
    const wrong: string[] = [];
    page.on('response', (response) => {
      if (response.status() === 404 || !response.url().startsWith(base)) wrong.push(response.url());
    });
    await page.goto(`${base}explorer/`);
    await signInByDialog(page, token);
    await page.getByRole('link', { name: 'carts_total' }).click();
    await page.getByRole('figure', { name: /carts_total: 3 added/ }).waitFor();
    await pushMore();
    await page.getByRole('figure', { name: /carts_total: 5 added/ }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.csv$/);
    await page.getByRole('link', { name: 'Connect' }).click();
    await page.getByRole('heading', { name: 'Connect an app' }).waitFor();
    // The module brings no health checks, so the page asks for them once in a host app.
    expect(wrong.filter((url) => !url.startsWith('blob:') && url !== `${base}health/ready`)).toEqual([]);
    return page;
  }

  test('that a proxy removes finds its files, its API and its stream, and shows the address of the proxy', async () => {
    await push(server, [{ name: 'carts_total', value: 3 }]);
    const proxy = await startPrefixProxy(server.url, '/a/b/');
    try {
      const page = await goThrough(proxy.url, ADMIN_TOKEN, () => push(server, [{ name: 'carts_total', value: 2 }]));
      expect(await page.getByLabel('Program for curl').innerText()).toContain(`${proxy.url}api/client/metrics/custom`);
    } finally {
      proxy.stop();
    }
  });

  test('of a host app does the same', async () => {
    const database = await createTestDatabase();
    let host: HostApp | undefined;
    try {
      host = await startHost({
        databaseUrl: database.url,
        options: { explorer: { files: FILES } },
        configure: (app) => void app.setGlobalPrefix('v2/tools'),
      });
      const pusher = await host.token('ingest');
      const pushToHost = (value: number) =>
        host!.request('POST', '/v2/tools/api/client/metrics/custom', {
          token: pusher,
          body: { metrics: [{ name: 'carts_total', value }] },
        });
      expect((await pushToHost(3)).status).toBe(202);
      const page = await goThrough(`${host.url}/v2/tools/`, await host.token('read', 'admin'), () => pushToHost(2));
      expect(await page.getByLabel('Program for curl').innerText()).toContain(
        `${host.url}/v2/tools/api/client/metrics/custom`,
      );
    } finally {
      await host?.stop();
      await database.drop();
    }
  });
});
