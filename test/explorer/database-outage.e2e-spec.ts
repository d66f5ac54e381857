import { browserUnderTest, describeInBrowser, signInByDialog } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, push } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { steadyPort } from '../support/steady-port.js';
import { startSwitchedProxy } from '../support/switched-proxy.js';

describeInBrowser('the explorer while Postgres cannot be reached', () => {
  const store = storeUnderTest('all');
  const browser = browserUnderTest();

  afterEach(() => {
    expect(browser.complaints).toEqual([]);
  });

  // outages.e2e-spec.ts does the same with a Postgres that is stopped, and other bad days.
  test('says so, keeps the last picture, and recovers by itself', async () => {
    const target = new URL(store.url);
    const proxy = await startSwitchedProxy(Number(target.port));
    try {
      const proxied = new URL(target);
      proxied.port = String(proxy.port);
      const server = await store.start({ DATABASE_URL: proxied.href, STORE_WAIT_MS: '500' });
      const pushOne = async () => (await push(server, [{ name: 'away_total', value: 1 }])).status;
      expect(await pushOne()).toBe(202);
      const page = await (await browser.open()).newPage();
      await page.goto(`${server.url}/explorer/#/explore?m0=away_total`);
      await signInByDialog(page, ADMIN_TOKEN);
      const chart = (sum: number) => page.getByRole('figure', { name: new RegExp(`^away_total: ${sum} added`) });
      await chart(1).waitFor();

      // Nothing listens at this port.
      proxy.switchTo(await steadyPort());
      await page.keyboard.press('r');
      const banner = page.getByText(/^Postgres has not answered the service since/);
      await banner.waitFor();
      await chart(1).waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);

      proxy.switchTo(Number(target.port));
      await banner.waitFor({ state: 'detached' });
      await eventually(async () => expect(await pushOne()).toBe(202));
      await chart(2).waitFor();
    } finally {
      await proxy.stop();
    }
  });
});
