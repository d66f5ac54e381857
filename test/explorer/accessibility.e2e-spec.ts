import type { Page } from 'playwright-core';
import {
  browserUnderTest,
  describeInBrowser,
  overflowOf,
  seriousFindings,
  signInByDialog,
} from '../support/browser.js';
import { pushHistogram } from '../support/pushed-histogram.js';
import { ADMIN_TOKEN, createToken, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const HOUR = 3_600_000;
const CONTEXTS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1440, 390].map((width) => ({ colorScheme, width })),
);

/** A state of the page: its address, and what has to be there before it is examined. */
type State = readonly [hash: string, isShown: (page: Page) => Promise<unknown>];

const drawn = (page: Page) => page.locator('figure[data-loading=false] canvas').first().waitFor();
const PAGES: readonly State[] = [
  ['#/', (page) => page.getByRole('link', { name: 'orders_total' }).waitFor()],
  ['#/?q=nothing-has-this-name', (page) => page.getByText('No metric matches').waitFor()],
  ['#/explore', (page) => page.getByRole('heading', { name: 'Which metric?' }).waitFor()],
  ['#/explore?m0=orders_total&by0=country&cmp=1', drawn],
  ['#/explore?m0=orders_total&as0=table&f0=country=de', (page) => page.getByLabel('All values').waitFor()],
  ['#/explore?m0=queue_depth&m1=request_seconds', drawn],
  ['#/explore?m0=request_seconds&see0=p95', drawn],
  ['#/explore?m0=old_total', (page) => page.getByText('Nothing in this range').waitFor()],
  ['#/explore?m0=orders_totl', (page) => page.getByRole('alert').waitFor()],
  ['#/explore?q0=sum(orders_total', (page) => page.getByRole('alert').waitFor()],
  ['#/explore?q0=orders_total', drawn],
  ['#/connect', (page) => page.getByRole('tabpanel').waitFor()],
  ['#/health', (page) => page.getByRole('heading', { name: 'Tables' }).waitFor()],
  ['#/tokens', (page) => page.getByRole('table').waitFor()],
];

const DIALOGS: readonly [hash: string, button: RegExp, dialog: RegExp][] = [
  ['#/explore?m0=orders_total', /^Filter$/, /^Filter$/],
  ['#/explore?m0=orders_total', /^Newest pushes$/, /^Newest pushes of/],
  ['#/explore?m0=orders_total', /^Remove$/, /^Remove/],
  ['#/tokens', /^New token$/, /^New token$/],
  ['#/tokens', /^Revoke/, /^Revoke this token/],
];

describeInBrowser('every page for everybody', () => {
  const server = serviceUnderTest();
  const browser = browserUnderTest();

  afterEach(() => {
    expect(browser.complaints).toEqual([]);
  });

  async function open(
    hash: string,
    { colorScheme, width }: (typeof CONTEXTS)[number],
    token = ADMIN_TOKEN,
  ): Promise<Page> {
    const page = await (await browser.open({ colorScheme, viewport: { width, height: 844 } })).newPage();
    await page.goto(`${server.url}/explorer/${hash}`);
    await signInByDialog(page, token);
    return page;
  }

  const findingsOf = async (page: Page) => ({
    findings: await seriousFindings(page),
    overflow: await overflowOf(page),
  });
  const NOTHING = { findings: [], overflow: 0 };

  test.each(CONTEXTS)('an empty service and the sign-in dialog: $colorScheme, $width px', async (context) => {
    const page = await (
      await browser.open({ colorScheme: context.colorScheme, viewport: { width: context.width, height: 844 } })
    ).newPage();
    await page.goto(`${server.url}/explorer/`);
    await page.getByRole('dialog', { name: 'Sign in' }).waitFor();
    expect(await findingsOf(page)).toEqual(NOTHING);
    await signInByDialog(page, ADMIN_TOKEN);
    await page.getByText('Waiting for your first push').waitFor();
    expect(await findingsOf(page)).toEqual(NOTHING);
  });

  describe('with metrics', () => {
    beforeAll(async () => {
      const now = Date.now();
      await push(server, [
        ...['de', 'fr', 'uk'].map((country, index) => ({
          name: 'orders_total',
          value: index + 1,
          help: 'Orders that were paid',
          labels: { country },
          timestamp: now - HOUR,
        })),
        { name: 'queue_depth', value: 3, type: 'gauge', timestamp: now - HOUR },
        { name: 'old_total', value: 3, timestamp: now - 90 * HOUR },
      ]);
      await pushHistogram(server, 'request_seconds', {
        upTo: { 0.1: 10, 0.5: 60, 1: 97, '+Inf': 100 },
        sum: 50,
        timestamp: now - HOUR,
      });
      await push(server, [{ name: 'orders_total', value: -1 }]);
      await createToken(server, { name: 'shop', labels: { app: 'shop' } });
    });

    test.each(CONTEXTS)('all pages: $colorScheme, $width px', async (context) => {
      const page = await open('#/', context);
      for (const [hash, isShown] of PAGES) {
        await page.goto(`${server.url}/explorer/${hash}`);
        await isShown(page);
        expect({ hash, ...(await findingsOf(page)) }).toEqual({ hash, ...NOTHING });
      }
    });

    test.each(CONTEXTS)('all dialogs: $colorScheme, $width px', async (context) => {
      const page = await open('#/', context);
      for (const [hash, button, dialog] of DIALOGS) {
        await page.goto(`${server.url}/explorer/${hash}`);
        await page.getByRole('button', { name: button }).first().click();
        await page.getByRole('dialog', { name: dialog }).waitFor();
        expect({ hash, dialog, ...(await findingsOf(page)) }).toEqual({ hash, dialog, ...NOTHING });
        await page.getByRole('button', { name: 'Close', exact: true }).click();
        await page.getByRole('dialog', { name: dialog }).waitFor({ state: 'hidden' });
      }
    });

    test.each(CONTEXTS)('pages of a session that only reads: $colorScheme, $width px', async (context) => {
      const page = await open('#/tokens', context, await createToken(server, { name: 'reader', scopes: ['read'] }));
      for (const [hash, text] of [
        ['#/tokens', 'This page needs the scope admin'],
        ['#/health', 'This part needs the scope admin'],
        ['#/connect', 'Somebody with the scope admin'],
      ] as const) {
        await page.goto(`${server.url}/explorer/${hash}`);
        await page.getByText(text).first().waitFor();
        expect({ hash, ...(await findingsOf(page)) }).toEqual({ hash, ...NOTHING });
      }
    });
  });
});
