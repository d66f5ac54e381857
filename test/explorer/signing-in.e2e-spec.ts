import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { browserUnderTest, describeInBrowser, signInByDialog } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, createToken, getJson, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';
import { readingStatus } from '../support/sessions.js';

const CLI = path.resolve(import.meta.dirname, '../..', process.env.DIST_DIR ?? 'dist', 'server/cli.js');

describeInBrowser('signing in to the explorer', () => {
  const server = serviceUnderTest();
  const browser = browserUnderTest();
  const addressOf = (hash: string) => `${server.url}/explorer/${hash}`;
  const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Sign in' });
  const metricOf = (page: Page) => page.getByText('carts_total').first();

  beforeAll(async () => {
    await push(server, [{ name: 'carts_total', value: 3 }]);
  });

  afterEach(() => {
    expect(browser.complaints).toEqual([]);
  });

  /** Returns what the page keeps: the secret of its session, if there is one. */
  const storedIn = (page: Page) =>
    page.evaluate(
      () => Object.values((globalThis as unknown as { sessionStorage: object }).sessionStorage) as string[],
    );

  async function makeLink(): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'tokens', 'link', '--url', server.url], {
      env: { PATH: process.env.PATH, DATABASE_URL: server.databaseUrl },
    });
    return /http\S+#\/signin\/\S+/.exec(stdout)![0];
  }

  test('a link signs in once, and leaves the address and the history before it is used', async () => {
    const link = await makeLink();
    const context = await browser.open();
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    let addressAtSignIn = '';
    await page.route('**/api/explorer/session', async (route) => {
      addressAtSignIn ||= page.url();
      await route.continue();
    });
    await page.goto(link);
    await metricOf(page).waitFor();
    expect(addressAtSignIn).toBe(addressOf('#/'));
    expect(page.url()).toBe(addressOf('#/'));
    const secret = link.split('/').at(-1)!;
    expect(asked.filter((url) => url.includes(secret))).toEqual([]);
    expect(await storedIn(page)).toEqual([expect.stringMatching(/^cms_/)]);

    const second = await (await browser.open()).newPage();
    await second.goto(link);
    await dialogOf(second).getByText('This link has already been used').waitFor();
    expect(second.url()).toBe(addressOf('#/'));
  });

  test('a link works in a tab that already shows the page', async () => {
    const page = await (await browser.open()).newPage();
    await page.goto(addressOf('#/health'));
    await dialogOf(page).waitFor();
    await page.goto(await makeLink());
    await metricOf(page).waitFor();
    expect(page.url()).toBe(addressOf('#/'));
  });

  test('a token is exchanged for a session, and kept nowhere', async () => {
    const context = await browser.open();
    const page = await context.newPage();
    await page.goto(addressOf('#/'));
    await signInByDialog(page, ADMIN_TOKEN);
    await metricOf(page).waitFor();
    const kept = JSON.stringify([await storedIn(page), await context.storageState({ indexedDB: true })]);
    expect(kept).not.toContain(ADMIN_TOKEN);
    await page.reload();
    await metricOf(page).waitFor();
  });

  test('a wrong token, and one that may not read, are refused with a reason', async () => {
    const page = await (await browser.open()).newPage();
    await page.goto(addressOf('#/'));
    for (const [token, reason] of [
      ['cmk_wrong', /valid token/],
      [await createToken(server), /needs a token with the scope read or admin/],
    ] as const) {
      await page.getByLabel('Token with the scope').fill(token);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await dialogOf(page).getByRole('alert').filter({ hasText: reason }).waitFor();
    }
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    // A browser may close any dialog by a second Escape. The page then opens it again.
    await dialogOf(page).waitFor();
  });

  test('a new tab shows its link without asking, until all tabs are closed', async () => {
    const context = await browser.open();
    const first = await context.newPage();
    await first.goto(addressOf('#/'));
    await signInByDialog(first, ADMIN_TOKEN);
    const second = await context.newPage();
    await second.goto(addressOf('#/explore?m0=carts_total'));
    await metricOf(second).waitFor();
    expect(await dialogOf(second).isVisible()).toBe(false);
    expect(second.url()).toBe(addressOf('#/explore?m0=carts_total'));
    await first.close();
    await second.close();
    const third = await context.newPage();
    await third.goto(addressOf('#/'));
    await dialogOf(third).waitFor();
  });

  test('signing out ends the session on the server and in all tabs, and signing in returns to all', async () => {
    const context = await browser.open();
    const first = await context.newPage();
    await first.goto(addressOf('#/'));
    await signInByDialog(first, ADMIN_TOKEN);
    await metricOf(first).waitFor();
    const second = await context.newPage();
    await second.goto(addressOf('#/health'));
    await second.getByRole('heading', { name: 'Health' }).waitFor();
    const [secret] = await storedIn(first);
    await first.getByRole('button', { name: 'Sign out' }).click();
    await dialogOf(second).getByText('You signed out in another tab.').waitFor();
    await eventually(async () => expect(await readingStatus(server, secret!)).toBe(401));
    expect([await storedIn(first), await storedIn(second)]).toEqual([[], []]);

    await signInByDialog(first, ADMIN_TOKEN);
    await dialogOf(second).waitFor({ state: 'hidden' });
    expect(second.url()).toBe(addressOf('#/health'));
  });

  test('a session that ends opens the dialog, and the page stays as it is', async () => {
    const token = await createToken(server, { name: 'guest', scopes: ['read'] });
    const page = await (await browser.open()).newPage();
    const address = addressOf('#/explore?from=-1h&m0=carts_total');
    await page.goto(address);
    await signInByDialog(page, token);
    await metricOf(page).waitFor();
    const guests = await getJson<{ id: number; name: string }[]>(server, '/api/admin/tokens');
    const { id } = guests.find(({ name }) => name === 'guest')!;
    await fetch(`${server.url}/api/admin/tokens/${id}`, { method: 'DELETE', headers: { Authorization: ADMIN_TOKEN } });
    await push(server, [{ name: 'carts_total', value: 1 }]);
    await dialogOf(page).getByText('Your session has ended').waitFor();
    expect(page.url()).toBe(address);
    expect(await metricOf(page).count()).toBe(1);
    await signInByDialog(page, ADMIN_TOKEN);
    expect(page.url()).toBe(address);
  });
});
